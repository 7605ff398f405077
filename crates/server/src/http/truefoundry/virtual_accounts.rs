//! `virtual-accounts`: machines that act by roles, and their tokens.

use super::{parse, views};
use crate::http::{
    answer,
    extract::{AtHome, Body, Ids, Query, Window, parse_id},
    problem::{Answer, Refusal},
};
use std::time::Duration;
use subrosa_api::truefoundry::{
    page::{Data, Done, Listed, Pagination},
    personal_tokens::TokenShown,
    reference,
    virtual_accounts::{
        AccountManifest, AccountPut, Exists, PutAccount, Regenerate, SecretStoreConfig, SyncInfo,
        Synced, VirtualAccount,
    },
};
use subrosa_app::{
    AppError,
    virtual_accounts::{AccountManifest as Manifest, AccountQuery},
};
use subrosa_domain::{
    GroupName, KeyName, Tenant,
    policy::{ReadTokens, WriteTokens},
};

/// The tenant's virtual accounts.
#[utoipa::path(get, path = "/api/svc/v1/virtual-accounts", tag = "truefoundry virtual accounts",
    security(("bearer" = ["keys:read"])),
    params(("nameSearchQuery" = Option<String>, Query), ("isExpired" = Option<bool>, Query),
        ("ownedByTeams" = Option<String>, Query, description = "There are no teams: with one, nothing is found."),
        ("filter" = Option<String>, Query, description = "Accepted and not looked at.")),
    responses((status = 200, body = Listed<VirtualAccount>)))]
pub(crate) async fn virtual_accounts_list(
    AtHome(who): AtHome<ReadTokens>,
    query: Query,
    window: Window,
) -> Answer {
    let Window { limit, offset } = window;
    let expired = query.parsed("isExpired", "must be true or false")?;
    if query.has("ownedByTeams") {
        let pagination = Pagination { total: 0, offset, limit };
        return answer::json(&Listed::<VirtualAccount> { data: Vec::new(), pagination });
    }
    let accounts = AccountQuery {
        search: query.text("nameSearchQuery")?.map(str::to_owned),
        expired,
        offset,
        limit,
    };
    let found = who.app.list_virtual_accounts(&who.op, &who.permit, &accounts).await;
    let found = found.map_err(who.refusal())?;
    let data = found.items.iter().map(|view| views::account(view, who.op.now())).collect();
    answer::json(&Listed { data, pagination: Pagination { total: found.total, offset, limit } })
}

/// Makes a virtual account, or changes the one of that name. The token of a new one is in this answer.
#[utoipa::path(put, path = "/api/svc/v1/virtual-accounts", tag = "truefoundry virtual accounts",
    security(("bearer" = ["keys:write"])),
    request_body = PutAccount, responses((status = 200, body = AccountPut)))]
pub(crate) async fn virtual_accounts_put(
    AtHome(who): AtHome<WriteTokens>,
    Body(body): Body<PutAccount>,
) -> Answer {
    let tenant = who.tenant().await?;
    let manifest = manifest(&body.manifest, &tenant)?;
    let dry_run = body.dry_run.unwrap_or(false);
    let put = who.app.put_virtual_account(&who.op, &who.permit, &manifest, dry_run).await;
    let put = put.map_err(who.refusal())?;
    let data = views::account(&put.view, who.op.now());
    answer::value(&who.exchange, &AccountPut { data, token: put.token.map(Into::into) })
}

/// Whether there is a virtual account of this name.
#[utoipa::path(get, path = "/api/svc/v1/virtual-accounts/exists", tag = "truefoundry virtual accounts",
    security(("bearer" = ["keys:read"])), params(("name" = Option<String>, Query)),
    responses((status = 200, body = Exists)))]
pub(crate) async fn virtual_accounts_exists(
    AtHome(who): AtHome<ReadTokens>,
    query: Query,
) -> Answer {
    let name = query.text("name")?.unwrap_or_default();
    let exists = who.app.virtual_account_exists(&who.permit, name).await;
    answer::json(&Exists { exists: exists.map_err(who.refusal())? })
}

/// One virtual account.
#[utoipa::path(get, path = "/api/svc/v1/virtual-accounts/{account}", tag = "truefoundry virtual accounts",
    security(("bearer" = ["keys:read"])), responses((status = 200, body = Data<VirtualAccount>)))]
pub(crate) async fn virtual_accounts_get(
    AtHome(who): AtHome<ReadTokens>,
    Ids(account): Ids<String>,
) -> Answer {
    let id = parse_id(&account)?;
    let view = who.app.show_virtual_account(&who.op, &who.permit, id).await;
    let view = view.map_err(who.refusal())?;
    answer::json(&Data { data: views::account(&view, who.op.now()) })
}

/// Deletes a virtual account with its tokens and roles.
#[utoipa::path(delete, path = "/api/svc/v1/virtual-accounts/{account}", tag = "truefoundry virtual accounts",
    security(("bearer" = ["keys:write"])), responses((status = 200, body = Done)))]
pub(crate) async fn virtual_accounts_delete(
    AtHome(who): AtHome<WriteTokens>,
    Ids(account): Ids<String>,
) -> Answer {
    let id = parse_id(&account)?;
    let deleted = who.app.delete_virtual_account(&who.op, &who.permit, id).await;
    deleted.map_err(who.refusal())?;
    answer::json(&Done {})
}

/// The account's token as it is now, made again. It takes every role the account has.
#[utoipa::path(get, path = "/api/svc/v1/virtual-accounts/{account}/token", tag = "truefoundry virtual accounts",
    security(("bearer" = ["keys:write"])), responses((status = 200, body = TokenShown)))]
pub(crate) async fn virtual_accounts_token(
    AtHome(who): AtHome<WriteTokens>,
    Ids(account): Ids<String>,
) -> Answer {
    let id = parse_id(&account)?;
    let again = who.app.account_token_again(&who.op, &who.permit, id).await;
    let (_, token) = again.map_err(who.refusal())?;
    answer::value(&who.exchange, &TokenShown { token: token.into() })
}

/// A new token for the account; the one there is goes on for a while.
#[utoipa::path(post, path = "/api/svc/v1/virtual-accounts/{account}/regenerate-token",
    tag = "truefoundry virtual accounts", security(("bearer" = ["keys:write"])),
    request_body = Regenerate, responses((status = 200, body = TokenShown)))]
pub(crate) async fn virtual_accounts_regenerate(
    AtHome(who): AtHome<WriteTokens>,
    Ids(account): Ids<String>,
    Body(body): Body<Regenerate>,
) -> Answer {
    let id = parse_id(&account)?;
    let seconds = body.grace_period_in_minutes * 60.0;
    let grace = Duration::try_from_secs_f64(seconds).map_err(|_| {
        AppError::invalid("/gracePeriodInMinutes", "must be minutes, from 0 to a year's")
    })?;
    let view = who.app.show_account_to_keep(&who.op, &who.permit, id).await;
    let view = views::account(&view.map_err(who.refusal())?, who.op.now());
    let given = view.manifest.and_then(|manifest| manifest.expiration_date);
    let ends = given.map(|end| parse::end(&end, "/manifest/expiration_date")).transpose()?;
    let made = who.app.regenerate_account_token(&who.op, &who.permit, id, grace, ends).await;
    let token = made.map_err(who.refusal())?.into();
    answer::value(&who.exchange, &TokenShown { token })
}

/// Keeps the account's token in the secret that its manifest names.
#[utoipa::path(post, path = "/api/svc/v1/virtual-accounts/{account}/sync-to-secret-store",
    tag = "truefoundry virtual accounts", security(("bearer" = ["keys:write"])),
    params(("force" = Option<bool>, Query, description = "Accepted; keeping an equal token changes nothing.")),
    responses((status = 200, body = Synced)))]
pub(crate) async fn virtual_accounts_sync(
    AtHome(who): AtHome<WriteTokens>,
    Ids(account): Ids<String>,
) -> Answer {
    let id = parse_id(&account)?;
    let tenant = who.tenant().await?;
    let view = who.app.show_account_to_keep(&who.op, &who.permit, id).await;
    let view = views::account(&view.map_err(who.refusal())?, who.op.now());
    let config = view.manifest.and_then(|manifest| manifest.secret_store_config);
    let place = config.map(|config| place(&config, &tenant)).transpose()?;
    let (group, key) = place.ok_or_else(|| {
        AppError::invalid("/manifest/secret_store_config", "must say where the token is kept")
    })?;
    let kept = who.app.keep_account_token(&who.op, &who.permit, id, &group, key).await;
    let (token, since) = kept.map_err(who.refusal())?;
    let info = SyncInfo { updated_at: since.into(), jwt_id: token.to_string() };
    answer::json(&Synced { sync_token_in_secret_store_info: info })
}

/// Takes one token of an account back.
#[utoipa::path(delete, path = "/api/svc/v1/virtual-accounts/{account}/jwt/{jwt}",
    tag = "truefoundry virtual accounts", security(("bearer" = ["keys:write"])),
    responses((status = 204)))]
pub(crate) async fn virtual_accounts_delete_jwt(
    AtHome(who): AtHome<WriteTokens>,
    Ids((account, jwt)): Ids<(String, String)>,
) -> Answer {
    let (account, jwt) = (parse_id(&account)?, parse_id(&jwt)?);
    let deleted = who.app.revoke_account_token(&who.op, &who.permit, account, jwt).await;
    deleted.map_err(who.refusal())?;
    answer::no_content()
}

/// A manifest in our own terms.
pub(super) fn manifest(body: &AccountManifest, tenant: &Tenant) -> Result<Manifest, Refusal> {
    let refuse = |place, message| Err(AppError::invalid(place, message).into());
    if body.kind != AccountManifest::TYPE {
        return refuse("/manifest/type", "must be virtual-account");
    }
    if body.token_type.as_deref().is_some_and(|kind| kind != "jwt") {
        return refuse("/manifest/token_type", "must be jwt");
    }
    if body.identity_provider_mapping.is_some() {
        let message = "must be left out: issuers are configured by whoever runs the server";
        return refuse("/manifest/identity_provider_mapping", message);
    }
    if body.auto_rotate.is_some() {
        let message = "must be left out: tokens are replaced by regenerate-token";
        return refuse("/manifest/auto_rotate", message);
    }
    if body.notification_target.is_some() {
        let message = "must be left out: nobody is notified";
        return refuse("/manifest/notification_target", message);
    }
    if let Some(config) = &body.secret_store_config {
        place(config, tenant)?;
    }
    let permission = |one: &subrosa_api::truefoundry::virtual_accounts::Permission| {
        let place = "/manifest/permissions";
        let group = parse::resource(&one.resource_type, &one.resource_fqn, tenant, place)?;
        Ok::<_, Refusal>((group, parse::role(&one.role_id, place)?))
    };
    let roles = body.permissions.as_ref();
    let roles = roles.map(|all| all.iter().map(permission).collect::<Result<Vec<_>, _>>());
    let end = body.expiration_date.as_deref();
    Ok(Manifest {
        name: body.name.clone(),
        roles: roles.transpose()?,
        expires_at: end.map(|end| parse::end(end, "/manifest/expiration_date")).transpose()?,
        text: serde_json::to_string(body)
            .map_err(|_| AppError::Internal("a manifest cannot be written"))?,
    })
}

/// The secret a token is kept in.
fn place(config: &SecretStoreConfig, tenant: &Tenant) -> Result<(GroupName, KeyName), Refusal> {
    let group = config.secret_group.as_deref();
    let group = group.and_then(|text| reference::parse_group(tenant.slug.as_str(), text));
    let key = config.key.as_deref().and_then(|key| key.parse().ok());
    match (config.kind.as_str(), group, key) {
        ("tfy-secrets", Some(group), Some(key)) => Ok((group, key)),
        _ => {
            let message = "must be tfy-secrets with a secret_group and a key";
            Err(AppError::invalid("/manifest/secret_store_config", message).into())
        }
    }
}
