//! `secrets`: listed, shown and deleted. A value is in an answer where it was asked for, and where role, disclosure and
//! validity allow it; else it is left out, whichever of them it was.

use super::views;
use crate::http::{
    answer,
    extract::{ByRole, Home, Ids, MaybeBody, Window, parse_id},
    problem::Answer,
};
use subrosa_api::truefoundry::{
    page::{Data, Listed, Pagination},
    reference,
    secrets::{ListSecrets, Secret, SecretVersion},
};
use subrosa_app::groups::SecretQuery;
use subrosa_domain::{
    SecretId,
    policy::{ReadSecrets, WriteSecrets},
};

/// The secrets the caller may see.
#[utoipa::path(post, path = "/api/svc/v1/secrets", tag = "truefoundry secrets",
    security(("bearer" = ["secrets:read"])), extensions(("x-role" = json!("viewer"))),
    request_body = Option<ListSecrets>, responses((status = 200, body = Listed<Secret>)))]
pub(crate) async fn group_secrets_list(
    ByRole(who): ByRole<ReadSecrets>,
    MaybeBody(body): MaybeBody<ListSecrets>,
) -> Answer {
    let tenant = who.tenant().await?;
    let Window { limit, offset } = Window::new(body.limit, body.offset)?;
    let named = |fqns: Vec<String>| {
        fqns.iter().filter_map(|fqn| reference::parse_secret(tenant.slug.as_str(), fqn)).collect()
    };
    let query = SecretQuery {
        group: body.secret_group_id.as_deref().map(parse_id).transpose()?,
        named: body.secret_fqns.map(named),
        with_value: body.with_value.unwrap_or(false),
        offset,
        limit,
    };
    let found = who.app.list_values(&who.op, &who.permit, &query).await.map_err(who.refusal())?;
    let pagination = Pagination { total: found.total, offset, limit };
    let data: Vec<Secret> = found.items.into_iter().map(views::secret).collect();
    answer::value(&who.exchange, &Listed { data, pagination })
}

/// One secret.
#[utoipa::path(get, path = "/api/svc/v1/secrets/{secret}", tag = "truefoundry secrets",
    security(("bearer" = ["secrets:read"])), extensions(("x-role" = json!("viewer"))),
    responses((status = 200, body = Data<Secret>)))]
pub(crate) async fn group_secrets_get(
    ByRole(who): ByRole<ReadSecrets>,
    Ids(secret): Ids<String>,
) -> Answer {
    show(&who, parse_id(&secret)?).await
}

/// The same for a request that was read already.
pub(crate) async fn show(who: &Home<ReadSecrets>, id: SecretId) -> Answer {
    let shown = who.app.show_value(&who.op, &who.permit, id).await.map_err(who.refusal())?;
    answer::value(&who.exchange, &Data { data: views::secret(shown) })
}

/// Deletes a secret with its versions. Answers how many secrets that were.
#[utoipa::path(delete, path = "/api/svc/v1/secrets/{secret}", tag = "truefoundry secrets",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("editor"))),
    params(("forceDelete" = Option<bool>, Query,
        description = "Accepted; the store of values is this server's own, and never in the way.")),
    responses((status = 200, body = u32)))]
pub(crate) async fn group_secrets_delete(
    ByRole(who): ByRole<WriteSecrets>,
    Ids(secret): Ids<String>,
) -> Answer {
    let id = parse_id(&secret)?;
    who.app.delete_secret(&who.op, &who.permit, id).await.map_err(who.refusal())?;
    answer::json(&1)
}

/// A secret's versions, newest first, without values.
#[utoipa::path(get, path = "/api/svc/v1/secrets/{secret}/versions", tag = "truefoundry secrets",
    security(("bearer" = ["secrets:read"])), extensions(("x-role" = json!("viewer"))),
    responses((status = 200, body = Listed<SecretVersion>)))]
pub(crate) async fn group_secret_versions(
    ByRole(who): ByRole<ReadSecrets>,
    Ids(secret): Ids<String>,
    window: Window,
) -> Answer {
    let id = parse_id(&secret)?;
    let Window { limit, offset } = window;
    let listed = who.app.list_versions(&who.permit, id, offset, limit).await;
    let (shown, versions, total) = listed.map_err(who.refusal())?;
    let key = shown.secret.key.as_str();
    let fqn = reference::secret(shown.tenant.as_str(), &shown.group, key);
    let data = versions.iter().map(|one| SecretVersion::new(one, &fqn)).collect();
    answer::json(&Listed { data, pagination: Pagination { total, offset, limit } })
}
