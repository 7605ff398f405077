//! A tenant's keys, unlocked: what a value is sealed and opened with.

use crate::{binding::Binding, error::OpenError, format::WrapBlock, hazmat::hmac::HmacKey};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use subrosa_domain::{DeploymentId, TenantId, Wrap};
use subrosa_kms::{KeyBytes, stack};
use subrosa_plant::planted;

/// Every living version of one tenant's key, as HMAC schedules. Wiped when dropped; never printed, copied or compared.
///
/// ```compile_fail,E0277
/// fn print(keys: subrosa_crypto::TenantKeys) { format!("{keys:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn copy(keys: subrosa_crypto::TenantKeys) { let _ = keys.clone(); }
/// ```
pub struct TenantKeys {
    pub(crate) deployment: DeploymentId,
    pub(crate) tenant: TenantId,
    pub(crate) active: Version,
    pub(crate) retired: Vec<Version>,
    pub(crate) opened: Arc<Opened>,
}

/// How many values were decrypted, whoever asked for it and whatever came of it: what need not be opened is shown not
/// to be.
#[derive(Default)]
pub(crate) struct Opened(AtomicU64);

impl Opened {
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One version of a tenant's key. It is boxed: moving it leaves no copy behind.
pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) key: Box<HmacKey>,
}

impl Version {
    pub(crate) fn new(number: u32, key: &KeyBytes) -> Self {
        if planted!("tenant-key-kept") {
            std::hint::black_box(Box::leak(Box::new(*key.expose())));
        }
        Self { number, key: stack::wiped(|| Box::new(HmacKey::new(key.expose()))) }
    }
}

impl TenantKeys {
    /// The version that wraps what is written now.
    #[must_use]
    pub const fn active_version(&self) -> u32 {
        self.active.number
    }

    /// The key a wrap is under, by its number: no key is ever tried to see whether it fits, and none is looked for when
    /// the binding is of another tenant.
    pub(crate) fn key_of<'w>(
        &self,
        binding: &Binding,
        wrap: &'w Wrap,
    ) -> Result<(&HmacKey, WrapBlock<'w>), OpenError> {
        if binding.tenant_id != self.tenant {
            return Err(OpenError::Integrity);
        }
        let block = WrapBlock::parse(&wrap.block).ok_or(OpenError::Integrity)?;
        if block.key_version != wrap.key_version && !planted!("key-version-unchecked") {
            return Err(OpenError::Integrity);
        }
        let mut versions = std::iter::once(&self.active).chain(&self.retired);
        let version = versions.find(|version| version.number == block.key_version);
        Ok((&*version.ok_or(OpenError::UnknownKeyVersion)?.key, block))
    }
}
