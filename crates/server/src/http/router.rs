//! Every route. A handler reaches the router only through [`routes!`], which takes its path and its place in the
//! OpenAPI document from the same attribute: a route missing from the document cannot exist.

use super::{
    Http, about, device, health, jwks, metrics, openapi, problem::Refusal, truefoundry, v1,
    walletcrew,
};
use axum::Router;
use std::sync::Arc;
use subrosa_api::Code;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes and their description.
pub(super) fn described() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .merge(server())
        .merge(secrets())
        .merge(tokens())
        .merge(tenant())
        .merge(device())
        .merge(walletcrew())
        .merge(truefoundry())
}

/// The routes, before there is anything to serve.
pub(super) fn routes() -> Router<Arc<Http>> {
    let (router, _document) = described().split_for_parts();
    router
        .fallback(async || Refusal::code(Code::NotFound))
        .method_not_allowed_fallback(async || Refusal::code(Code::MethodNotAllowed))
}

fn server() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(about::about))
        .routes(routes!(health::health_live))
        .routes(routes!(health::health_ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::openapi))
        .routes(routes!(openapi::openapi_as_swagger))
        .routes(routes!(jwks::jwks))
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
        .routes(routes!(v1::tokens::tokens_current, v1::tokens::tokens_delete_current))
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
        .routes(routes!(v1::audit::audit_events_export))
        .routes(routes!(v1::audit::audit_events_part))
        .routes(routes!(v1::audit::deployment_audit_events_list))
        .routes(routes!(v1::audit::deployment_audit_events_verify))
        .routes(routes!(v1::audit::credential_audit_events_list))
        .routes(routes!(v1::audit::credential_audit_events_get))
}

fn walletcrew() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(walletcrew::secrets::walletcrew_secrets_list))
        .routes(routes!(
            walletcrew::secrets::walletcrew_secrets_get,
            walletcrew::secrets::walletcrew_secrets_put,
            walletcrew::secrets::walletcrew_secrets_delete
        ))
        .routes(routes!(
            walletcrew::api_keys::walletcrew_api_keys_list,
            walletcrew::api_keys::walletcrew_api_keys_create
        ))
        .routes(routes!(
            walletcrew::api_keys::walletcrew_api_keys_get,
            walletcrew::api_keys::walletcrew_api_keys_put,
            walletcrew::api_keys::walletcrew_api_keys_patch,
            walletcrew::api_keys::walletcrew_api_keys_delete
        ))
}

fn device() -> OpenApiRouter<Arc<Http>> {
    OpenApiRouter::new()
        .routes(routes!(device::page::device_page, device::page::device_submit))
        .routes(routes!(device::page::device_style))
        .routes(routes!(device::start::device_authorizations_create))
        .routes(routes!(device::start::device_authorizations_get))
        .routes(routes!(device::decide::devices_get))
        .routes(routes!(device::decide::devices_approve))
        .routes(routes!(device::decide::devices_deny))
}

fn truefoundry() -> OpenApiRouter<Arc<Http>> {
    groups().merge(accounts()).merge(roles()).merge(sign_in())
}

fn groups() -> OpenApiRouter<Arc<Http>> {
    use truefoundry::{apply, audit_logs, groups, integrations, secrets};
    OpenApiRouter::new()
        .routes(routes!(
            groups::secret_groups_create,
            groups::secret_groups_put,
            groups::secret_groups_list
        ))
        .routes(routes!(
            groups::secret_groups_get,
            groups::secret_groups_update,
            groups::secret_groups_delete
        ))
        .routes(routes!(secrets::group_secrets_list))
        .routes(routes!(secrets::group_secrets_get, secrets::group_secrets_delete))
        .routes(routes!(secrets::group_secret_versions))
        .routes(routes!(integrations::provider_integrations_list))
        .routes(routes!(integrations::provider_accounts_list))
        .routes(routes!(apply::manifests_apply))
        .routes(routes!(apply::manifests_delete))
        .routes(routes!(apply::dependency_tree))
        .routes(routes!(audit_logs::audit_logs))
}

fn accounts() -> OpenApiRouter<Arc<Http>> {
    use truefoundry::{personal_tokens, virtual_accounts};
    OpenApiRouter::new()
        .routes(routes!(
            personal_tokens::personal_tokens_list,
            personal_tokens::personal_tokens_create
        ))
        .routes(routes!(personal_tokens::personal_tokens_create_for))
        .routes(routes!(personal_tokens::personal_tokens_revoke_all))
        .routes(routes!(
            personal_tokens::personal_tokens_by_name,
            personal_tokens::personal_tokens_delete
        ))
        .routes(routes!(
            virtual_accounts::virtual_accounts_list,
            virtual_accounts::virtual_accounts_put
        ))
        .routes(routes!(virtual_accounts::virtual_accounts_exists))
        .routes(routes!(
            virtual_accounts::virtual_accounts_get,
            virtual_accounts::virtual_accounts_delete
        ))
        .routes(routes!(virtual_accounts::virtual_accounts_token))
        .routes(routes!(virtual_accounts::virtual_accounts_regenerate))
        .routes(routes!(virtual_accounts::virtual_accounts_sync))
        .routes(routes!(virtual_accounts::virtual_accounts_delete_jwt))
}

fn roles() -> OpenApiRouter<Arc<Http>> {
    use truefoundry::roles;
    OpenApiRouter::new()
        .routes(routes!(roles::role_bindings_list, roles::role_bindings_put))
        .routes(routes!(roles::role_bindings_inline))
        .routes(routes!(roles::role_bindings_exists))
        .routes(routes!(roles::role_bindings_get, roles::role_bindings_delete))
        .routes(routes!(
            roles::authorize_get,
            roles::authorize_give,
            roles::authorize_replace,
            roles::authorize_take
        ))
}

fn sign_in() -> OpenApiRouter<Arc<Http>> {
    use truefoundry::{bootstrap, oauth};
    OpenApiRouter::new()
        .routes(routes!(bootstrap::min_cli_version))
        .routes(routes!(bootstrap::tenant_id))
        .routes(routes!(bootstrap::session))
        .routes(routes!(oauth::device_authorize))
        .routes(routes!(oauth::oauth_token))
}
