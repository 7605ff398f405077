//! HKDF-SHA-256 (RFC 5869), for keys derived from a random key and a random salt. `info` carries what the output is
//! for: the caller frames it.

use super::Refused;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

/// The salt RFC 5869 uses when there is none.
pub(crate) const NO_SALT: [u8; 32] = [0; 32];

/// Extracts and expands to `N` keys of 32 bytes, in one expansion.
pub(crate) fn derive<const N: usize>(
    key: &[u8],
    salt: &[u8],
    info: &[&[u8]],
) -> Result<Zeroizing<[[u8; 32]; N]>, Refused> {
    let mut keys = Zeroizing::new([[0; 32]; N]);
    fill(key, salt, info, keys.as_flattened_mut())?;
    Ok(keys)
}

/// The same for any length up to 255 × 32 bytes.
pub(crate) fn fill(key: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), Refused> {
    let extracted = Salt::new(HKDF_SHA256, salt).extract(key);
    let expanded = extracted.expand(info, Length(out.len())).map_err(|_| Refused)?;
    expanded.fill(out).map_err(|_| Refused)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
