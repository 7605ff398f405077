//! How a root key in a file wraps another key. Byte for byte in docs/reference/key-format.md.
//!
//! A random 96-bit IV is enough here: one root key wraps as many keys as there are tenant-key versions, far from the
//! 2^32 at which random IVs become doubtful.

use crate::{error::KmsError, key::KeyBytes, random, stack};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const WRAP_INFO: &[u8] = b"subrosa/1/root/wrap";
const FINGERPRINT_INFO: &[u8] = b"subrosa/1/root/fingerprint";

/// `format ‖ iv[12] ‖ ciphertext[32] ‖ tag[16]`.
pub(super) fn wrap(root: &[u8; 32], context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError> {
    let mut iv = [0; 12];
    random::fill(&mut iv);
    stack::wiped(|| wrap_with(root, context, key, iv))
}

fn wrap_with(
    root: &[u8; 32],
    context: &[u8],
    key: &KeyBytes,
    iv: [u8; 12],
) -> Result<Vec<u8>, KmsError> {
    let mut body = Zeroizing::new(*key.expose());
    let tag = cipher(root)
        .and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(iv);
            cipher.seal_in_place_separate_tag(nonce, Aad::from(context), body.as_mut())
        })
        .map_err(|Unspecified| KmsError::Integrity)?;
    Ok([&[FORMAT], &iv[..], &body[..], tag.as_ref()].concat())
}

/// Unwraps what [`wrap`] made.
pub(super) fn unwrap(
    root: &[u8; 32],
    context: &[u8],
    wrapped: &[u8],
) -> Result<KeyBytes, KmsError> {
    stack::wiped(|| open(root, context, wrapped)).ok_or(KmsError::Integrity)
}

fn open(root: &[u8; 32], context: &[u8], wrapped: &[u8]) -> Option<KeyBytes> {
    let (&[FORMAT], rest) = wrapped.split_first_chunk()? else { return None };
    let (&iv, rest) = rest.split_first_chunk::<12>()?;
    let (body, tag) = rest.split_first_chunk::<32>()?;
    let tag: &[u8; 16] = tag.try_into().ok()?;
    let mut key = KeyBytes::zeroed();
    cipher(root)
        .and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(iv);
            cipher.open_separate_gather(nonce, Aad::from(context), body, tag, key.as_mut())
        })
        .ok()?;
    Some(key)
}

/// A public name for the root key. One-way, and under a label of its own, so it says nothing about the wrapping key.
pub(super) fn fingerprint(root: &[u8; 32]) -> Result<[u8; 32], Unspecified> {
    stack::wiped(|| derive(root, FINGERPRINT_INFO).map(|bytes| *bytes))
}

/// Derived afresh for each use, so that the root's own page holds the only long-lived copy of anything secret.
fn cipher(root: &[u8; 32]) -> Result<LessSafeKey, Unspecified> {
    let key = derive(root, WRAP_INFO)?;
    UnboundKey::new(&AES_256_GCM, key.as_ref()).map(LessSafeKey::new)
}

fn derive(root: &[u8; 32], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, Unspecified> {
    let mut out = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, &[0; 32]).extract(root).expand(&[info], Len32)?.fill(out.as_mut())?;
    Ok(out)
}

struct Len32;

impl KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}
