//! HMAC-SHA-256 with its key schedule kept: a key that authenticates or derives often is hashed once, not every time.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac::{Context, HMAC_SHA256, Key},
};

/// A key's schedule. The library wipes it when it is dropped.
pub(crate) struct HmacKey(Key);

impl HmacKey {
    /// The schedule of a key.
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Key::new(HMAC_SHA256, key))
    }

    /// The MAC over the parts one after another. Nothing frames them here: the caller does, or fixes their lengths.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

/// Whether two MACs or commitments are the same, in time that does not depend on where they differ.
pub(crate) fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    verify_slices_are_equal(a, b).is_ok()
}
