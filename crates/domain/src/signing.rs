//! Signing keys: what a tenant's virtual accounts prove themselves with.

use crate::{
    audit::{Resource, ResourceKind},
    ids::{SigningKeyId, TenantId},
    row::{RowSeal, SealedRow},
    sealed::Sealed,
    time::Timestamp,
    tlv::Tlv,
};

/// An Ed25519 key pair of one tenant: the public key in the clear, the seed sealed under the tenant's key for this
/// purpose alone. Never changed but for its wrap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningKey {
    /// The `kid` of what it signs. Never reused.
    pub id: SigningKeyId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The public key (RFC 8032). It is what tokens are checked with, so the row's seal covers it.
    pub public: [u8; 32],
    /// The seed, encrypted.
    pub seed: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

impl SealedRow for SigningKey {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        Tlv::new("subrosa/1/row/signing-key")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .bytes(3, &self.public)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::SigningKey, self.id.as_bytes(), "ed25519")
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}
