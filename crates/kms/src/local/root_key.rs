//! The root key in a file: 32 raw random bytes, mode 0600, outside the data folder.

use super::{place, secret_file, wrap};
use crate::{
    error::{CustodyError, KmsError},
    key::KeyBytes,
    locked::LockedKey,
    wrapper::KeyWrapper,
};
use async_trait::async_trait;
use std::{io, path::Path};

/// A root key read from a file and held in memory of its own. It wraps; it never leaves.
pub struct RootKey {
    key: LockedKey,
    fingerprint: [u8; 32],
}

impl RootKey {
    /// Makes a new root key at `path` and opens it. The file is durable, and readable by this user alone, when this
    /// returns; folders above it are made with mode 0700.
    ///
    /// # Errors
    /// [`CustodyError::Exists`] rather than replacing a file; [`CustodyError::InsideData`] and
    /// [`CustodyError::OpenFolder`] before anything is written; [`CustodyError::Io`].
    pub fn create(path: &Path, data: &Path) -> Result<Self, CustodyError> {
        place::check_outside(path, data)?;
        secret_file::create(path, KeyBytes::generate().expose())?;
        Self::open(path, data)
    }

    /// Opens the root key at `path`. `data` is the folder that must not contain it.
    ///
    /// # Errors
    /// Every other variant of [`CustodyError`] but [`CustodyError::WrongKey`], which only the caller can find: compare
    /// [`KeyWrapper::fingerprint`] with the one on record.
    pub fn open(path: &Path, data: &Path) -> Result<Self, CustodyError> {
        place::check_outside(path, data)?;
        let at = |source| CustodyError::Io { path: path.into(), source };
        let mut key = LockedKey::zeroed().map_err(at)?;
        secret_file::read(path, key.as_mut())?;
        let fingerprint = wrap::fingerprint(key.bytes())
            .map_err(|_| at(io::Error::other("its bytes were refused as a key")))?;
        Ok(Self { key, fingerprint })
    }

    /// Whether the system keeps the key out of swap, core dumps and forked children. When it does not, the key works
    /// all the same.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.key.is_locked()
    }
}

#[async_trait]
impl KeyWrapper for RootKey {
    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    async fn wrap(&self, context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError> {
        wrap::wrap(self.key.bytes(), context, key)
    }

    async fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<KeyBytes, KmsError> {
        wrap::unwrap(self.key.bytes(), context, wrapped)
    }
}
