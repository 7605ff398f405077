//! A secret's value. It must never be copied or printed from here.

use zeroize::Zeroizing;

/// A secret's value in the clear: any bytes, wiped when dropped.
///
/// The constructors take the buffer over and nothing here ever grows it, so there is one copy and its whole capacity
/// is wiped with it.
///
/// ```
/// # #![expect(clippy::disallowed_methods, reason = "an example")]
/// let value = subrosa_plaintext::Plaintext::from_string(String::from("hunter2"));
/// assert_eq!(value.expose(), b"hunter2");
/// ```
///
/// It cannot be printed:
/// ```compile_fail,E0277
/// format!("{:?}", subrosa_plaintext::Plaintext::from_vec(vec![]));
/// ```
/// ```compile_fail,E0277
/// format!("{}", subrosa_plaintext::Plaintext::from_vec(vec![]));
/// ```
/// It cannot be copied:
/// ```compile_fail,E0599
/// let _ = subrosa_plaintext::Plaintext::from_vec(vec![]).clone();
/// ```
/// It cannot be compared, which would be done in time that depends on the bytes:
/// ```compile_fail,E0369
/// use subrosa_plaintext::Plaintext;
/// let _ = Plaintext::from_vec(vec![]) == Plaintext::from_vec(vec![]);
/// ```
/// It does not pass for bytes:
/// ```compile_fail,E0277
/// fn leak(bytes: impl AsRef<[u8]>) {}
/// leak(subrosa_plaintext::Plaintext::from_vec(vec![]));
/// ```
pub struct Plaintext(Zeroizing<Vec<u8>>);

impl From<crate::PlainToken> for Plaintext {
    /// A token that is to be kept as a secret's value.
    fn from(token: crate::PlainToken) -> Self {
        Self(token.into_bytes())
    }
}

impl Plaintext {
    /// Takes `bytes` over. Copies made before are the caller's to wipe.
    #[must_use]
    pub fn from_vec(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Takes `text` over as UTF-8 bytes.
    #[must_use]
    pub fn from_string(text: String) -> Self {
        Self::from_vec(text.into_bytes())
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes themselves. Each call outside `crypto` is an exit: mark it and list it in docs/plaintext-map.md.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test looks at what it put in")]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_is_taken_over_and_not_copied() {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(b"canary");
        let address = bytes.as_ptr();
        let value = Plaintext::from_vec(bytes);
        assert_eq!(value.expose().as_ptr(), address);
        assert_eq!((value.expose(), value.len(), value.is_empty()), (&b"canary"[..], 6, false));
        assert!(Plaintext::from_string(String::new()).is_empty());
    }
}
