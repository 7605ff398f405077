//! Roles in groups: role bindings by name, and the list of one group.

use super::subject::Subject;
use crate::IsoTime;
use serde::{Deserialize, Serialize};
use subrosa_domain::Role;
use utoipa::ToSchema;

/// The one type of resource that has roles here.
pub const RESOURCE: &str = "secret-group";

/// How this surface calls a role.
#[must_use]
pub const fn id(role: Role) -> &'static str {
    match role {
        Role::Viewer => "secret-group-viewer",
        Role::Editor => "secret-group-editor",
        Role::Admin => "secret-group-admin",
    }
}

/// The role it calls so.
#[must_use]
pub fn parse(text: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| id(*role) == text)
}

/// A role binding.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleBinding {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The tenant's id.
    pub account_id: String,
    /// What it gives.
    pub manifest: BindingManifest,
    /// Who made it.
    pub created_by_subject: Subject,
    /// When.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
}

/// A role binding as a manifest has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BindingManifest {
    /// `role-binding`.
    #[serde(rename = "type", default = "binding_type")]
    pub kind: String,
    /// Its name: `^[a-z][a-z0-9-]{1,64}[a-z0-9]$`.
    pub name: String,
    /// To whom.
    pub subjects: Vec<BoundSubject>,
    /// Which role in which group.
    pub permissions: Vec<BoundPermission>,
}

/// Somebody a binding gives roles to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct BoundSubject {
    /// `user` or `virtualaccount`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Their name.
    pub name: String,
}

/// A role in a group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BoundPermission {
    /// `secret-group`.
    pub resource_type: String,
    /// `tenant:group`.
    pub resource_fqn: String,
    /// `secret-group-admin`, `secret-group-editor` or `secret-group-viewer`.
    pub role: String,
}

/// A role binding by its manifest.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutBinding {
    /// The manifest.
    pub manifest: BindingManifest,
    /// Only say what would come of it.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// Who has which role in a group.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Authorization {
    /// Who.
    pub subject: Subject,
    /// Which role.
    pub role_id: &'static str,
    /// `secret-group`.
    pub resource_type: &'static str,
    /// The group's id.
    pub resource_id: String,
    /// Whether by the group's own list; otherwise by a role binding or a virtual account's manifest.
    pub is_collaborator: bool,
}

/// Roles to be given in a group.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Authorize {
    /// Who and which.
    pub collaborators: Vec<super::groups::Collaborator>,
}

/// Who is to be on a group's list no more.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Unauthorize {
    /// Their text forms.
    pub subjects: Vec<String>,
}

fn binding_type() -> String {
    BindingManifest::TYPE.to_owned()
}

impl BindingManifest {
    /// What `type` says.
    pub const TYPE: &'static str = "role-binding";
}
