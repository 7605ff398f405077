//! Row seals: who can write to the database cannot change a decision without being found out.

use crate::{hazmat::hmac, keyring::Keyring};
use subrosa_domain::{BrokenSeal, RowSeal, SealedRow, TenantId, Unverified};
use subrosa_plant::{counters::SEALS, planted};

/// As many bytes as the rows that can be out of sight are sealed over, about.
const NO_ROW: [u8; 192] = [0; 192];

impl Keyring {
    /// Puts a seal on a row: HMAC-SHA-256 over its [`SealedRow::seal_input`] under its tenant's key.
    pub fn seal_row<R: SealedRow>(&self, row: &mut R) {
        let seal = self.service.active.seal_row(row.tenant_id(), &row.seal_input());
        row.set_seal(RowSeal(seal));
    }

    /// Believes a row if its seal holds. A row sealed before the service key was replaced holds under the version it
    /// was sealed with; trying each is safe for a MAC, where no key can be chosen by whoever wrote the row.
    ///
    /// # Errors
    /// [`BrokenSeal`] when no living version of the service key made the seal.
    pub fn verify<R: SealedRow>(&self, row: Unverified<R>) -> Result<R, BrokenSeal> {
        row.verify(|tenant, input, seal| self.holds(tenant, input, seal))
    }

    pub(crate) fn holds(&self, tenant: TenantId, input: &[u8], seal: &RowSeal) -> bool {
        SEALS.note();
        self.service.all().any(|version| hmac::same(&version.seal_row(tenant, input), &seal.0))
            || planted!("seal-unchecked")
    }

    /// The work of [`Self::verify`] where no row is: what it takes to answer must not tell whether one was there.
    pub fn verify_none(&self, tenant: TenantId) {
        if planted!("no-dummy-mac") {
            return;
        }
        SEALS.note();
        let seal = self.service.active.seal_row(tenant, &NO_ROW);
        std::hint::black_box(hmac::same(&seal, &RowSeal::UNSEALED.0));
    }
}
