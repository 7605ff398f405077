//! A credential as its owner sees it, once. It must never be copied or printed from here.

use zeroize::Zeroizing;

/// An API token in the clear, wiped when dropped. It exists between minting and the one answer that shows it, and
/// between a request's header and the check of it.
///
/// ```
/// # #![expect(clippy::disallowed_methods, reason = "an example")]
/// assert_eq!(subrosa_plaintext::PlainToken::new(String::from("sr_pat_…")).expose(), "sr_pat_…");
/// ```
///
/// It cannot be printed, copied or compared:
/// ```compile_fail,E0277
/// format!("{:?}", subrosa_plaintext::PlainToken::new(String::new()));
/// ```
/// ```compile_fail,E0277
/// format!("{}", subrosa_plaintext::PlainToken::new(String::new()));
/// ```
/// ```compile_fail,E0599
/// let _ = subrosa_plaintext::PlainToken::new(String::new()).clone();
/// ```
/// ```compile_fail,E0369
/// use subrosa_plaintext::PlainToken;
/// let _ = PlainToken::new(String::new()) == PlainToken::new(String::new());
/// ```
pub struct PlainToken(Zeroizing<String>);

impl PlainToken {
    /// Takes `text` over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The token's bytes, taken over without a copy: see [`crate::Plaintext`].
    pub(crate) fn into_bytes(mut self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(std::mem::take(&mut *self.0).into_bytes())
    }

    /// The token itself. Each call outside `crypto` is an exit: mark it and list it in docs/plaintext-map.md.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}
