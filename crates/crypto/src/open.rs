//! Opening: the one place where a value comes back into the clear.

use crate::{
    binding::{Binding, Content},
    error::OpenError,
    tenant_keys::TenantKeys,
};
use subrosa_domain::{Sealed, policy::Recorded};
use subrosa_kms::stack;
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
        stack::wiped(|| {
            let committed = self.committed(binding, Content::SecretValue, sealed)?;
            let mut out = vec![0; committed.len()];
            committed.open_into(&mut out)?;
            Ok(Plaintext::from_vec(out))
        })
    }
}
