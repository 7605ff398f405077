//! Ed25519 (RFC 8032): signatures that everyone can check, and that are the same each time.
//!
//! A seed and a public key that do not belong together must never sign: two signatures of one message under two public
//! keys give the seed away. So the pair is checked on every use.

use super::Refused;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// The length of a signature.
pub(crate) const SIGNATURE_LEN: usize = 64;

/// The public key that belongs to a seed.
pub(crate) fn public_of(seed: &[u8; 32]) -> Result<[u8; 32], Refused> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Refused)?;
    pair.public_key().as_ref().try_into().map_err(|_| Refused)
}

/// Signs with a seed, if it is that of `public`. The library wipes what it makes of the seed.
pub(crate) fn sign(
    seed: &[u8; 32],
    public: &[u8; 32],
    message: &[u8],
) -> Result<[u8; SIGNATURE_LEN], Refused> {
    let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(|_| Refused)?;
    let signature = pair.try_sign(message).map_err(|_| Refused)?;
    signature.as_ref().try_into().map_err(|_| Refused)
}

/// Whether a signature is that of a message under a public key. A signature of another length is none.
pub(crate) fn verify(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}
