//! The audit chain's two computations: a link, which anyone can check, and a head's seal, which takes a key. Together
//! they show any change to the past, and any future that the server did not write.

use crate::{hazmat::hmac, keyring::Keyring, service_keys::Version};
use aws_lc_rs::digest::{Context, SHA256};
use subrosa_domain::{
    RowSeal,
    audit::{ChainHead, ChainSealer, Covered},
    tlv::Tlv,
};

/// Says that what is hashed is a link, should anything else ever be hashed this way.
const LINK: u8 = 1;

/// The link of an event: `SHA-256(0x01 ‖ lane u32 ‖ seq u64 ‖ previous link ‖ length u32 ‖ canonical event)`, numbers
/// big endian. Without a key, so that whoever holds an export can check it.
#[must_use]
pub fn link(lane: u32, seq: u64, previous: &[u8; 32], canonical: &[u8]) -> [u8; 32] {
    let length = u32::try_from(canonical.len()).unwrap_or(u32::MAX);
    let mut hash = Context::new(&SHA256);
    hash.update(&[LINK]);
    hash.update(&lane.to_be_bytes());
    hash.update(&seq.to_be_bytes());
    hash.update(previous);
    hash.update(&length.to_be_bytes());
    hash.update(canonical);
    finished(hash)
}

/// What was hashed, as bytes.
pub(crate) fn finished(hash: Context) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hash.finish().as_ref());
    out
}

impl ChainSealer for Keyring {
    fn link(&self, lane: u32, seq: u64, previous: &[u8; 32], canonical: &[u8]) -> [u8; 32] {
        link(lane, seq, previous, canonical)
    }

    fn seal_head(&self, head: &ChainHead) -> RowSeal {
        RowSeal(seal(&self.service.active, head))
    }

    fn head_holds(&self, head: &ChainHead) -> bool {
        self.service.all().any(|version| hmac::same(&seal(version, head), &head.seal.0))
    }
}

fn seal(version: &Version, head: &ChainHead) -> [u8; 32] {
    let input = Tlv::new("subrosa/1/audit-head")
        .bytes(1, head.tenant_id.as_bytes())
        .uint(2, head.lane.into())
        .uint(3, head.seq)
        .bytes(4, &head.hash)
        .int(5, head.time.as_micros());
    // A head from before states were kept has none, and its seal is over none.
    let state = (head.state != Covered::NONE).then_some(&head.state);
    let input = input.maybe(6, state, |input, tag, state| input.bytes(tag, &state.0)).finish();
    version.seal_head(head.tenant_id, &input)
}
