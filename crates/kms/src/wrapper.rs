//! The port for whatever holds the root key.

use crate::{error::KmsError, key::KeyBytes};
use async_trait::async_trait;

/// Holds a root key and wraps other keys with it. A cloud's key service or a hardware module fits behind this as well
/// as a file does, which is why it can wrap and nothing else.
#[async_trait]
pub trait KeyWrapper: Send + Sync {
    /// A public fingerprint of the root key, kept in the store so that a wrong key is refused before it is used. It
    /// says nothing about the key.
    fn fingerprint(&self) -> [u8; 32];

    /// Wraps `key`, bound to `context`: it unwraps with the very same context alone.
    ///
    /// # Errors
    /// When the holder of the root key cannot be reached or refuses.
    async fn wrap(&self, context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError>;

    /// Unwraps what [`Self::wrap`] returned.
    ///
    /// # Errors
    /// [`KmsError::Integrity`] when the bytes, the context or the root key is not the one it was wrapped with; other
    /// errors when the holder of the root key cannot be reached or refuses.
    async fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<KeyBytes, KmsError>;
}
