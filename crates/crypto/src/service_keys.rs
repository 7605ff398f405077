//! The service key's versions and what is derived from them. Each use has a label of its own, so that none of the
//! derived keys says anything about another.

use crate::{
    checkpoint_key::{Seed, SigningPair},
    hazmat::{hmac::HmacKey, kdf108},
};
use subrosa_domain::TenantId;
use subrosa_kms::{KeyBytes, stack};

/// Every living version of the service key. Wiped when dropped.
pub(crate) struct ServiceKeys {
    pub(crate) active: Version,
    pub(crate) retired: Vec<Version>,
}

/// One version of the service key. What it holds is boxed: moving it leaves no copy of a key behind.
pub(crate) struct Version {
    pub(crate) number: u32,
    key: Box<HmacKey>,
    /// Kept rather than derived for each use: every authenticated request needs it.
    pub(crate) pepper: Box<HmacKey>,
    /// These four are kept because every commit needs them.
    pub(crate) row_weight: Box<HmacKey>,
    pub(crate) head_weight: Box<HmacKey>,
    pub(crate) cover: Box<HmacKey>,
    pub(crate) anchor_seal: Box<HmacKey>,
    /// Signs checkpoints.
    pub(crate) checkpoint: SigningPair,
}

impl Version {
    pub(crate) fn new(number: u32, key: &KeyBytes) -> Self {
        Self::signing(number, key, cfg!(feature = "ml-dsa"))
    }

    /// The same, with checkpoints signed once or twice.
    pub(crate) fn signing(number: u32, key: &KeyBytes, twice: bool) -> Self {
        let key = stack::wiped(|| Box::new(HmacKey::new(key.expose())));
        let derived = |label| kdf108::derive(&key, label, [&[], &[]]);
        let schedule = |label| stack::wiped(|| Box::new(HmacKey::new(derived(label).as_ref())));
        let seed = |label| -> Seed { stack::wiped(|| Box::new(derived(label))) };
        Self {
            number,
            pepper: schedule("subrosa/1/token-pepper"),
            row_weight: schedule("subrosa/1/row-weight"),
            head_weight: schedule("subrosa/1/head-weight"),
            cover: schedule("subrosa/1/cover"),
            anchor_seal: schedule("subrosa/1/anchor-seal"),
            checkpoint: SigningPair::from_seeds(
                seed("subrosa/1/checkpoint"),
                twice.then(|| seed("subrosa/1/checkpoint-ml-dsa-44")),
            ),
            key,
        }
    }

    /// Seals a tenant's row.
    pub(crate) fn seal_row(&self, tenant: TenantId, input: &[u8]) -> [u8; 32] {
        self.seal("subrosa/1/row-seal", tenant, input)
    }

    /// Seals the head of one of a tenant's audit lanes.
    pub(crate) fn seal_head(&self, tenant: TenantId, input: &[u8]) -> [u8; 32] {
        self.seal("subrosa/1/audit-head", tenant, input)
    }

    /// A MAC under a key of the tenant's own, which is derived for this call and gone when it ends.
    fn seal(&self, label: &str, tenant: TenantId, input: &[u8]) -> [u8; 32] {
        stack::wiped(|| {
            let key = kdf108::derive(&self.key, label, [tenant.as_bytes(), &[]]);
            HmacKey::new(key.as_ref()).mac(&[input])
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
