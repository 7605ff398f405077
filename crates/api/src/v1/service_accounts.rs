//! Service accounts: principals that are machines, each with tokens of its own.

use super::tokens::{TokenGenerated, names};
use crate::EpochMillis;
use serde::{Deserialize, Serialize};
use subrosa_domain::{self as domain, PrincipalState};
use utoipa::ToSchema;
use uuid::Uuid;

/// A service account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// Never reused.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// What its keys may do.
    pub scopes: Vec<String>,
    /// False once it is deleted, for good.
    pub is_active: bool,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: EpochMillis,
    /// When it last changed.
    pub modified_at: EpochMillis,
    /// When it was deleted.
    pub revoked_at: Option<EpochMillis>,
}

impl From<&domain::Principal> for ServiceAccount {
    fn from(principal: &domain::Principal) -> Self {
        Self {
            id: principal.id.uuid(),
            name: principal.name.to_string(),
            description: principal.description.to_string(),
            scopes: names(principal.scopes),
            is_active: principal.state == PrincipalState::Active,
            created_by: principal.created_by.to_string(),
            created_at: principal.created_at.into(),
            modified_at: principal.modified_at.into(),
            revoked_at: principal.revoked_at.map(Into::into),
        }
    }
}

/// The body of POST `serviceAccounts`. The account may do what `scopes` and `preset` say together; without either,
/// nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateServiceAccount {
    /// For people; made up unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Names from the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// A preset's id, expanded now and not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// How many days its first key works; for ever unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_expiration_days: Option<i32>,
}

/// The answer of POST `serviceAccounts`, with the first key, shown this once.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccountCreated {
    /// The account.
    pub service_account: ServiceAccount,
    /// Its first key.
    pub key: TokenGenerated,
}

/// Something that happened to a service account or one of its keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccountAuditEvent {
    /// The event's id.
    pub id: Uuid,
    /// The account's.
    pub service_account_id: Uuid,
    /// What happened.
    pub event_type: ServiceAccountEventType,
    /// When.
    pub created_at: EpochMillis,
    /// Who did it.
    pub user_id: Option<String>,
    /// The tool they said they used.
    pub actor: Option<String>,
    /// More, as JSON in a string.
    pub details: Option<String>,
    /// In which tenant.
    pub tenant_id: Uuid,
}

/// What can happen to a service account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceAccountEventType {
    /// It was made.
    Provisioned,
    /// It got a new key.
    Rotated,
    /// It was deleted.
    Revoked,
    /// One of its keys was presented after that.
    UsedWhileRevoked,
}
