//! Virtual accounts, and the tokens that are shown in their shape.

use super::subject::Subject;
use crate::{IsoTime, secret_value::ShownToken};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A virtual account, or a personal access token.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualAccount {
    /// Its id.
    pub id: String,
    /// `virtual-account` or `personal-access-token`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's id.
    pub account_id: String,
    /// What it was made from. Personal access tokens have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<AccountManifest>,
    /// Its name, which a personal access token has nowhere else.
    pub name: String,
    /// The token that is its own now.
    pub jwt_id: Option<String>,
    /// Its tokens, newest first.
    pub jwts: Vec<Jwt>,
    /// Who made it.
    pub created_by_subject: Subject,
    /// The same, by name.
    pub created_by: String,
    /// When.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
    /// When a token of it was last used.
    pub last_accessed_at: Option<IsoTime>,
    /// Whether it has no token that works.
    pub is_expired: bool,
    /// Its roles in groups.
    pub roles_with_resource: Vec<RoleWithResource>,
}

/// A role in a group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleWithResource {
    /// `secret-group-admin`, `secret-group-editor` or `secret-group-viewer`.
    pub role_id: &'static str,
    /// The same.
    pub role_name: &'static str,
    /// `secret-group`.
    pub resource_type: &'static str,
    /// The group's id.
    pub resource_id: String,
}

/// A token of a virtual account; never the token itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Jwt {
    /// Its id.
    pub id: String,
    /// `virtualaccount`, or `user` for a personal access token.
    pub subject_type: &'static str,
    /// Whose.
    pub subject_id: String,
    /// `jwt` or `opaque`.
    pub token_type: &'static str,
    /// When it ends; the last day of the year 9999 for one that does not.
    pub expiry: IsoTime,
    /// When it was made.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
}

/// A virtual account as a manifest has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AccountManifest {
    /// `virtual-account`.
    #[serde(rename = "type", default = "account_type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its roles; left out, they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<Permission>>,
    /// The last day on which its token works: `yyyy-mm-dd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<String>,
    /// Where its token is kept as a secret, when that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_store_config: Option<SecretStoreConfig>,
    /// Whatever people want to note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, String>>,
    /// `jwt`: there is no other kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Not known here, and refused.
    #[serde(default, skip_serializing)]
    pub auto_rotate: Option<Present>,
    /// Not known here, and refused.
    #[serde(default, skip_serializing)]
    pub notification_target: Option<Present>,
    /// Not known here, and refused: issuers are configured by whoever runs the server.
    #[serde(default, skip_serializing)]
    pub identity_provider_mapping: Option<Present>,
}

/// That something is there, whatever it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ToSchema)]
pub struct Present {}

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self {})
    }
}

/// A role in a group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Permission {
    /// `tenant:group`.
    pub resource_fqn: String,
    /// `secret-group`.
    pub resource_type: String,
    /// `secret-group-admin`, `secret-group-editor` or `secret-group-viewer`.
    pub role_id: String,
}

/// Where a token is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecretStoreConfig {
    /// `tfy-secrets`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The group, by its name or in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_group: Option<String>,
    /// The key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A virtual account by its manifest.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutAccount {
    /// The manifest.
    pub manifest: AccountManifest,
    /// Only say what would come of it.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub struct AccountPut {
    /// The account.
    pub data: VirtualAccount,
    /// Its token, when the account is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<ShownToken>,
}

/// Whether there is such an account.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Exists {
    /// Whether.
    pub exists: bool,
}

/// A new token, and how long the old one goes on.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Regenerate {
    /// Minutes for which the token there is goes on working; fractions count.
    pub grace_period_in_minutes: f64,
}

/// What keeping a token as a secret came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Synced {
    /// It.
    pub sync_token_in_secret_store_info: SyncInfo,
}

/// When which token was kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncInfo {
    /// When.
    pub updated_at: IsoTime,
    /// Which.
    pub jwt_id: String,
}

fn account_type() -> String {
    AccountManifest::TYPE.to_owned()
}

impl AccountManifest {
    /// What `type` says.
    pub const TYPE: &'static str = "virtual-account";
}
