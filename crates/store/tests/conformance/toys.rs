//! A clock, ids, a listener and a chain sealer for tests. The sealer's mixing is no cryptography: it only makes every
//! byte count.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, AtomicU32, Ordering},
};
use subrosa_domain::{
    ChangeRef, Clock, Ids, RowSeal, TenantId, Timestamp,
    audit::{Anchor, ChainHead, ChainSealer, Covered, Note, StateSealer, Weight},
    uuid_v7,
};

/// A clock that moves when it is told to.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_700_000_000_000_000))
    }
}

impl TestClock {
    /// Moves the clock on and says what it shows.
    pub(crate) fn advance(&self, micros: i64) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(micros, Ordering::SeqCst) + micros)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count up.
#[derive(Debug, Default)]
pub(crate) struct CountingIds(AtomicU32);

impl Ids for CountingIds {
    fn next(&self) -> uuid::Uuid {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        let mut random = [0xEE; 10];
        random[..4].copy_from_slice(&n.to_be_bytes());
        uuid_v7(Timestamp::from_millis(1_700_000_000_000), &random)
    }
}

/// Links and seals by mixing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ToySealer;

impl ToySealer {
    fn mix(parts: &[&[u8]]) -> [u8; 32] {
        let mut lanes = [0x9E37_79B9_7F4A_7C15_u64, 1, 2, 3];
        let framed = parts.iter().flat_map(|part| {
            part.len().to_be_bytes().into_iter().chain(part.iter().copied()).collect::<Vec<_>>()
        });
        for (place, byte) in framed.enumerate() {
            let lane = &mut lanes[place % 4];
            *lane = (*lane ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3).rotate_left(17);
            let carried = lanes[place % 4];
            lanes[(place + 1) % 4] ^= carried >> 7;
        }
        let mut out = [0; 32];
        for (chunk, lane) in out.chunks_exact_mut(8).zip(lanes) {
            chunk.copy_from_slice(&lane.to_be_bytes());
        }
        out
    }
}

impl ChainSealer for ToySealer {
    fn link(&self, lane: u32, seq: u64, previous: &[u8; 32], canonical: &[u8]) -> [u8; 32] {
        Self::mix(&[b"link", &lane.to_be_bytes(), &seq.to_be_bytes(), previous, canonical])
    }

    fn seal_head(&self, head: &ChainHead) -> RowSeal {
        RowSeal(Self::mix(&[
            b"head",
            head.tenant_id.as_bytes(),
            &head.lane.to_be_bytes(),
            &head.seq.to_be_bytes(),
            &head.hash,
            &head.time.as_micros().to_be_bytes(),
            if head.state == Covered::NONE { &[] } else { &head.state.0 },
        ]))
    }

    fn head_holds(&self, head: &ChainHead) -> bool {
        self.seal_head(head) == head.seal
    }
}

impl StateSealer for ToySealer {
    fn row_holds(&self, _tenant: TenantId, _input: &[u8], seal: &RowSeal) -> bool {
        *seal != RowSeal::UNSEALED
    }

    fn weigh_row(&self, tenant: TenantId, seal: &RowSeal) -> Weight {
        Weight::from_bytes(&Self::mix(&[b"row", tenant.as_bytes(), &seal.0]))
    }

    fn weigh_head(&self, head: &ChainHead) -> Weight {
        Weight::from_bytes(&Self::mix(&[b"head weight", head.tenant_id.as_bytes(), &head.seal.0]))
    }

    fn cover(&self, weight: Weight) -> Covered {
        let mut covered = Covered([0xC0; 48]);
        covered.0[16..].copy_from_slice(&weight.to_bytes());
        covered
    }

    fn uncover(&self, covered: &Covered) -> Weight {
        Weight::from_bytes(covered.0[16..].try_into().unwrap())
    }

    fn seal_anchor(&self, anchor: &Anchor) -> RowSeal {
        RowSeal(Self::mix(&[
            b"anchor",
            &anchor.lane.to_be_bytes(),
            &anchor.position.to_be_bytes(),
            &anchor.state.0,
            &anchor.time.as_micros().to_be_bytes(),
        ]))
    }

    fn anchor_holds(&self, anchor: &Anchor) -> bool {
        self.seal_anchor(anchor) == anchor.seal
    }

    fn note_head(&self, head: &ChainHead) -> Note {
        Note(format!("{} {}", head.lane, head.seq).into())
    }

    fn note_anchor(&self, anchor: &Anchor) -> Note {
        Note(format!("{} {}", anchor.lane, anchor.position).into())
    }
}

/// A listener that remembers what it was told.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Vec<ChangeRef>>);

impl Told {
    /// Everything so far.
    #[must_use]
    pub(crate) fn so_far(&self) -> Vec<ChangeRef> {
        self.0.lock().unwrap().clone()
    }
}

impl crate::port::ChangeListener for Told {
    fn changed(&self, changes: &[ChangeRef]) {
        self.0.lock().unwrap().extend_from_slice(changes);
    }
}
