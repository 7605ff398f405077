//! Rows that decide security carry a keyed seal, so that writing to the database is not enough to change a decision.

use crate::{audit::Resource, ids::TenantId};

/// A row's keyed seal: HMAC-SHA-256 under its tenant's seal key over [`SealedRow::seal_input`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowSeal(pub [u8; 32]);

impl RowSeal {
    /// The seal of a row that was not sealed yet. No key produces it, so a store that kept it would be found out.
    pub const UNSEALED: Self = Self([0; 32]);
}

/// A mutable row whose fields are believed only after its seal was checked.
///
/// `row_version` rises by one with every change and is part of the seal. Stores update a row only when the version
/// they hold is the one before, which makes it the optimistic lock as well.
pub trait SealedRow {
    /// The tenant under whose key the row is sealed.
    fn tenant_id(&self) -> TenantId;

    /// Every field that decides anything, canonically encoded. Two rows that differ in one differ here.
    fn seal_input(&self) -> Vec<u8>;

    /// What the row is, as the audit log names it.
    fn resource(&self) -> Resource;

    /// The seal the row carries.
    fn seal(&self) -> &RowSeal;

    /// Puts a seal on the row.
    fn set_seal(&mut self, seal: RowSeal);
}

/// A row as a store read it: nobody believes it yet. The only way to the row is [`Unverified::verify`].
#[derive(Clone, Debug)]
pub struct Unverified<R>(Result<R, BrokenSeal>);

/// A row whose seal does not hold: its fields were changed by something without the key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a row's seal does not hold")]
pub struct BrokenSeal {
    /// The tenant the row says it is of.
    pub tenant_id: TenantId,
    /// What the row says it is.
    pub resource: Resource,
}

impl<R: SealedRow> Unverified<R> {
    /// Wraps what was read.
    #[must_use]
    pub const fn new(row: R) -> Self {
        Self(Ok(row))
    }

    /// A row that is there and cannot be understood: whatever its seal is, it is of no row that was ever sealed.
    #[must_use]
    pub const fn unreadable(tenant_id: TenantId, resource: Resource) -> Self {
        Self(Err(BrokenSeal { tenant_id, resource }))
    }

    /// Hands the row out if `holds(tenant, seal_input, seal)` says that its seal does. `crypto` has the one real check.
    ///
    /// # Errors
    /// [`BrokenSeal`] when it does not.
    pub fn verify(
        self,
        holds: impl FnOnce(TenantId, &[u8], &RowSeal) -> bool,
    ) -> Result<R, BrokenSeal> {
        let row = self.0?;
        if holds(row.tenant_id(), &row.seal_input(), row.seal()) {
            Ok(row)
        } else {
            Err(BrokenSeal { tenant_id: row.tenant_id(), resource: row.resource() })
        }
    }
}
