//! Revisions: what was published, without the value.

use super::words::Sensitivity;
use crate::{EpochMillis, SecretBase64, SecretValue, text};
use serde::{Deserialize, Serialize};
use subrosa_domain::{self as domain, RevisionId};
use utoipa::ToSchema;
use uuid::Uuid;

/// An immutable revision of a secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// Its own id.
    pub id: Uuid,
    /// The secret's.
    pub secret_id: Uuid,
    /// From 1, without gaps.
    pub version: u64,
    /// The secret's sensitivity when it was made.
    pub sensitivity: Sensitivity,
    /// Why it was made.
    pub note: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: EpochMillis,
}

impl From<&domain::Revision> for Revision {
    fn from(revision: &domain::Revision) -> Self {
        Self {
            id: revision.id.uuid(),
            secret_id: revision.secret_id.uuid(),
            version: revision.version,
            sensitivity: revision.sensitivity.into(),
            note: revision.note.as_deref().map(str::to_owned),
            created_by: revision.created_by.to_string(),
            created_at: revision.created_at.into(),
        }
    }
}

/// The body of `secrets/{id}:publish`: a new revision with this value, live at once. Exactly one of `value` and
/// `valueBase64`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publish {
    /// The value as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SecretValue>,
    /// The value as bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_base64: Option<SecretBase64>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The body of `secrets/{id}:rollback`: an older revision goes live again, without a new number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rollback {
    /// Which revision of the same secret.
    #[serde(with = "text")]
    #[schema(value_type = Uuid)]
    pub revision_id: RevisionId,
}
