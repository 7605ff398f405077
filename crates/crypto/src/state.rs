//! The states of sealed rows and of heads: weighed, covered and sealed. What they are for is with
//! [`subrosa_domain::audit::Weight`].
//!
//! A weight is a MAC, so nobody without the key knows what a row weighs; a cover is a one-time pad, so nobody without
//! the key learns it from a sum that was written. Both are needed: whoever knew the weights of many old rows could look
//! for some that add up to what the latest do, which for sums of 256 bits is no great work.

use crate::{
    checkpoint::{self, Checkpoint, CheckpointKey, LaneEnd, Subject},
    hazmat::hmac,
    keyring::Keyring,
    service_keys::Version,
};
use subrosa_domain::{
    RowSeal, TenantId, Timestamp,
    audit::{Anchor, ChainHead, Covered, Note, StateSealer, Weight},
    tlv::Tlv,
};
use subrosa_kms::random;
use subrosa_plant::planted;

/// The length of a cover's nonce. Drawn anew each time: by 2^48 covers two share one with a chance of 2^-33.
const NONCE_LEN: usize = 16;

impl StateSealer for Keyring {
    fn row_holds(&self, tenant: TenantId, input: &[u8], seal: &RowSeal) -> bool {
        self.holds(tenant, input, seal)
    }

    fn weigh_row(&self, tenant: TenantId, seal: &RowSeal) -> Weight {
        let seal = if planted!("weight-without-seal") { &RowSeal::UNSEALED } else { seal };
        // Both parts have one length each: there is nothing to frame.
        Weight::from_bytes(&self.service.active.row_weight.mac(&[tenant.as_bytes(), &seal.0]))
    }

    fn weigh_head(&self, head: &ChainHead) -> Weight {
        let seal = if planted!("anchor-without-seals") { &RowSeal::UNSEALED } else { &head.seal };
        let bound = self.service.active.head_weight.mac(&[head.tenant_id.as_bytes(), &seal.0]);
        Weight::from_bytes(&bound)
    }

    fn cover(&self, weight: Weight) -> Covered {
        let mut covered = Covered([0; 48]);
        let (nonce, sum) = covered.0.split_at_mut(NONCE_LEN);
        random::fill(nonce);
        let pad = Weight::from_bytes(&self.service.active.cover.mac(&[nonce]));
        sum.copy_from_slice(&weight.plus(pad).to_bytes());
        covered
    }

    fn uncover(&self, covered: &Covered) -> Weight {
        let (nonce, sum) = covered.0.split_at(NONCE_LEN);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(sum);
        let pad = Weight::from_bytes(&self.service.active.cover.mac(&[nonce]));
        Weight::from_bytes(&bytes).minus(pad)
    }

    fn seal_anchor(&self, anchor: &Anchor) -> RowSeal {
        RowSeal(anchor_seal(&self.service.active, anchor))
    }

    fn anchor_holds(&self, anchor: &Anchor) -> bool {
        let seal = &anchor.seal.0;
        self.service.all().any(|version| hmac::same(&anchor_seal(version, anchor), seal))
    }

    fn note_head(&self, head: &ChainHead) -> Note {
        let checkpoint = Checkpoint::of_chain(head, &self.uncover(&head.state));
        checkpoint.signed(self.deployment, &self.service.active.checkpoint)
    }

    fn note_anchor(&self, anchor: &Anchor) -> Note {
        let checkpoint = Checkpoint::of_lane(anchor, &self.uncover(&anchor.state));
        checkpoint.signed(self.deployment, &self.service.active.checkpoint)
    }
}

impl Keyring {
    /// States where an export of a tenant's chains ends, signed: how many events it has, and the end of each lane, in
    /// order of the lanes.
    #[must_use]
    pub fn note_export(&self, tenant: TenantId, lanes: &[LaneEnd], time: Timestamp) -> Note {
        let place = lanes.iter().map(|end| end.seq).sum();
        let hash = checkpoint::ends(lanes);
        let subject = Subject::Export(tenant);
        let lanes = lanes.to_vec();
        let checkpoint = Checkpoint { subject, place, hash, state: None, lanes, time };
        checkpoint.signed(self.deployment, &self.service.active.checkpoint)
    }

    /// The keys that this deployment's checkpoints are checked with, the active one first.
    #[must_use]
    pub fn checkpoint_keys(&self) -> Vec<CheckpointKey> {
        self.service.all().map(|version| version.checkpoint.key(self.deployment)).collect()
    }
}

fn anchor_seal(version: &Version, anchor: &Anchor) -> [u8; 32] {
    let input = Tlv::new("subrosa/1/anchor")
        .uint(1, anchor.lane.into())
        .uint(2, anchor.position)
        .bytes(3, &anchor.state.0)
        .int(4, anchor.time.as_micros())
        .finish();
    version.anchor_seal.mac(&[&input])
}
