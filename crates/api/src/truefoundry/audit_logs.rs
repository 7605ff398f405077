//! Audit logs: the tenant's events in this surface's shape.

use super::subject::Subject;
use crate::IsoTime;
use serde::Serialize;
use utoipa::ToSchema;

/// One event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLog {
    /// Its id.
    pub id: String,
    /// What was done.
    pub action: &'static str,
    /// The request it came by, where one did.
    pub request_path: Option<String>,
    /// To what: its id.
    pub resource_id: Option<String>,
    /// And its type.
    pub resource_type: &'static str,
    /// And its name.
    pub resource_name: Option<String>,
    /// And its full name, for groups.
    pub resource_fqn: Option<String>,
    /// The tenant's name.
    pub tenant_name: String,
    /// There are no clusters here.
    pub cluster_id: Option<String>,
    /// There are no workspaces here.
    pub workspace_id: Option<String>,
    /// Who.
    pub subject: Subject,
    /// The rest.
    pub meta_data: AuditMetadata,
    /// When.
    pub created_at: IsoTime,
    /// The same: an event never changes.
    pub updated_at: IsoTime,
}

/// What else is known of an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditMetadata {
    /// By which surface.
    pub surface: &'static str,
    /// With what outcome.
    pub decision: &'static str,
    /// Why, where there is a reason.
    pub reason: Option<String>,
    /// Which version of a secret.
    pub version: Option<u64>,
    /// How many times.
    pub count: u64,
}

/// How many events there are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Counted {
    /// So many.
    pub count: u64,
}
