//! Rewrapping: what a tenant key's rotation does to each revision. It never touches a value.

use crate::{
    binding::Binding,
    envelope::{self, FreshWrap},
    error::OpenError,
    hazmat::Refused,
    tenant_keys::TenantKeys,
};
use subrosa_domain::Wrap;
use subrosa_kms::{random, stack};
use subrosa_plant::planted;

impl TenantKeys {
    /// The same revision key under the active version. `binding` is of the revision the wrap belongs to; its number and
    /// tier are not part of a wrap.
    ///
    /// # Errors
    /// [`OpenError::UnknownKeyVersion`], or one uniform [`OpenError::Integrity`].
    pub fn rewrap(&self, binding: &Binding, wrap: &Wrap) -> Result<Wrap, OpenError> {
        let mut fresh = FreshWrap { salt: [0; 16], iv: [0; 12] };
        random::fill(&mut fresh.salt);
        random::fill(&mut fresh.iv);
        stack::wiped(|| self.rewrap_with(binding, wrap, &fresh))
    }

    pub(crate) fn rewrap_with(
        &self,
        binding: &Binding,
        wrap: &Wrap,
        fresh: &FreshWrap,
    ) -> Result<Wrap, OpenError> {
        let (old, block) = self.key_of(binding, wrap)?;
        let active = &self.active;
        envelope::unwrap(self.deployment, old, binding, &block)
            .and_then(|revision_key| {
                let key = if planted!("rewrap-under-old-key") { old } else { &active.key };
                let number = active.number;
                envelope::wrap(self.deployment, number, key, binding, &revision_key, fresh)
            })
            .map_err(|Refused| OpenError::Integrity)
    }
}
