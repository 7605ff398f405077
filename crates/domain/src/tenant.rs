//! Tenants: the wall between one customer's secrets and another's.

use crate::{
    audit::{Resource, ResourceKind},
    ids::TenantId,
    name::TenantSlug,
    row::{RowSeal, SealedRow},
    time::Timestamp,
    tlv::Tlv,
};
use subrosa_plant::planted;

/// Where a tenant is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TenantState {
    /// Serving.
    Active,
    /// Erased: its keys are destroyed and its id is never used again. The slug is free.
    Deleted,
}

/// A tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenant {
    /// Never reused.
    pub id: TenantId,
    /// Unique among tenants that are not deleted.
    pub slug: TenantSlug,
    /// A name for people, or empty.
    pub name: Box<str>,
    /// Where it is in its life.
    pub state: TenantState,
    /// Who made it.
    pub created_by: Box<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// Rises by one with every change.
    pub row_version: u64,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

impl TenantState {
    /// The code in rows and seals. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::Deleted => 2,
        }
    }

    /// The state with this code; what this build does not know does not serve.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Active,
            _ => Self::Deleted,
        }
    }
}

impl SealedRow for Tenant {
    fn tenant_id(&self) -> TenantId {
        self.id
    }

    fn seal_input(&self) -> Vec<u8> {
        let slug = if planted!("tenant-seal-without-slug") { "" } else { self.slug.as_str() };
        Tlv::new("subrosa/1/row/tenant")
            .bytes(1, self.id.as_bytes())
            .text(2, slug)
            .uint(3, self.state.code().into())
            .uint(4, self.row_version)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::Tenant, self.id.as_bytes(), self.slug.as_str())
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}
