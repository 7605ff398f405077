//! The counter-mode KDF of NIST SP 800-108 with HMAC-SHA-256, for one 32-byte key: a single block, so a single HMAC
//! over a schedule that is kept. That makes it the KDF of the hot path, where HKDF would hash the key anew each time.

use super::hmac::HmacKey;
use zeroize::Zeroizing;

/// `HMAC(key, counter = 1 ‖ label ‖ 0x00 ‖ context ‖ length in bits = 256)`, both numbers 4 bytes, big endian.
///
/// The caller sees to it that no label holds a zero byte and that each label fixes the lengths of its context's parts,
/// so that no two uses share an input. A part that is not needed is empty.
pub(crate) fn derive(key: &HmacKey, label: &str, context: [&[u8]; 2]) -> Zeroizing<[u8; 32]> {
    let [first, second] = context;
    let (counter, bits) = (1_u32.to_be_bytes(), 256_u32.to_be_bytes());
    Zeroizing::new(key.mac(&[&counter, label.as_bytes(), &[0], first, second, &bits]))
}
