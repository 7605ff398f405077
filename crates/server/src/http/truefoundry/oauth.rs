//! `oauth2`: signing in by device code, as the command line of this surface does it.

use crate::http::{
    Http, answer, device,
    exchange::Exchange,
    extract::{ANYONE, Body},
    problem::{Answer, Refusal},
};
use axum::{Extension, extract::State};
use http::StatusCode;
use std::sync::Arc;
use subrosa_api::{
    Code,
    truefoundry::{
        oauth::{DeviceAuthorize, DeviceAuthorized, TokenAnswer, TokenRequest},
        page::Done,
    },
};
use subrosa_app::{
    AppError,
    devices::{CODE_LIFE, DeviceAnswer, DeviceRequest},
};
use subrosa_domain::{ScopeSet, TokenKind};

/// Begins a sign-in.
#[utoipa::path(post, path = "/api/svc/v1/oauth2/device-authorize", tag = "truefoundry sign-in",
    security(()), request_body = DeviceAuthorize, responses((status = 200, body = DeviceAuthorized)))]
pub(crate) async fn device_authorize(
    State(http): State<Arc<Http>>,
    Extension(exchange): Extension<Arc<Exchange>>,
    Body(body): Body<DeviceAuthorize, ANYONE>,
) -> Answer {
    let slug = body.tenant_name.parse();
    let request = DeviceRequest {
        tenant: Some(slug.map_err(|_| AppError::invalid("/tenantName", "must name a tenant"))?),
        scopes: ScopeSet::all(),
        label: "tfy".to_owned(),
        kind: TokenKind::Personal,
    };
    let started = http.app.start_device(&exchange.origin, request)?;
    let (verification_uri, complete) = device::addresses(&http, &started.user_code);
    answer::value(
        &exchange,
        &DeviceAuthorized {
            user_code: started.user_code,
            device_code: started.device_code.into(),
            verification_uri,
            verification_uri_complete: complete,
            expires_in_seconds: CODE_LIFE.as_secs(),
            interval_in_seconds: device::POLL_SECONDS,
        },
    )
}

/// Whether anybody has approved a sign-in: 201 with the token, once; 202 while nobody decided.
#[utoipa::path(post, path = "/api/svc/v1/oauth2/token", tag = "truefoundry sign-in",
    security(()), request_body = TokenRequest,
    responses((status = 201, body = TokenAnswer), (status = 202, body = Done)))]
pub(crate) async fn oauth_token(
    State(http): State<Arc<Http>>,
    Extension(exchange): Extension<Arc<Exchange>>,
    Body(body): Body<TokenRequest, ANYONE>,
) -> Answer {
    let code = match (body.grant_type.as_str(), body.device_code) {
        ("device_code", Some(code)) => code.into_token(),
        ("device_code", None) => return Err(AppError::invalid("/deviceCode", "is required").into()),
        _ => return Err(AppError::invalid("/grantType", "must be device_code").into()),
    };
    match http.app.poll_device(&exchange.origin, &code).await? {
        DeviceAnswer::Pending => answer::json_as(StatusCode::ACCEPTED, &Done {}),
        DeviceAnswer::Over => Err(Refusal::code(Code::DeviceOver)),
        DeviceAnswer::Approved(minted, _) => {
            exchange.carry_value();
            let token = TokenAnswer { access_token: minted.plain.into(), refresh_token: None };
            answer::json_as(StatusCode::CREATED, &token)
        }
    }
}
