//! Grants: an agent may use a secret.

use crate::EpochMillis;
use serde::{Deserialize, Serialize};
use subrosa_domain as domain;
use utoipa::ToSchema;
use uuid::Uuid;

/// An agent's grant on a secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Its own id.
    pub id: Uuid,
    /// The agent, as its platform names it.
    pub agent_id: String,
    /// The secret.
    pub secret_id: Uuid,
    /// Who granted it.
    pub created_by: String,
    /// When.
    pub created_at: EpochMillis,
}

impl From<&domain::Grant> for Grant {
    fn from(grant: &domain::Grant) -> Self {
        Self {
            id: grant.id.uuid(),
            agent_id: grant.agent_id.to_string(),
            secret_id: grant.secret_id.uuid(),
            created_by: grant.created_by.to_string(),
            created_at: grant.created_at.into(),
        }
    }
}
