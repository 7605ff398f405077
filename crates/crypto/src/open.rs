//! Opening: the one place where a value comes back into the clear.

use crate::{
    binding::Binding,
    envelope,
    error::OpenError,
    format::{ValueBlock, WrapBlock},
    hazmat::{Refused, gcm, hmac, hmac::HmacKey},
    tenant_keys::TenantKeys,
};
use subrosa_domain::{Sealed, policy::Recorded};
use subrosa_plaintext::Plaintext;

impl TenantKeys {
    /// Opens a value, given leave for this very revision with its use on record.
    ///
    /// # Errors
    /// [`OpenError::NotOnRecord`] before anything is unwrapped; [`OpenError::UnknownKeyVersion`]; and one uniform
    /// [`OpenError::Integrity`] whatever else does not fit.
    pub fn open(
        &self,
        binding: &Binding,
        sealed: &Sealed,
        leave: &Recorded,
    ) -> Result<Plaintext, OpenError> {
        if !leave.covers(binding.tenant_id, binding.secret_id, binding.revision_id) {
            return Err(OpenError::NotOnRecord);
        }
        let (key, wrap) = self.key_of(&sealed.wrap)?;
        self.decrypt(key, binding, &wrap, &sealed.value).map_err(|Refused| OpenError::Integrity)
    }

    fn decrypt(
        &self,
        key: &HmacKey,
        binding: &Binding,
        wrap: &WrapBlock<'_>,
        value: &[u8],
    ) -> Result<Plaintext, Refused> {
        let block = ValueBlock::parse(value).ok_or(Refused)?;
        let revision_key = envelope::unwrap(self.deployment, key, binding, wrap)?;
        let aad = binding.value_aad(self.deployment);
        let keys = envelope::value_keys(&revision_key, block.salt, &aad)?;
        let [key, commitment] = &*keys;
        // Before the cipher runs: GCM alone would accept a ciphertext made to open under two keys.
        if !hmac::same(commitment, block.commitment) {
            return Err(Refused);
        }
        let mut out = vec![0; block.ciphertext.len()];
        gcm::open(key, block.iv, &aad, block.ciphertext, block.tag, &mut out)?;
        Ok(Plaintext::from_vec(out))
    }
}
