//! `devices`: what a code stands for, and what is decided of it, for whoever has a credential already.

use super::{asked, typed};
use crate::http::{
    Http, answer,
    extract::{Admitted, Ids},
    problem::Answer,
};
use axum::extract::State;
use std::sync::Arc;
use subrosa_api::v1::devices::DeviceAsked;
use subrosa_app::devices::DeviceAsked as Asked;
use subrosa_domain::{TenantSlug, policy::WriteTokens};

/// What a code stands for.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/devices/{code}", tag = "sign-in",
    security(("bearer" = ["keys:write"])), responses((status = 200, body = DeviceAsked)))]
pub(crate) async fn devices_get(
    State(http): State<Arc<Http>>,
    who: Admitted<WriteTokens>,
    Ids((_, code)): Ids<(String, String)>,
) -> Answer {
    let asked = asked(&http, &who.exchange, &typed(&code))?;
    answer::json(&shown(&asked))
}

/// Approves a sign-in: the device gets a token that speaks for the approver.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/devices/{code}/~approve", tag = "sign-in",
    security(("bearer" = ["keys:write"])), responses((status = 200, body = DeviceAsked)))]
pub(crate) async fn devices_approve(
    State(http): State<Arc<Http>>,
    who: Admitted<WriteTokens>,
    Ids((_, code)): Ids<(String, String)>,
) -> Answer {
    let code = typed(&code);
    asked(&http, &who.exchange, &code)?;
    let approved = who.app.approve_device(&who.op, &who.permit, &code).await;
    answer::json(&shown(&approved.map_err(who.refusal())?))
}

/// Denies a sign-in.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/devices/{code}/~deny", tag = "sign-in",
    security(("bearer" = ["keys:write"])), responses((status = 200, body = DeviceAsked)))]
pub(crate) async fn devices_deny(
    State(http): State<Arc<Http>>,
    who: Admitted<WriteTokens>,
    Ids((_, code)): Ids<(String, String)>,
) -> Answer {
    let code = typed(&code);
    asked(&http, &who.exchange, &code)?;
    let denied = who.app.deny_device(&who.op, &who.permit, &code).await;
    answer::json(&shown(&denied.map_err(who.refusal())?))
}

fn shown(asked: &Asked) -> DeviceAsked {
    DeviceAsked {
        label: asked.label.to_string(),
        scopes: subrosa_api::v1::tokens::names(asked.scopes),
        tenant: asked.tenant.as_ref().map(TenantSlug::to_string),
    }
}
