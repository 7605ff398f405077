//! `provider-integrations` and `provider-accounts`: the one store of values that every tenant has.

use crate::http::{
    answer,
    extract::{AtHome, Query, Window},
    problem::Answer,
};
use subrosa_api::truefoundry::{
    integrations::{ProviderAccount, ProviderIntegration},
    page::{Listed, page_of},
};
use subrosa_domain::policy::Authenticated;

/// The stores a group can name.
#[utoipa::path(get, path = "/api/svc/v1/provider-integrations", tag = "truefoundry integrations",
    security(("bearer" = [])), params(("type" = Option<String>, Query)),
    responses((status = 200, body = Listed<ProviderIntegration>)))]
pub(crate) async fn provider_integrations_list(
    AtHome(who): AtHome<Authenticated>,
    query: Query,
    window: Window,
) -> Answer {
    let tenant = who.tenant().await?;
    let wanted = query.text("type")?.is_none_or(|kind| kind == ProviderIntegration::TYPE);
    let all = wanted.then(|| ProviderIntegration::built_in(&tenant)).into_iter().collect();
    answer::json(&page_of(all, window.offset, window.limit))
}

/// The accounts those stores belong to.
#[utoipa::path(get, path = "/api/svc/v1/provider-accounts", tag = "truefoundry integrations",
    security(("bearer" = [])), params(("type" = Option<String>, Query)),
    responses((status = 200, body = Listed<ProviderAccount>)))]
pub(crate) async fn provider_accounts_list(
    AtHome(who): AtHome<Authenticated>,
    query: Query,
    window: Window,
) -> Answer {
    let tenant = who.tenant().await?;
    let wanted = query.text("type")?.is_none_or(|kind| kind == ProviderIntegration::TYPE);
    let all = wanted.then(|| ProviderAccount::built_in(&tenant)).into_iter().collect();
    answer::json(&page_of(all, window.offset, window.limit))
}
