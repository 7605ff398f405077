//! What the command line asks before anything else: whether it is served, by which tenant, and who it is.

use crate::http::{
    Http, answer,
    extract::{AtHome, Query},
    problem::Answer,
};
use axum::extract::State;
use std::sync::Arc;
use subrosa_api::truefoundry::{
    bootstrap::{MinCliVersion, Session, SessionUser, TenantInfo, TenantOf},
    subject::Subject,
};
use subrosa_domain::{PrincipalKind, audit::ActorKind, policy::Authenticated};

/// Which versions of the command line are served.
#[utoipa::path(get, path = "/api/svc/v1/min-cli-version", tag = "truefoundry sign-in",
    security(()), responses((status = 200, body = MinCliVersion)))]
pub(crate) async fn min_cli_version() -> Answer {
    let (min_version, truefoundry_cli_min_version) = ("0.0.1", "0.0.1");
    answer::json(&MinCliVersion { min_version, truefoundry_cli_min_version, use_server_auth: true })
}

/// Which tenant a host is for: the configured one, else the only one there is, else `default`.
#[utoipa::path(get, path = "/api/svc/v1/tenant-id", tag = "truefoundry sign-in",
    security(()), params(("hostName" = Option<String>, Query)),
    responses((status = 200, body = TenantOf)))]
pub(crate) async fn tenant_id(State(http): State<Arc<Http>>, query: Query) -> Answer {
    let host = query.text("hostName")?.unwrap_or_default().to_ascii_lowercase();
    let tenant_name = match http.hosts.get(&host) {
        Some(slug) => slug.to_string(),
        None => http.app.only_tenant().await?,
    };
    answer::json(&TenantOf { tenant_name, auth_server_url: String::new() })
}

/// Who is asking.
#[utoipa::path(get, path = "/api/svc/v1/session", tag = "truefoundry sign-in",
    security(("bearer" = [])), responses((status = 200, body = Session)))]
pub(crate) async fn session(AtHome(who): AtHome<Authenticated>) -> Answer {
    let slug = who.app.tenant_slug(who.op.tenant_id).await.map_err(who.refusal())?;
    let caller = &who.op.caller;
    let kind = match caller.actor.kind {
        ActorKind::VirtualAccount => PrincipalKind::VirtualAccount,
        ActorKind::ServiceAccount => PrincipalKind::ServiceAccount,
        ActorKind::Agent => PrincipalKind::Agent,
        _ => PrincipalKind::User,
    };
    let name = caller.name.strip_prefix("virtualaccount:").unwrap_or(&caller.name);
    let user = SessionUser {
        tenant_name: slug.to_string(),
        email: name.contains('@').then(|| name.to_owned()),
        subject_slug: name.to_owned(),
        subject: Subject::new(&caller.actor.id, kind, name),
    };
    answer::json(&Session { user, tenant_info: TenantInfo { tenant_name: slug.to_string() } })
}
