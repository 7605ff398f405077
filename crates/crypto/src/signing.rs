//! Signing keys: made, used and rewrapped here. A seed is in the clear during one call and never leaves it; unlike a
//! value it cannot be opened at all, only signed with.

use crate::{
    binding::{Binding, Content},
    error::{OpenError, SealError},
    hazmat::{Refused, ed25519},
    seal::Fresh,
    tenant_keys::TenantKeys,
};
use subrosa_domain::{RowSeal, SigningKey, SigningKeyId, Timestamp, Wrap};
use subrosa_kms::{random, stack};
use zeroize::Zeroizing;

impl TenantKeys {
    /// A new signing key of this tenant, its seed sealed under the active version. The row is not sealed yet.
    ///
    /// # Errors
    /// [`SealError::NoKeyPair`] when the library fails; no input brings that about.
    pub fn create_signing_key(
        &self,
        id: SigningKeyId,
        now: Timestamp,
    ) -> Result<SigningKey, SealError> {
        stack::wiped(|| {
            let mut seed = Zeroizing::new([0; 32]);
            random::fill(seed.as_mut());
            self.signing_key_from(id, now, &seed, &Fresh::draw())
        })
    }

    pub(crate) fn signing_key_from(
        &self,
        id: SigningKeyId,
        now: Timestamp,
        seed: &[u8; 32],
        fresh: &Fresh,
    ) -> Result<SigningKey, SealError> {
        let tenant_id = self.tenant;
        let place = Binding::of_seed(tenant_id, id);
        let make = || {
            let public = ed25519::public_of(seed)?;
            let seed = self.build(&place, Content::SigningSeed, seed, fresh)?;
            let seal = RowSeal::UNSEALED;
            Ok(SigningKey { id, tenant_id, public, seed, created_at: now, seal })
        };
        make().map_err(|Refused| SealError::NoKeyPair)
    }

    /// Signs a message (RFC 8032). Ed25519 has no randomness: the same message has the same signature.
    ///
    /// Whatever is signed here counts as said by the tenant. A message that could be read as the start of a JWT is one:
    /// use [`Self::issue_account_token`] for those, and give any other kind of message a label of its own.
    ///
    /// # Errors
    /// [`OpenError::UnknownKeyVersion`], or one uniform [`OpenError::Integrity`]: the seed is not the one that was
    /// sealed for this key of this tenant, or does not belong to its public key.
    pub fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<[u8; 64], OpenError> {
        let place = Binding::of_seed(key.tenant_id, key.id);
        stack::wiped(|| {
            let mut seed = Zeroizing::new([0; 32]);
            self.committed(&place, Content::SigningSeed, &key.seed)?.open_into(seed.as_mut())?;
            ed25519::sign(&seed, &key.public, message).map_err(|Refused| OpenError::Integrity)
        })
    }

    /// The wrap of a signing key's seed under the active version: what a tenant key's rotation does to it. The seed
    /// stays shut.
    ///
    /// # Errors
    /// [`OpenError::UnknownKeyVersion`], or one uniform [`OpenError::Integrity`].
    pub fn rewrap_signing_key(&self, key: &SigningKey) -> Result<Wrap, OpenError> {
        self.rewrap(&Binding::of_seed(key.tenant_id, key.id), &key.seed.wrap)
    }
}

/// Whether a signature is that of a message under a public key. The key must come from a row whose seal holds: whoever
/// chooses the key chooses what it has signed.
#[must_use]
pub fn verify_signature(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    ed25519::verify(public, message, signature)
}
