//! The tokens of virtual accounts: JWTs (RFC 7519) in compact form (RFC 7515), signed with Ed25519 (RFC 8037).
//!
//! ```text
//! base64url({"alg":"EdDSA","typ":"JWT","kid":"<key id>"}) . base64url(claims) . base64url(signature)
//! ```
//!
//! Nothing in a token chooses how it is checked: there is one algorithm and one spelling. A header or claims that are
//! not byte for byte what this room writes are refused, so every token has one text, and that text can be made again
//! from the token's row. Only claims whose signature holds are ever read.

use crate::{
    error::OpenError,
    hazmat::ed25519::{self, SIGNATURE_LEN},
    jwt_claims::Claims,
    tenant_keys::TenantKeys,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subrosa_domain::{PrincipalId, SigningKey, SigningKeyId, TenantSlug, Timestamp, TokenId};
use subrosa_plaintext::PlainToken;
use zeroize::Zeroizing;

/// The longest text that is looked at.
const MAX_LEN: usize = 8 * 1024;

/// What a virtual account's token says. Times are written in whole seconds, rounded down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountClaims<'a> {
    /// The account (`sub`).
    pub subject: PrincipalId,
    /// The token's row (`jti`).
    pub token: TokenId,
    /// When it was issued (`iat`).
    pub issued_at: Timestamp,
    /// The first moment at which it no longer works (`exp`).
    pub expires_at: Timestamp,
    /// The tenant by name, for clients (`tenantName`). It decides nothing.
    pub tenant: TenantSlug,
    /// The account's name, for clients (`username`). It decides nothing. At most 800 bytes, whatever is in it, or the
    /// token may be too long to be read back.
    pub name: &'a str,
}

/// What a token whose signature holds says, as far as it decides anything. Whether it still works is for its row and
/// the clock to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifiedAccount {
    /// The account.
    pub subject: PrincipalId,
    /// The token's row.
    pub token: TokenId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The first moment at which it no longer works.
    pub expires_at: Timestamp,
}

/// A JWT as a caller presented it: in the shape of ours, and not yet believed. Wiped when dropped, and never printed.
///
/// ```compile_fail,E0277
/// fn print(jwt: subrosa_crypto::PresentedJwt) { format!("{jwt:?}"); }
/// ```
pub struct PresentedJwt {
    kid: SigningKeyId,
    signed: Zeroizing<String>,
    claims: Zeroizing<Vec<u8>>,
    signature: Zeroizing<[u8; SIGNATURE_LEN]>,
}

impl TenantKeys {
    /// The token of a virtual account. The same row and the same key make the identical token again.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn issue_account_token(
        &self,
        key: &SigningKey,
        claims: &AccountClaims<'_>,
    ) -> Result<PlainToken, OpenError> {
        let claims = Claims::of(claims).to_json().ok_or(OpenError::Integrity)?;
        let header = header(key.id);
        // With room for all of it from the start, so that growing leaves no copy behind.
        let bytes = header.len() + claims.len() + SIGNATURE_LEN;
        let mut text = String::with_capacity(bytes / 3 * 4 + 16);
        URL_SAFE_NO_PAD.encode_string(header, &mut text);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(&claims, &mut text);
        let signature = self.sign(key, text.as_bytes())?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(PlainToken::new(text))
    }
}

impl PresentedJwt {
    /// Reads a JWT of ours; `None` when the shape or the header is not what this room writes, so that the caller may
    /// offer it to others who issue JWTs.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        // The decoder takes no dot, no padding, no white space and no stray bits at the end: one text for each token.
        let head = URL_SAFE_NO_PAD.decode(head).ok()?;
        let kid = kid_of(&head)?;
        let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims).ok()?);
        let signature = Zeroizing::new(URL_SAFE_NO_PAD.decode(signature).ok()?);
        let signature = Zeroizing::new(signature.as_slice().try_into().ok()?);
        Some(Self { kid, signed: Zeroizing::new(signed.to_owned()), claims, signature })
    }

    /// The key it says it is signed with.
    #[must_use]
    pub const fn kid(&self) -> SigningKeyId {
        self.kid
    }

    /// It, written again from its parts.
    #[cfg(feature = "fuzz")]
    pub(crate) fn text(&self) -> String {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let parts = [header(self.kid).as_bytes(), &self.claims, &*self.signature].map(encoded);
        parts.join(".")
    }

    /// Checks the signature under the public key that [`Self::kid`] names, from a row whose seal holds, and then reads
    /// the claims. `None` whatever does not fit. The time is the caller's to judge, and so is the token's row.
    #[must_use]
    pub fn verify(&self, public: &[u8; 32]) -> Option<VerifiedAccount> {
        if !ed25519::verify(public, self.signed.as_bytes(), self.signature.as_ref()) {
            return None;
        }
        Claims::parse(&self.claims)?.verified()
    }
}

/// Whether a text has the shape of a JWT, whoever may have issued it: three segments of base64url, none empty.
#[must_use]
pub fn looks_like_jwt(text: &str) -> bool {
    let segment = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    text.split('.').count() == 3 && text.split('.').all(segment)
}

fn header(kid: SigningKeyId) -> String {
    format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#)
}

/// The key id in a header of ours. No parser reads it: a header is ours if it is the one we write for its key.
fn kid_of(head: &[u8]) -> Option<SigningKeyId> {
    let text = std::str::from_utf8(head).ok()?;
    let (_, rest) = text.split_once(r#""kid":""#)?;
    let kid = rest.get(..36)?.parse().ok()?;
    (text == header(kid)).then_some(kid)
}
