//! Every route. A handler reaches the router only through [`routes!`], which takes its path and its place in the
//! OpenAPI document from the same attribute: a route missing from the document cannot exist.

use super::{Http, about, health, metrics, openapi, problem::Refusal, v1};
use axum::Router;
use std::sync::Arc;
use subrosa_api::Code;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes and their description.
pub(super) fn described() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new().merge(server()).merge(secrets()).merge(tokens()).merge(tenant())
}

/// The routes.
pub(super) fn router(http: Arc<Http>) -> Router {
    let (router, _document) = described().split_for_parts();
    router
        .fallback(async || Refusal::code(Code::NotFound))
        .method_not_allowed_fallback(async || Refusal::code(Code::MethodNotAllowed))
        .with_state(http)
}

fn server() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(about::about))
        .routes(routes!(health::health_live))
        .routes(routes!(health::health_ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::openapi))
        .routes(routes!(openapi::openapi_as_swagger))
}

fn secrets() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(v1::secrets::secrets_create, v1::secrets::secrets_list))
        .routes(routes!(v1::reveal::secrets_reveal_batch))
        .routes(routes!(
            v1::secrets::secrets_get,
            v1::secrets::secrets_patch,
            v1::secrets::secrets_delete
        ))
        .routes(routes!(v1::revisions::secrets_publish))
        .routes(routes!(v1::revisions::secrets_rollback))
        .routes(routes!(v1::reveal::secrets_reveal))
        .routes(routes!(v1::revisions::revisions_list))
        .routes(routes!(v1::revisions::revisions_get))
        .routes(routes!(v1::publications::publications_list))
        .routes(routes!(v1::grants::grants_list))
        .routes(routes!(v1::grants::grants_put, v1::grants::grants_delete))
}

fn tokens() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(v1::tokens::tokens_generate))
        .routes(routes!(v1::tokens::tokens_list))
        .routes(routes!(v1::tokens::tokens_scopes))
        .routes(routes!(v1::tokens::tokens_current))
        .routes(routes!(v1::tokens::tokens_get, v1::tokens::tokens_delete))
        .routes(routes!(v1::tokens::tokens_rotate))
        .routes(routes!(v1::tokens::tokens_audit_events))
        .routes(routes!(v1::tokens::tokens_activity))
        .routes(routes!(
            v1::service_accounts::service_accounts_list,
            v1::service_accounts::service_accounts_create
        ))
        .routes(routes!(v1::service_accounts::service_accounts_delete))
        .routes(routes!(v1::service_accounts::service_accounts_rotate))
        .routes(routes!(v1::service_accounts::service_accounts_audit_events))
        .routes(routes!(v1::service_accounts::service_accounts_activity))
}

fn tenant() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(v1::tenants::tenants_create, v1::tenants::tenants_list))
        .routes(routes!(v1::tenants::tenants_get, v1::tenants::tenants_delete))
        .routes(routes!(v1::keys::keys_rotate))
        .routes(routes!(v1::auth::auth_health))
        .routes(routes!(v1::audit::audit_events_list))
        .routes(routes!(v1::audit::audit_events_verify))
        .routes(routes!(v1::audit::deployment_audit_events_list))
        .routes(routes!(v1::audit::deployment_audit_events_verify))
        .routes(routes!(v1::audit::credential_audit_events_list))
        .routes(routes!(v1::audit::credential_audit_events_get))
}
