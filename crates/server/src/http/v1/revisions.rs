//! `revisions`, and the two verbs that move a secret's live pointer: `:publish` and `:rollback`.

use super::secrets::not_one_value;
use crate::http::{
    answer,
    extract::{Admitted, Body, Ids, Paging, parse_id},
    problem::Answer,
};
use subrosa_api::{
    secret_value::one_value,
    v1::revisions::{Publish, Revision, Rollback},
};
use subrosa_app::secrets::PublishSecret;
use subrosa_domain::{
    self as domain,
    policy::{ReadSecrets, WriteSecrets},
};
use subrosa_plant::planted;

/// Publishes a new value as the next revision.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/secrets/{secret}/~publish", tag = "secrets",
    security(("bearer" = ["secrets:write"])), request_body = Publish,
    responses((status = 200, body = Revision)))]
pub(crate) async fn secrets_publish(
    who: Admitted<WriteSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    Body(body): Body<Publish>,
) -> Answer {
    let secret = parse_id(&secret)?;
    let mut note = body.note;
    if planted!("plaintext-column") {
        note = serde_json::to_string(&body.value).ok();
    }
    let value = one_value(body.value, body.value_base64).map_err(not_one_value)?;
    let new = PublishSecret { value, note };
    let published = who.app.publish_secret(&who.op, &who.permit, secret, new).await;
    answer::json(&Revision::from(&published.map_err(who.refusal())?))
}

/// Makes an older revision the live one again.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/secrets/{secret}/~rollback", tag = "secrets",
    security(("bearer" = ["secrets:write"])), request_body = Rollback,
    responses((status = 200, body = Revision)))]
pub(crate) async fn secrets_rollback(
    who: Admitted<WriteSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    Body(body): Body<Rollback>,
) -> Answer {
    let secret = parse_id(&secret)?;
    let live = who.app.rollback_secret(&who.op, &who.permit, secret, body.revision_id).await;
    answer::json(&Revision::from(&live.map_err(who.refusal())?))
}

/// A secret's revisions, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/secrets/{secret}/revisions", tag = "secrets",
    security(("bearer" = ["secrets:read"])), responses((status = 200, body = Vec<Revision>)))]
pub(crate) async fn revisions_list(
    who: Admitted<ReadSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    paging: Paging,
) -> Answer {
    let secret = parse_id(&secret)?;
    let page = paging.whole_or_part(number_cursor)?;
    let found = who.app.list_revisions(&who.permit, secret, page).await;
    let cursor = |revision: &domain::Revision| revision.version.to_be_bytes().to_vec();
    answer::list::<_, Revision>(found.map_err(who.refusal())?, paging.is_absent(), cursor)
}

/// One revision.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/secrets/{secret}/revisions/{revision}",
    tag = "secrets",
    security(("bearer" = ["secrets:read"])), responses((status = 200, body = Revision)))]
pub(crate) async fn revisions_get(
    who: Admitted<ReadSecrets>,
    Ids((_, secret, revision)): Ids<(String, String, String)>,
) -> Answer {
    let (secret, revision) = (parse_id(&secret)?, parse_id(&revision)?);
    let found = who.app.show_revision(&who.permit, secret, revision).await;
    answer::json(&Revision::from(&found.map_err(who.refusal())?))
}

pub(in crate::http) fn number_cursor(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}
