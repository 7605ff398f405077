//! Sealing: a value goes in, and an envelope that opens in one place alone comes out.

use crate::{
    binding::{Binding, Content},
    envelope::{self, FreshWrap, RevisionKey},
    error::SealError,
    format::{self, ValueBlock},
    hazmat::{Refused, gcm},
    tenant_keys::TenantKeys,
};
use subrosa_domain::Sealed;
use subrosa_kms::{random, stack};
use subrosa_plaintext::Plaintext;
use subrosa_plant::planted;
use zeroize::Zeroizing;

/// The randomness of one envelope. Only a test's can be chosen.
pub(crate) struct Fresh {
    pub(crate) revision_key: RevisionKey,
    pub(crate) salt: [u8; 32],
    pub(crate) iv: [u8; 12],
    pub(crate) wrap: FreshWrap,
}

impl TenantKeys {
    /// Seals a value for its place, under the active version.
    ///
    /// # Errors
    /// [`SealError::WrongTenant`] when the binding names another tenant; [`SealError::TooLong`].
    pub fn seal(&self, binding: &Binding, value: &Plaintext) -> Result<Sealed, SealError> {
        stack::wiped(|| {
            let mut fresh = Fresh::draw();
            if planted!("value-as-salt") {
                let bytes = value.expose().iter();
                fresh.salt.iter_mut().zip(bytes).for_each(|(salt, byte)| *salt = *byte);
            }
            self.seal_with(binding, value, &fresh)
        })
    }

    pub(crate) fn seal_with(
        &self,
        binding: &Binding,
        value: &Plaintext,
        fresh: &Fresh,
    ) -> Result<Sealed, SealError> {
        if binding.tenant_id != self.tenant {
            return Err(SealError::WrongTenant);
        }
        self.build(binding, Content::SecretValue, value.expose(), fresh)
            .map_err(|Refused| SealError::TooLong)
    }

    /// Seals content of any kind. The verb that calls it names the kind and has checked the tenant.
    pub(crate) fn build(
        &self,
        binding: &Binding,
        content: Content,
        value: &[u8],
        fresh: &Fresh,
    ) -> Result<Sealed, Refused> {
        let aad = binding.value_aad(self.deployment, content);
        let keys = envelope::value_keys(&fresh.revision_key, &fresh.salt, &aad)?;
        let [key, commitment] = &*keys;
        // Encrypted where it will stay: the block never grows, so no copy of the value is left behind.
        let mut block = Vec::with_capacity(format::VALUE_OVERHEAD + value.len());
        ValueBlock::start(&fresh.salt, commitment, &fresh.iv, &mut block);
        let start = block.len();
        block.extend_from_slice(value);
        let (_, body) = block.split_at_mut(start);
        let tag = gcm::seal(key, &fresh.iv, &aad, body)?;
        block.extend_from_slice(&tag);
        let (version, key) = (self.active.number, &self.active.key);
        let wrap = envelope::wrap(
            self.deployment,
            version,
            key,
            binding,
            &fresh.revision_key,
            &fresh.wrap,
        )?;
        Ok(Sealed { value: block.into_boxed_slice(), wrap })
    }
}

impl Fresh {
    /// One draw for everything: it is the cost of asking, not of the bytes, that counts.
    pub(crate) fn draw() -> Self {
        let mut bytes = Zeroizing::new([0; 32 + 32 + 12 + 16 + 12]);
        random::fill(bytes.as_mut());
        let mut fresh = Self {
            revision_key: Zeroizing::new([0; 32]),
            salt: [0; 32],
            iv: [0; 12],
            wrap: FreshWrap { salt: [0; 16], iv: [0; 12] },
        };
        let places: [&mut [u8]; 5] = [
            fresh.revision_key.as_mut(),
            &mut fresh.salt,
            &mut fresh.iv,
            &mut fresh.wrap.salt,
            &mut fresh.wrap.iv,
        ];
        let mut rest = bytes.as_slice();
        for place in places {
            let (part, after) = rest.split_at(place.len());
            place.copy_from_slice(part);
            rest = after;
        }
        fresh
    }
}
