//! Secrets of groups.

use super::{reference, subject::Subject};
use crate::{IsoTime, SecretBase64, SecretValue, WireValue};
use serde::{Deserialize, Serialize};
use subrosa_domain as domain;
use utoipa::ToSchema;

/// A secret of a group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupSecret)]
pub struct Secret {
    /// Its id.
    pub id: String,
    /// `tenant:group:key`.
    pub fqn: String,
    /// Its key.
    pub name: String,
    /// Its group's id.
    pub secret_group_id: String,
    /// Its live value where it was asked for and the caller may have it. Null in answers about groups; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub value: Option<Option<SecretValue>>,
    /// The same, of a value that is not UTF-8: base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_base64: Option<SecretBase64>,
    /// Who made it.
    pub created_by_subject: Subject,
    /// The same, by name.
    pub created_by: String,
    /// When.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
    /// How many principals have read or used it in the last 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_deployments_count: Option<u64>,
}

/// A version of a secret, without its value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretVersion {
    /// Its id.
    pub id: String,
    /// `tenant:group:key:number`.
    pub fqn: String,
    /// Its number, from 1.
    pub version: u64,
    /// The secret's id.
    pub secret_id: String,
    /// When it was made.
    pub created_at: IsoTime,
    /// The same: a version never changes.
    pub updated_at: IsoTime,
}

/// Which secrets are asked for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListSecrets {
    /// At most so many, 1 to 1,000; 100 when nothing is said.
    #[serde(default)]
    pub limit: Option<i64>,
    /// Passing over so many.
    #[serde(default)]
    pub offset: Option<i64>,
    /// Those of these names, with or without `tfy-secret://`.
    #[serde(default)]
    pub secret_fqns: Option<Vec<String>>,
    /// Those of this group.
    #[serde(default)]
    pub secret_group_id: Option<String>,
    /// With their values.
    #[serde(default)]
    pub with_value: Option<bool>,
}

impl Secret {
    /// A secret in an answer about its group: its value stays null.
    #[must_use]
    pub fn of_group(secret: &domain::Secret, tenant: &str, group: &str) -> Self {
        Self { value: Some(None), ..Self::bare(secret, tenant, group) }
    }

    /// A secret by itself, with its value where there is one to show.
    #[must_use]
    pub fn shown(
        secret: &domain::Secret,
        tenant: &str,
        group: &str,
        value: Option<WireValue>,
        readers: u64,
    ) -> Self {
        let (text, bytes) = value.map(WireValue::into_members).unwrap_or_default();
        Self {
            value: text.map(Some),
            value_base64: bytes,
            active_deployments_count: Some(readers),
            ..Self::bare(secret, tenant, group)
        }
    }

    fn bare(secret: &domain::Secret, tenant: &str, group: &str) -> Self {
        Self {
            id: secret.id.to_string(),
            fqn: reference::secret(tenant, group, secret.key.as_str()),
            name: secret.key.to_string(),
            secret_group_id: secret.group_id.to_string(),
            value: None,
            value_base64: None,
            created_by_subject: Subject::by_name(&secret.created_by),
            created_by: secret.created_by.to_string(),
            created_at: secret.created_at.into(),
            updated_at: secret.modified_at.into(),
            active_deployments_count: None,
        }
    }
}

impl SecretVersion {
    /// A revision of a secret whose full name is `fqn`.
    #[must_use]
    pub fn new(revision: &domain::Revision, fqn: &str) -> Self {
        Self {
            id: revision.id.to_string(),
            fqn: format!("{fqn}:{}", revision.version),
            version: revision.version,
            secret_id: revision.secret_id.to_string(),
            created_at: revision.created_at.into(),
            updated_at: revision.created_at.into(),
        }
    }
}
