//! `tenants`: the operator's, but for a look at one's own.

use crate::http::{
    answer,
    extract::{Admitted, Body, Known, Operator, Paging},
    problem::{Answer, Refusal},
};
use subrosa_api::v1::tenants::{CreateTenant, Tenant};
use subrosa_domain::{self as domain, TenantId, policy::Authenticated};

/// Makes a tenant. The operator alone may.
#[utoipa::path(post, path = "/v1/tenants", tag = "tenants",
    security(("operator" = [])), request_body = CreateTenant,
    responses((status = 201, body = Tenant)))]
pub(crate) async fn tenants_create(who: Operator, Body(body): Body<CreateTenant>) -> Answer {
    let made = who.app.create_tenant(&who.op, body.slug, body.name).await;
    let made = made.map_err(Refusal::of(&who.op.caller))?;
    answer::created(&format!("/v1/tenants/{}", made.slug), &Tenant::from(&made))
}

/// The tenants the caller may see: all for the operator, its own for a token.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants",
    security(("bearer" = [])), responses((status = 200, body = Vec<Tenant>)))]
pub(crate) async fn tenants_list(who: Known, paging: Paging) -> Answer {
    let cursor = |bytes: &[u8]| bytes.try_into().ok().map(TenantId::from_bytes);
    let page = paging.whole_or_part(cursor)?;
    let found = who.app.list_tenants(&who.caller, page).await;
    let cursor = |tenant: &domain::Tenant| tenant.id.as_bytes().to_vec();
    let found = found.map_err(Refusal::of(&who.caller))?;
    answer::list::<_, Tenant>(found, paging.is_absent(), cursor)
}

/// One tenant.
#[utoipa::path(get, path = "/v1/tenants/{tenant}", tag = "tenants",
    security(("bearer" = [])), responses((status = 200, body = Tenant)))]
pub(crate) async fn tenants_get(who: Admitted<Authenticated>) -> Answer {
    let found = who.app.show_tenant(&who.op, &who.slug).await.map_err(who.refusal())?;
    answer::json(&Tenant::from(&found))
}

/// Erases a tenant with its keys and everything under them. The operator alone may.
#[utoipa::path(delete, path = "/v1/tenants/{tenant}", tag = "tenants",
    security(("operator" = [])), responses((status = 204)))]
pub(crate) async fn tenants_delete(who: Admitted<Authenticated>) -> Answer {
    let operation = "DELETE /v1/tenants/{tenant}";
    let op = who.app.admit_operator(&who.exchange.origin, &who.op.caller, operation);
    op.map_err(who.refusal())?;
    who.app.delete_tenant(&who.op, &who.slug).await.map_err(who.refusal())?;
    answer::no_content()
}
