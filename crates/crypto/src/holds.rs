//! Comparing: whether a sealed value is one the caller already has. Nothing is opened and no plaintext comes out, so no
//! leave is asked for; what comes out is one bit. It lets whoever may ask try guesses, so the answer must reach nobody
//! who could not write that value anyway.

use crate::{
    binding::{Binding, Content},
    error::OpenError,
    tenant_keys::TenantKeys,
};
use subrosa_domain::Sealed;
use subrosa_kms::stack;
use subrosa_plaintext::Plaintext;

impl TenantKeys {
    /// Whether a sealed revision holds exactly this value. The candidate is encrypted the way the revision was and the
    /// two ciphertexts are compared, in constant time; the stored one is never decrypted.
    ///
    /// A ciphertext that was damaged under a wrap and a commitment that hold is not the candidate's: false. Opening it
    /// is what tells.
    ///
    /// # Errors
    /// [`OpenError::UnknownKeyVersion`], or one uniform [`OpenError::Integrity`] when the wrap, the commitment or the
    /// binding does not fit, whatever the candidate.
    pub fn holds(
        &self,
        binding: &Binding,
        sealed: &Sealed,
        value: &Plaintext,
    ) -> Result<bool, OpenError> {
        stack::wiped(|| self.committed(binding, Content::SecretValue, sealed)?.is(value.expose()))
    }
}
