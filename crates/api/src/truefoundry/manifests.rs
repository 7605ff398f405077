//! Manifests of any type, as `apply` and `delete` take them.

use super::{
    groups::{GroupManifest, SecretGroup},
    roles::{BindingManifest, RoleBinding},
    virtual_accounts::{AccountManifest, VirtualAccount},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A manifest of a type known here, told apart by `type`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum Manifest {
    /// A group.
    #[serde(rename = "secret-group")]
    Group(GroupManifest),
    /// A virtual account.
    #[serde(rename = "virtual-account")]
    Account(AccountManifest),
    /// A role binding.
    #[serde(rename = "role-binding")]
    Binding(BindingManifest),
}

/// A manifest is to be so.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Apply {
    /// The manifest.
    pub manifest: Manifest,
    /// Only say what would come of it.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// What a manifest describes is to be gone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Delete {
    /// The manifest.
    pub manifest: Manifest,
}

/// What applying came to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The manifest of what was there before.
    pub existing_manifest: Option<ShownManifest>,
    /// `CREATE` or `UPDATE`.
    pub action: &'static str,
    /// What is there now.
    pub data: AppliedData,
}

/// A manifest of any type, whole.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum ShownManifest {
    /// A group's.
    Group(GroupManifest),
    /// A virtual account's.
    Account(AccountManifest),
    /// A role binding's.
    Binding(BindingManifest),
}

/// What a manifest made, whole.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum AppliedData {
    /// A group.
    Group(Box<SecretGroup>),
    /// A virtual account.
    Account(Box<VirtualAccount>),
    /// A role binding.
    Binding(Box<RoleBinding>),
}

impl Applied {
    /// What came of a manifest.
    #[must_use]
    pub const fn new(existing_manifest: Option<ShownManifest>, data: AppliedData) -> Self {
        let action = if existing_manifest.is_some() { "UPDATE" } else { "CREATE" };
        Self { existing_manifest, action, data }
    }
}
