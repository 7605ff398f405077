//! API tokens: `<prefix><key id, 12>_<secret, 43><checksum, 6>`, the prefix apart all base62.
//!
//! The secret's 43 characters are drawn one by one, each of 62 as likely as the next: 256 bits. The checksum is CRC-32
//! over everything before it, for typing errors and for scanners that look for leaked tokens; it proves nothing. What
//! is kept is an HMAC of the whole token under a pepper that the database does not have.

use crate::{hazmat::hmac, keyring::Keyring};
use subrosa_domain::{KeyId, TokenHash};
use subrosa_kms::random;
use subrosa_plaintext::PlainToken;
use subrosa_plant::planted;
use zeroize::Zeroizing;

const KEY_ID_LEN: usize = 12;
const SECRET_LEN: usize = 43;
const CHECKSUM_LEN: usize = 6;
const SHOWN_LEN: usize = 4;
/// The length of what follows the prefix.
const REST_LEN: usize = KEY_ID_LEN + 1 + SECRET_LEN + CHECKSUM_LEN;

/// Whom a token is for, as its first characters say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenPrefix {
    /// A person's: `sr_pat_`.
    Personal,
    /// A service account's: `sr_sat_`.
    ServiceAccount,
    /// A person's on the truefoundry surface, whose clients take a token for opaque if it starts so, and for a JWT if
    /// it does not: `tfy_`.
    Opaque,
}

impl TokenPrefix {
    /// Every prefix. None is the start of another.
    pub(crate) const ALL: [Self; 3] = [Self::Personal, Self::ServiceAccount, Self::Opaque];

    /// The prefix as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "sr_pat_",
            Self::ServiceAccount => "sr_sat_",
            Self::Opaque => "tfy_",
        }
    }
}

/// A token just made: the text is shown once, the rest is kept.
pub struct NewToken {
    /// The token itself.
    pub plain: PlainToken,
    /// Its public part, by which its row is found.
    pub key_id: KeyId,
    /// What is kept of its secret.
    pub hash: TokenHash,
    /// What people see of it afterwards: the prefix and four characters of the key id, like `sr_pat_aB3z`.
    pub key_prefix: Box<str>,
}

/// A token as a caller presented it: well formed, and not yet believed. Wiped when dropped.
pub struct PresentedToken {
    text: PlainToken,
    key_id: KeyId,
}

impl PresentedToken {
    /// Reads a token; `None` when its shape or its checksum is not a token's of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = TokenPrefix::ALL.iter().find_map(|prefix| text.strip_prefix(prefix.as_str()))?;
        if rest.len() != REST_LEN {
            return None;
        }
        let (body, given) = text.as_bytes().split_last_chunk::<CHECKSUM_LEN>()?;
        if checksum(body) != *given && !planted!("fuzz-checksum-unread") {
            return None;
        }
        let (id, rest) = rest.as_bytes().split_at_checked(KEY_ID_LEN)?;
        let (separator, secret) = rest.split_first()?;
        if *separator != b'_' || !secret.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        Some(Self { key_id: KeyId::parse(id)?, text: PlainToken::new(text.to_owned()) })
    }

    /// The public part, by which the token's row is found.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }
}

impl Keyring {
    /// A new token.
    #[must_use]
    pub fn generate_token(&self, prefix: TokenPrefix) -> NewToken {
        // Twelve base62 characters always are a key id; the loop says so without a way to fail.
        let key_id = loop {
            if let Some(key_id) = KeyId::parse(draw::<KEY_ID_LEN>().as_ref()) {
                break key_id;
            }
        };
        self.token_from(prefix, key_id, &draw())
    }

    pub(crate) fn token_from(
        &self,
        prefix: TokenPrefix,
        key_id: KeyId,
        secret: &[u8; SECRET_LEN],
    ) -> NewToken {
        // With room for all of it from the start, so that growing leaves no copy behind.
        let mut text = String::with_capacity(prefix.as_str().len() + REST_LEN);
        text.push_str(prefix.as_str());
        text.push_str(key_id.as_str());
        let key_prefix = text.chars().take(prefix.as_str().len() + SHOWN_LEN).collect();
        text.push('_');
        text.extend(secret.iter().copied().map(char::from));
        let checksum = checksum(text.as_bytes());
        text.extend(checksum.map(char::from));
        let pepper = &self.service.active;
        let digest = pepper.pepper.mac(&[text.as_bytes()]);
        let key_prefix = if planted!("token-in-row") { text.as_str().into() } else { key_prefix };
        let hash = TokenHash { digest, pepper_version: pepper.number };
        NewToken { plain: PlainToken::new(text), key_id, hash, key_prefix }
    }

    /// Whether a presented token is the one that was kept. One HMAC and one constant-time comparison whatever the
    /// answer, so that time does not tell whether the key id exists.
    #[must_use]
    pub fn check_token(&self, presented: &PresentedToken, kept: Option<&TokenHash>) -> bool {
        let version = kept.and_then(|kept| self.service.version(kept.pepper_version));
        let pepper = &version.unwrap_or(&self.service.active).pepper;
        let digest = pepper.mac(&[presented.text.expose().as_bytes()]);
        let expected = kept.map_or([0; 32], |kept| kept.digest);
        hmac::same(&digest, &expected) & version.is_some()
    }
}

/// Characters drawn evenly from 62: a byte that would favour the first few is drawn again.
pub(crate) fn draw<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    for place in out.iter_mut() {
        let mut byte = [u8::MAX];
        while byte >= [62 * 4] {
            random::fill(&mut byte);
        }
        let [byte] = byte;
        *place = digit(byte.into());
    }
    out
}

pub(crate) fn checksum(body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut rest = crc32fast::hash(body);
    let mut out = [0; CHECKSUM_LEN];
    for place in out.iter_mut().rev() {
        *place = digit(rest % 62);
        rest /= 62;
    }
    out
}

/// The digit for 0 to 61: `0-9`, `A-Z`, `a-z`.
fn digit(value: u32) -> u8 {
    let value = u8::try_from(value % 62).unwrap_or(0);
    match value {
        0..=9 => b'0' + value,
        10..=35 => b'A' + (value - 10),
        _ => b'a' + (value - 36),
    }
}
