//! Publications: which revision was live from when, and who made it so. The list only grows.

use crate::EpochMillis;
use serde::{Deserialize, Serialize};
use subrosa_domain as domain;
use utoipa::ToSchema;
use uuid::Uuid;

/// One revision going live, by a publish or a rollback.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// The secret's id.
    pub secret_id: Uuid,
    /// The revision's id.
    pub revision_id: Uuid,
    /// The revision's number.
    pub version: u64,
    /// Who made it live.
    pub published_by: String,
    /// When.
    pub published_at: EpochMillis,
}

impl From<&domain::Publication> for Publication {
    fn from(publication: &domain::Publication) -> Self {
        Self {
            secret_id: publication.secret_id.uuid(),
            revision_id: publication.revision_id.uuid(),
            version: publication.version,
            published_by: publication.published_by.to_string(),
            published_at: publication.published_at.into(),
        }
    }
}
