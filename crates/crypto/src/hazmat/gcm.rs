//! AES-256-GCM. Never use one (key, IV) pair twice: it gives away both plaintexts' difference and the authentication
//! key. Callers here derive a fresh key for every message, so the random IV is a second wall and not the only one.
//!
//! GCM does not commit to its key: a ciphertext can be made that opens under two. Whoever can choose keys must be
//! stopped by other means, which for values is the commitment in the value block.

use super::Refused;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    constant_time::verify_slices_are_equal,
};
use zeroize::Zeroizing;

/// The length of an IV: the one for which GCM needs no extra hashing, and the only one we write.
pub(crate) const IV_LEN: usize = 12;

/// The length of a tag. Never cut short.
pub(crate) const TAG_LEN: usize = 16;

/// Encrypts `in_out` where it is and returns the tag.
pub(crate) fn seal(
    key: &[u8; 32],
    iv: &[u8; IV_LEN],
    aad: &[u8],
    in_out: &mut [u8],
) -> Result<[u8; TAG_LEN], Refused> {
    let tag = cipher(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*iv), Aad::from(aad), in_out)
        .map_err(|_| Refused)?;
    tag.as_ref().try_into().map_err(|_| Refused)
}

/// Checks and decrypts `ciphertext` into `out`, which must be as long. On an error `out` holds nothing of use.
pub(crate) fn open(
    key: &[u8; 32],
    iv: &[u8; IV_LEN],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8; TAG_LEN],
    out: &mut [u8],
) -> Result<(), Refused> {
    let nonce = Nonce::assume_unique_for_key(*iv);
    cipher(key)?
        .open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, out)
        .map_err(|_| Refused)
}

/// Whether `ciphertext` and `tag` are what `candidate` encrypts to, without decrypting them.
///
/// It runs the cipher under a (key, IV) pair that was used before, which the rule above forbids, and is safe for one
/// reason: what it makes stays in `scratch`, which is wiped here and seen by nobody. The rule is about two ciphertexts
/// that an attacker can lay side by side; here there is one, the stored one, and one bit about it. That bit takes the
/// same time wherever the two differ. A damaged ciphertext is simply not the candidate's.
pub(crate) fn is_of(
    key: &[u8; 32],
    iv: &[u8; IV_LEN],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8; TAG_LEN],
    candidate: &[u8],
) -> Result<bool, Refused> {
    // How long a value is, its block shows anyway.
    if candidate.len() != ciphertext.len() {
        return Ok(false);
    }
    let mut scratch = Zeroizing::new(candidate.to_vec());
    let made = Zeroizing::new(seal(key, iv, aad, &mut scratch)?);
    let body = verify_slices_are_equal(&scratch, ciphertext).is_ok();
    let end = verify_slices_are_equal(made.as_ref(), tag).is_ok();
    Ok(body & end)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Refused> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| Refused)
}
