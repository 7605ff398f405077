//! A key on its way between custody and use. It must never be printed, compared or copied.

use crate::random;
use zeroize::Zeroizing;

/// A 32-byte key in the clear, wiped when dropped.
///
/// Boxed, so that moving it leaves no copy behind on the stack.
///
/// ```compile_fail,E0277
/// format!("{:?}", subrosa_kms::KeyBytes::generate());
/// ```
/// ```compile_fail,E0599
/// let _ = subrosa_kms::KeyBytes::generate().clone();
/// ```
pub struct KeyBytes(Box<Zeroizing<[u8; 32]>>);

impl KeyBytes {
    /// A fresh random key.
    #[must_use]
    pub fn generate() -> Self {
        let mut key = Self::zeroed();
        random::fill(key.as_mut());
        key
    }

    /// The key in these bytes; `None` unless there are 32. The caller's copy is the caller's to wipe.
    #[must_use]
    pub fn copy_from(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        let mut key = Self::zeroed();
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    /// The bytes themselves, for a cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn zeroed() -> Self {
        Self(Box::new(Zeroizing::new([0; 32])))
    }

    pub(crate) fn as_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}
