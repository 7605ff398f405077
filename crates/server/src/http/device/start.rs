//! `deviceAuthorizations`: a command line begins a sign-in and asks what became of it.

use super::{POLL_SECONDS, addresses};
use crate::http::{
    Http, answer,
    exchange::Exchange,
    extract::{ANYONE, Ids, MaybeBody, Seen},
    problem::{Answer, Refusal},
};
use axum::{Extension, extract::State};
use http::StatusCode;
use std::sync::Arc;
use subrosa_api::{
    Code, PlainToken,
    v1::devices::{DeviceApproved, DevicePending, DeviceStarted, StartDevice},
};
use subrosa_app::{
    AppError,
    devices::{CODE_LIFE, DeviceAnswer, DeviceRequest},
};
use subrosa_domain::{Scope, ScopeSet, TenantSlug, TokenKind, scope::Preset};

/// Begins a sign-in.
#[utoipa::path(post, path = "/v1/deviceAuthorizations", tag = "sign-in", security(()),
    request_body = Option<StartDevice>, responses((status = 201, body = DeviceStarted)))]
pub(crate) async fn device_authorizations_create(
    State(http): State<Arc<Http>>,
    Extension(exchange): Extension<Arc<Exchange>>,
    MaybeBody(body): MaybeBody<StartDevice, ANYONE>,
) -> Answer {
    let preset = body.preset.as_deref().unwrap_or("developer");
    let scopes = scopes(preset).ok_or_else(|| {
        let message = "must be observer, operator, developer, maintainer, admin, or a preset of the catalogue";
        AppError::invalid("/preset", message)
    })?;
    let client = body.client_name.as_deref().or(body.client_type.as_deref()).unwrap_or("a client");
    let label = match body.device_label.as_deref() {
        Some(machine) => format!("{client} on {machine}"),
        None => client.to_owned(),
    };
    let slug = body.tenant.as_deref().map(str::parse::<TenantSlug>).transpose();
    let tenant = slug.map_err(|_| AppError::invalid("/tenant", "must name a tenant"))?;
    let request = DeviceRequest { tenant, scopes, label, kind: TokenKind::Cli };
    let started = http.app.start_device(&exchange.origin, request)?;
    let (verification_uri, complete) = addresses(&http, &started.user_code);
    exchange.carry_value();
    answer::json_as(
        StatusCode::CREATED,
        &DeviceStarted {
            device_code: started.device_code.into(),
            user_code: started.user_code,
            verification_uri,
            verification_uri_complete: complete,
            expires_in_seconds: CODE_LIFE.as_secs(),
            poll_interval_seconds: POLL_SECONDS,
        },
    )
}

/// What became of a sign-in: 200 with the token, once; 202 while nobody decided; 410 when it is over.
#[utoipa::path(get, path = "/v1/deviceAuthorizations/{deviceCode}", tag = "sign-in", security(()),
    responses((status = 200, body = DeviceApproved), (status = 202, body = DevicePending)))]
pub(crate) async fn device_authorizations_get(
    State(http): State<Arc<Http>>,
    Extension(exchange): Extension<Arc<Exchange>>,
    _seen: Seen,
    Ids(code): Ids<String>,
) -> Answer {
    let code = PlainToken::new(code);
    match http.app.poll_device(&exchange.origin, &code).await? {
        DeviceAnswer::Pending => answer::json_as(StatusCode::ACCEPTED, &DevicePending {}),
        DeviceAnswer::Over => Err(Refusal::code(Code::DeviceOver)),
        DeviceAnswer::Approved(minted, tenant) => {
            let tenant = http.app.tenant_row(tenant).await?;
            let approved = DeviceApproved {
                api_key: minted.plain.into(),
                tenant_id: tenant.id.uuid(),
                tenant_slug: tenant.slug.to_string(),
                tenant_name: tenant.name.to_string(),
            };
            answer::value(&exchange, &approved)
        }
    }
}

/// What a preset asks for: one of the catalogue's, or what the fruxon command line calls a role.
fn scopes(preset: &str) -> Option<ScopeSet> {
    let of = |name| Preset::parse(name).map(Preset::scopes);
    let dangerous = [Scope::TENANT_ADMIN, Scope::SECRETS_REVEAL].into_iter().collect();
    match preset {
        "observer" => of("read-only"),
        "operator" => Some(of("read-only")?.union(of("runner")?)),
        "developer" => Some(of("read-only")?.union(of("builder")?)),
        "maintainer" => Some(ScopeSet::all().without(dangerous)),
        name => of(name),
    }
}
