//! `publications`: when which revision was live, and who made it so.

use super::revisions::number_cursor;
use crate::http::{
    answer,
    extract::{Admitted, Ids, Paging, parse_id},
    problem::Answer,
};
use subrosa_api::v1::publications::Publication;
use subrosa_domain::{self as domain, policy::ReadSecrets};

/// A secret's publications, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/secrets/{secret}/publications", tag = "secrets",
    security(("bearer" = ["secrets:read"])), responses((status = 200, body = Vec<Publication>)))]
pub(crate) async fn publications_list(
    who: Admitted<ReadSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    paging: Paging,
) -> Answer {
    let secret = parse_id(&secret)?;
    let page = paging.whole_or_part(number_cursor)?;
    let found = who.app.list_publications(&who.permit, secret, page).await;
    let cursor = |live: &domain::Publication| live.row_version.to_be_bytes().to_vec();
    answer::list::<_, Publication>(found.map_err(who.refusal())?, paging.is_absent(), cursor)
}
