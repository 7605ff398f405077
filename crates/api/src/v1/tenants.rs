//! Tenants. The operator makes, lists and deletes them; a token sees its own.

use crate::{EpochMillis, text};
use serde::{Deserialize, Serialize};
use subrosa_domain::{self as domain, TenantSlug};
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Never reused.
    pub id: Uuid,
    /// Its name in paths.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: EpochMillis,
    /// When it last changed.
    pub modified_at: EpochMillis,
}

impl From<&domain::Tenant> for Tenant {
    fn from(tenant: &domain::Tenant) -> Self {
        Self {
            id: tenant.id.uuid(),
            slug: tenant.slug.to_string(),
            name: tenant.name.to_string(),
            created_by: tenant.created_by.to_string(),
            created_at: tenant.created_at.into(),
            modified_at: tenant.modified_at.into(),
        }
    }
}

/// The body of POST `/v1/tenants`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTenant {
    /// Its name in paths.
    #[serde(with = "text")]
    #[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    pub slug: TenantSlug,
    /// Its name for people; the slug unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
