//! The two blocks of an envelope, byte for byte. It cuts and joins; it checks nothing but lengths and constants.
//!
//! ```text
//! value block   "SR" ‖ format = 1 ‖ suite = 1 ‖ salt[32] ‖ commitment[32] ‖ iv[12] ‖ ciphertext ‖ tag[16]
//! wrap block    format = 1 ‖ tenant-key version (4 bytes, big endian) ‖ salt[16] ‖ iv[12] ‖ ciphertext[32] ‖ tag[16]
//! ```

use crate::hazmat::gcm::{IV_LEN, TAG_LEN};
use subrosa_plant::planted;

const MAGIC: [u8; 2] = *b"SR";
/// The format of both blocks.
pub(crate) const FORMAT: u8 = 1;
/// AES-256-GCM under keys from HKDF-SHA-256, with a 32-byte key commitment.
pub(crate) const SUITE: u8 = 1;

/// The length of a value block around an empty value.
pub(crate) const VALUE_OVERHEAD: usize = 2 + 1 + 1 + 32 + 32 + IV_LEN + TAG_LEN;

/// A value block, cut at its seams.
pub(crate) struct ValueBlock<'a> {
    pub(crate) salt: &'a [u8; 32],
    pub(crate) commitment: &'a [u8; 32],
    pub(crate) iv: &'a [u8; IV_LEN],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) tag: &'a [u8; TAG_LEN],
}

impl<'a> ValueBlock<'a> {
    /// `None` when the bytes are too short, or of a format or suite this build does not write.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<4>()?;
        if *head != head_bytes() && !planted!("header-unchecked") {
            return None;
        }
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some(Self { salt, commitment, iv, ciphertext, tag })
    }

    /// What stands before the ciphertext.
    pub(crate) fn start(
        salt: &[u8; 32],
        commitment: &[u8; 32],
        iv: &[u8; IV_LEN],
        into: &mut Vec<u8>,
    ) {
        into.extend_from_slice(&head_bytes());
        into.extend_from_slice(salt);
        into.extend_from_slice(commitment);
        into.extend_from_slice(iv);
    }
}

const fn head_bytes() -> [u8; 4] {
    let [s, r] = MAGIC;
    [s, r, FORMAT, SUITE]
}

/// A wrap block, cut at its seams.
pub(crate) struct WrapBlock<'a> {
    pub(crate) key_version: u32,
    pub(crate) salt: &'a [u8; 16],
    pub(crate) iv: &'a [u8; IV_LEN],
    pub(crate) ciphertext: &'a [u8; 32],
    pub(crate) tag: &'a [u8; TAG_LEN],
}

impl<'a> WrapBlock<'a> {
    /// `None` when the length is wrong or the format is not one this build writes.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[format], rest) = bytes.split_first_chunk()?;
        let (&version, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (ciphertext, rest) = rest.split_first_chunk()?;
        let tag = rest.try_into().ok()?;
        let key_version = u32::from_be_bytes(version);
        (format == FORMAT).then_some(Self { key_version, salt, iv, ciphertext, tag })
    }

    /// The bytes of the block.
    pub(crate) fn to_bytes(&self) -> Box<[u8]> {
        let version = self.key_version.to_be_bytes();
        let parts: [&[u8]; 6] =
            [&[FORMAT], &version, self.salt, self.iv, self.ciphertext, self.tag];
        parts.concat().into_boxed_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_shape_parses() {
        let mut value = Vec::new();
        ValueBlock::start(&[1; 32], &[2; 32], &[3; 12], &mut value);
        value.extend_from_slice(&[4; 16]);
        assert_eq!(value.len(), VALUE_OVERHEAD);
        assert!(ValueBlock::parse(&value).is_some_and(|block| block.ciphertext.is_empty()));
        for end in 0..value.len() {
            assert!(ValueBlock::parse(&value[..end]).is_none(), "cut at {end}");
        }
        for at in 0..4 {
            let mut odd = value.clone();
            odd[at] ^= 1;
            assert!(ValueBlock::parse(&odd).is_none(), "changed at {at}");
        }
    }

    #[test]
    fn a_wrap_has_one_length() {
        let (ciphertext, tag) = ([3; 32], [4; 16]);
        let block = WrapBlock {
            key_version: 7,
            salt: &[1; 16],
            iv: &[2; 12],
            ciphertext: &ciphertext,
            tag: &tag,
        };
        let bytes = block.to_bytes();
        assert_eq!(bytes.len(), 81);
        assert!(WrapBlock::parse(&bytes).is_some_and(|block| block.key_version == 7));
        for end in 0..bytes.len() {
            assert!(WrapBlock::parse(&bytes[..end]).is_none(), "cut at {end}");
        }
        assert!(WrapBlock::parse(&[&bytes[..], &[0]].concat()).is_none());
        assert!(WrapBlock::parse(&[&[2], &bytes[1..]].concat()).is_none());
    }
}
