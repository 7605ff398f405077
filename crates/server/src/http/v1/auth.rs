//! `auth/health`: who the server thinks the caller is.

use crate::http::{answer, extract::Admitted, problem::Answer};
use subrosa_api::v1::{
    auth::{AuthHealth, AuthenticationSource},
    tokens,
};
use subrosa_domain::policy::{Authenticated, CallerKind};

/// Who the caller is and what they may do.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/auth/health", tag = "auth",
    security(("bearer" = [])), responses((status = 200, body = AuthHealth)))]
pub(crate) async fn auth_health(who: Admitted<Authenticated>) -> Answer {
    let current = who.app.current_token(&who.op, &who.permit).await.map_err(who.refusal())?;
    let caller = &who.op.caller;
    let authentication_source = match caller.kind {
        CallerKind::Token { .. } => AuthenticationSource::ApiKey,
        CallerKind::Issued { .. } => AuthenticationSource::Jwt,
        CallerKind::Operator { .. } | CallerKind::System => AuthenticationSource::Operator,
    };
    let email = Some(caller.name.to_string()).filter(|name| name.contains('@'));
    let token_name = current.as_ref().map(|(token, _)| token.name.to_string());
    let token_expires_at = caller.expires_at().map(Into::into);
    answer::json(&AuthHealth {
        authentication_source,
        tenant_id: who.op.tenant_id.uuid(),
        user_id: Some(caller.actor.id.to_string()),
        email,
        api_key_name: token_name.clone(),
        token_name,
        scopes: tokens::names(caller.scopes),
        api_key_expires_at: token_expires_at,
        token_expires_at,
    })
}
