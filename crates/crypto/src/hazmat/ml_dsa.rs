//! ML-DSA-44 (FIPS 204), pure and with an empty context: signatures that somebody who can forge elliptic curves cannot
//! forge.
//!
//! They are hedged, as the standard would have it: the library mixes fresh randomness in, so a message has another
//! signature each time. Nothing may take two signatures to be of different messages because they differ.
//!
//! It works tens of kilobytes deep in the stack, which is further than `kms::stack` overwrites. What is down there the
//! library zeroes itself, buffer by buffer, before it returns (`MLD_FREE` of mldsa-native); what is above it is
//! overwritten.

use super::Refused;
use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};

/// The length of a public key.
pub(crate) const PUBLIC_LEN: usize = 1312;

/// The length of a signature.
pub(crate) const SIGNATURE_LEN: usize = 2420;

/// The public key that belongs to a seed.
pub(crate) fn public_of(seed: &[u8; 32]) -> Result<Box<[u8; PUBLIC_LEN]>, Refused> {
    let public: [u8; PUBLIC_LEN] =
        pair(seed)?.public_key().as_ref().try_into().map_err(|_| Refused)?;
    Ok(Box::new(public))
}

/// Signs with a seed. The library wipes what it makes of the seed.
pub(crate) fn sign(seed: &[u8; 32], message: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut signature = vec![0; SIGNATURE_LEN];
    pair(seed)?.sign(message, &mut signature).map_err(|_| Refused)?;
    Ok(signature)
}

/// Whether a signature is that of a message under a public key. A signature of another length is none.
pub(crate) fn verify(public: &[u8; PUBLIC_LEN], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ML_DSA_44, public).verify(message, signature).is_ok()
}

fn pair(seed: &[u8; 32]) -> Result<PqdsaKeyPair, Refused> {
    PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed).map_err(|_| Refused)
}
