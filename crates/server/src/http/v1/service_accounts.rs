//! `serviceAccounts`: principals that are machines.

use super::{
    audit::{event_cursor, page_of},
    expand, tokens,
    views::{account_event, account_event_actions, activities},
};
use crate::http::{
    answer,
    extract::{Admitted, Ids, MaybeBody, Paging, Query, parse_id},
    problem::Answer,
};
use subrosa_api::v1::{
    Page,
    service_accounts::{
        CreateServiceAccount as CreateBody, ServiceAccount, ServiceAccountAuditEvent,
        ServiceAccountCreated,
    },
    tokens::{Activity, TokenGenerated},
};
use subrosa_app::{service_accounts::CreateServiceAccount, tokens::Expiry};
use subrosa_domain::{
    self as domain, PrincipalId, ScopeSet,
    policy::{ReadTokens, WriteTokens},
};

/// The tenant's service accounts, newest first, revoked ones included.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/serviceAccounts", tag = "service accounts",
    security(("bearer" = ["keys:read"])), responses((status = 200, body = Page<ServiceAccount>)))]
pub(crate) async fn service_accounts_list(who: Admitted<ReadTokens>, paging: Paging) -> Answer {
    let page = paging.part(id_cursor)?;
    let found = who.app.list_service_accounts(&who.permit, page).await.map_err(who.refusal())?;
    let cursor = |account: &domain::Principal| account.id.as_bytes().to_vec();
    answer::json(&answer::paged::<_, ServiceAccount>(&found, cursor))
}

/// Makes a service account with its first key, which is in this answer and in no other.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/serviceAccounts", tag = "service accounts",
    security(("bearer" = ["keys:write"])), request_body = Option<CreateBody>,
    responses((status = 201, body = ServiceAccountCreated)))]
pub(crate) async fn service_accounts_create(
    who: Admitted<WriteTokens>,
    MaybeBody(body): MaybeBody<CreateBody>,
) -> Answer {
    let scopes = expand::scopes(body.scopes.as_deref(), body.preset.as_deref())?;
    let new = CreateServiceAccount {
        name: body.name,
        description: body.description,
        scopes: scopes.unwrap_or(ScopeSet::NONE),
        expiry: body.key_expiration_days.map_or(Expiry::Unsaid, |days| Expiry::Days(days.into())),
    };
    let made = who.app.create_service_account(&who.op, &who.permit, new).await;
    let made = made.map_err(who.refusal())?;
    who.exchange.carry_value();
    let location = who.location(format_args!("serviceAccounts/{}", made.account.id));
    let service_account = ServiceAccount::from(&made.account);
    let body = ServiceAccountCreated { service_account, key: tokens::shown(made.key) };
    answer::created(&location, &body)
}

/// Gives a service account a new key and revokes its others.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/serviceAccounts/{account}/~rotate",
    tag = "service accounts",
    security(("bearer" = ["keys:write"])), params(("expirationDays" = Option<i32>, Query)),
    responses((status = 200, body = TokenGenerated)))]
pub(crate) async fn service_accounts_rotate(
    who: Admitted<WriteTokens>,
    Ids((_, account)): Ids<(String, String)>,
    query: Query,
) -> Answer {
    let account = parse_id(&account)?;
    let days = query.parsed::<i32>("expirationDays", "must be a whole number of days")?;
    let expiry = days.map_or(Expiry::Unsaid, |days| Expiry::Days(days.into()));
    let rotated = who.app.rotate_service_account(&who.op, &who.permit, account, expiry).await;
    answer::value(&who.exchange, &tokens::shown(rotated.map_err(who.refusal())?.key))
}

/// Ends a service account and every key of it.
#[utoipa::path(delete, path = "/v1/tenants/{tenant}/serviceAccounts/{account}",
    tag = "service accounts", security(("bearer" = ["keys:write"])), responses((status = 204)))]
pub(crate) async fn service_accounts_delete(
    who: Admitted<WriteTokens>,
    Ids((_, account)): Ids<(String, String)>,
) -> Answer {
    let account = parse_id(&account)?;
    who.app.revoke_service_account(&who.op, &who.permit, account).await.map_err(who.refusal())?;
    answer::no_content()
}

/// What happened to a service account, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/serviceAccounts/{account}/auditEvents",
    tag = "service accounts", security(("bearer" = ["keys:read"])),
    responses((status = 200, body = Page<ServiceAccountAuditEvent>)))]
pub(crate) async fn service_accounts_audit_events(
    who: Admitted<ReadTokens>,
    Ids((_, account)): Ids<(String, String)>,
    paging: Paging,
) -> Answer {
    let (account, page) = (parse_id::<PrincipalId>(&account)?, paging.part(event_cursor)?);
    let actions = account_event_actions();
    let found = who.app.service_account_events(&who.op, &who.permit, account, actions, page).await;
    let events = found.map_err(who.refusal())?;
    let items = events.items.iter().filter_map(|(_, event)| account_event(account, event));
    answer::json(&page_of(items.collect(), &events))
}

/// What a service account's keys were used for lately, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/serviceAccounts/{account}/activity",
    tag = "service accounts",
    security(("bearer" = ["keys:read"])), params(("search" = Option<String>, Query)),
    responses((status = 200, body = Page<Activity>)))]
pub(crate) async fn service_accounts_activity(
    who: Admitted<ReadTokens>,
    Ids((_, account)): Ids<(String, String)>,
    query: Query,
    paging: Paging,
) -> Answer {
    let (account, page) = (parse_id(&account)?, paging.part(tokens::request_cursor)?);
    let search = query.text("search")?;
    let found = who.app.service_account_activity(&who.op, &who.permit, account, page).await;
    let (keys, found) = found.map_err(who.refusal())?;
    let prefix = |one: &domain::Activity| {
        let key = keys.iter().find(|key| key.id == one.token_id);
        key.map_or(String::new(), |key| key.key_prefix.to_string())
    };
    answer::json(&activities(&found, prefix, search))
}

fn id_cursor(bytes: &[u8]) -> Option<PrincipalId> {
    bytes.try_into().ok().map(PrincipalId::from_bytes)
}
