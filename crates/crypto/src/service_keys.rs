//! The service key's versions and what is derived from them. Each use has a label of its own, so that none of the
//! derived keys says anything about another.

use crate::{
    checkpoint_key::SigningPair,
    hazmat::{hmac::HmacKey, kdf108},
};
use subrosa_domain::TenantId;
use subrosa_kms::{KeyBytes, stack};

/// Every living version of the service key. Wiped when dropped.
pub(crate) struct ServiceKeys {
    pub(crate) active: Version,
    pub(crate) retired: Vec<Version>,
}

/// One version of the service key.
pub(crate) struct Version {
    pub(crate) number: u32,
    key: HmacKey,
    /// Kept rather than derived for each use: every authenticated request needs it.
    pub(crate) pepper: HmacKey,
    /// These four are kept because every commit needs them.
    pub(crate) row_weight: HmacKey,
    pub(crate) head_weight: HmacKey,
    pub(crate) cover: HmacKey,
    pub(crate) anchor_seal: HmacKey,
    /// Signs checkpoints.
    pub(crate) checkpoint: SigningPair,
}

impl Version {
    pub(crate) fn new(number: u32, key: &KeyBytes) -> Self {
        Self::signing(number, key, cfg!(feature = "ml-dsa"))
    }

    /// The same, with checkpoints signed once or twice.
    pub(crate) fn signing(number: u32, key: &KeyBytes, twice: bool) -> Self {
        let key = HmacKey::new(key.expose());
        let derived = |label| kdf108::derive(&key, label, [&[], &[]]);
        let schedule = |label| stack::wiped(|| HmacKey::new(derived(label).as_ref()));
        Self {
            number,
            pepper: schedule("subrosa/1/token-pepper"),
            row_weight: schedule("subrosa/1/row-weight"),
            head_weight: schedule("subrosa/1/head-weight"),
            cover: schedule("subrosa/1/cover"),
            anchor_seal: schedule("subrosa/1/anchor-seal"),
            checkpoint: SigningPair::from_seeds(
                &derived("subrosa/1/checkpoint"),
                twice.then(|| derived("subrosa/1/checkpoint-ml-dsa-44")).as_ref(),
            ),
            key,
        }
    }

    /// The key that seals a tenant's rows.
    pub(crate) fn row_seal_key(&self, tenant: TenantId) -> HmacKey {
        self.tenant_key("subrosa/1/row-seal", tenant)
    }

    /// The key that seals the heads of a tenant's audit lanes.
    pub(crate) fn audit_head_key(&self, tenant: TenantId) -> HmacKey {
        self.tenant_key("subrosa/1/audit-head", tenant)
    }

    fn tenant_key(&self, label: &str, tenant: TenantId) -> HmacKey {
        stack::wiped(|| {
            HmacKey::new(kdf108::derive(&self.key, label, [tenant.as_bytes(), &[]]).as_ref())
        })
    }
}

impl ServiceKeys {
    /// The version with this number.
    pub(crate) fn version(&self, number: u32) -> Option<&Version> {
        self.all().find(|version| version.number == number)
    }

    /// The active version, then the others.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.active).chain(&self.retired)
    }
}
