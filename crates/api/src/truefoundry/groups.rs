//! Secret groups.

use super::{reference, secrets::Secret, subject::Subject};
use crate::{IsoTime, secret_value::SecretValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group of secrets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretGroup {
    /// Its id.
    pub id: String,
    /// `tenant:group`.
    pub fqn: String,
    /// Its name.
    pub name: String,
    /// The tenant's.
    pub tenant_name: String,
    /// The tenant's id.
    pub account_id: String,
    /// The store its values are in.
    pub integration_id: String,
    /// What it was made from, as it is now.
    pub manifest: GroupManifest,
    /// Its secrets by key; their values stay null.
    pub associated_secrets: Vec<Secret>,
    /// Who made it.
    pub created_by_subject: Subject,
    /// The same, by name.
    pub created_by: String,
    /// When.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
}

/// A group as a manifest has it. Members are spelled as manifests spell them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupManifest {
    /// `secret-group`.
    #[serde(rename = "type", default = "group_type")]
    pub kind: String,
    /// The group's name.
    pub name: String,
    /// The store its values are in.
    pub integration_fqn: String,
    /// Who may do what: the whole list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collaborators: Option<Vec<Collaborator>>,
}

/// Somebody's role.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Collaborator {
    /// `user:<e-mail>`, `virtualaccount:<name>`.
    pub subject: String,
    /// `secret-group-admin`, `secret-group-editor` or `secret-group-viewer`.
    pub role_id: String,
}

/// A new group.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateGroup {
    /// Its name.
    pub name: String,
    /// The store its values go to.
    pub integration_id: String,
    /// Its secrets.
    pub secrets: Vec<NewSecret>,
}

/// A secret of a new group.
#[derive(Deserialize, ToSchema)]
pub struct NewSecret {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: SecretValue,
}

/// A group by its manifest.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutGroup {
    /// The manifest.
    pub manifest: GroupManifest,
    /// Only say what would come of it.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// A group's whole set of secrets.
#[derive(Deserialize, ToSchema)]
pub struct UpdateGroup {
    /// The set: what is not in it is deleted.
    pub secrets: Vec<UpdatedSecret>,
}

/// A secret of the new set.
#[derive(Deserialize, ToSchema)]
pub struct UpdatedSecret {
    /// Its key.
    pub key: String,
    /// Its value; left out, it stays as it is.
    #[serde(default)]
    pub value: Option<SecretValue>,
}

fn group_type() -> String {
    GroupManifest::TYPE.to_owned()
}

impl GroupManifest {
    /// What `type` says.
    pub const TYPE: &'static str = "secret-group";

    /// The manifest of a group in the store that every tenant has.
    #[must_use]
    pub fn new(tenant: &str, name: &str, collaborators: Vec<Collaborator>) -> Self {
        Self {
            kind: group_type(),
            name: name.to_owned(),
            integration_fqn: reference::store(tenant),
            collaborators: Some(collaborators),
        }
    }
}
