//! The first half of reading an envelope: its keys are derived and shown to be the ones it was made under. Nothing is
//! decrypted here, and whoever only compares goes no further.

use crate::{
    binding::{Binding, Content},
    envelope,
    error::OpenError,
    format::{ValueBlock, WrapBlock},
    hazmat::{Refused, gcm, hmac, hmac::HmacKey},
    tenant_keys::{Opened, TenantKeys},
};
use subrosa_domain::Sealed;
use subrosa_plant::planted;
use zeroize::Zeroizing;

/// A value block with its keys, after the commitment was found to hold.
pub(crate) struct Committed<'s> {
    keys: Zeroizing<[[u8; 32]; 2]>,
    aad: Vec<u8>,
    block: ValueBlock<'s>,
    /// Where it is counted should the content be decrypted; a seed's is not.
    opened: Option<&'s Opened>,
}

impl TenantKeys {
    /// Unwraps the revision key, derives the keys of the value block and compares the commitment.
    pub(crate) fn committed<'s>(
        &'s self,
        binding: &Binding,
        content: Content,
        sealed: &'s Sealed,
    ) -> Result<Committed<'s>, OpenError> {
        let (key, wrap) = self.key_of(binding, &sealed.wrap)?;
        self.derive(key, binding, content, &wrap, &sealed.value)
            .map_err(|Refused| OpenError::Integrity)
    }

    fn derive<'s>(
        &'s self,
        key: &HmacKey,
        binding: &Binding,
        content: Content,
        wrap: &WrapBlock<'_>,
        value: &'s [u8],
    ) -> Result<Committed<'s>, Refused> {
        let block = ValueBlock::parse(value).ok_or(Refused)?;
        let revision_key = envelope::unwrap(self.deployment, key, binding, wrap)?;
        let aad = binding.value_aad(self.deployment, content);
        let keys = envelope::value_keys(&revision_key, block.salt, &aad)?;
        let [_, commitment] = &*keys;
        // Before the cipher runs: GCM alone would accept a ciphertext made to open under two keys.
        if !hmac::same(commitment, block.commitment) && !planted!("commitment-unchecked") {
            return Err(Refused);
        }
        let opened = matches!(content, Content::SecretValue).then_some(&*self.opened);
        Ok(Committed { keys, aad, block, opened })
    }
}

impl Committed<'_> {
    /// How long the content is.
    pub(crate) const fn len(&self) -> usize {
        self.block.ciphertext.len()
    }

    /// Decrypts into `out`, which must be as long as the content. On an error `out` holds nothing of use.
    pub(crate) fn open_into(&self, out: &mut [u8]) -> Result<(), OpenError> {
        let (block, [key, _]) = (&self.block, &*self.keys);
        self.opened.iter().for_each(|opened| opened.note());
        gcm::open(key, block.iv, &self.aad, block.ciphertext, block.tag, out)
            .map_err(|Refused| OpenError::Integrity)
    }

    /// Whether the content is `candidate`. Nothing is decrypted: see [`gcm::is_of`].
    pub(crate) fn is(&self, candidate: &[u8]) -> Result<bool, OpenError> {
        let (block, [key, _]) = (&self.block, &*self.keys);
        gcm::is_of(key, block.iv, &self.aad, block.ciphertext, block.tag, candidate)
            .map_err(|Refused| OpenError::Integrity)
    }
}
