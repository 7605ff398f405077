//! What the command line asks before anything else.

use super::subject::Subject;
use serde::Serialize;
use utoipa::ToSchema;

/// Which versions of the command line are served.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MinCliVersion {
    /// From this version on.
    pub min_version: &'static str,
    /// The same.
    pub truefoundry_cli_min_version: &'static str,
    /// That signing in is this server's own business.
    #[serde(rename = "useSFYServerAuthAPIs")]
    pub use_server_auth: bool,
}

/// Which tenant a host is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TenantOf {
    /// The tenant's name.
    #[serde(rename = "tenantName")]
    pub tenant_name: String,
    /// Where signing in is asked for: empty, since it is here.
    pub auth_server_url: String,
}

/// Who is asking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// They.
    pub user: SessionUser,
    /// Where.
    pub tenant_info: TenantInfo,
}

/// Somebody who asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionUser {
    /// The tenant's name.
    pub tenant_name: String,
    /// Their address, if their name is one.
    pub email: Option<String>,
    /// Their name.
    pub subject_slug: String,
    /// They, as a subject.
    pub subject: Subject,
}

/// Where somebody asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantInfo {
    /// The tenant's name.
    pub tenant_name: String,
}
