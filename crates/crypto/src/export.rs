//! Walking an export of a tenant's chains, line by line: without a store, without a secret, and with nothing kept but
//! where each lane stands.
//!
//! The links show a change to any event. A checkpoint shows a chain that was made anew from some event on, for whoever
//! does that cannot sign. The end shows what was cut off. It is signed with all that the key has parts for, and vouches
//! for every link: a checkpoint may be from before the deployment signed twice, the end may not.

use crate::{
    checkpoint::{Checkpoint, CheckpointKey, LaneEnd, Subject},
    hazmat::hmac,
    verify::{ChainFault, ChainWalk, Fault},
};
use std::collections::BTreeMap;
use subrosa_domain::{TenantId, Timestamp};
use subrosa_plant::planted;

/// An export being walked: its lanes in order, each with its checkpoints in their places, and its end. Ends with
/// [`Self::finish`]; until then what may be cut off is not checked.
#[must_use = "only `finish` checks where the export ends"]
pub struct ExportWalk<'k> {
    key: &'k CheckpointKey,
    tenant: TenantId,
    lanes: BTreeMap<u32, Lane<'k>>,
    end: Option<Timestamp>,
}

struct Lane<'k> {
    walk: ChainWalk<'k>,
    /// The last place that a checkpoint vouches for.
    vouched: u64,
    /// How many checkpoints there were.
    checkpoints: u64,
}

/// An export that holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExportVerified {
    /// How many events it has.
    pub events: u64,
    /// How many lanes they are in.
    pub lanes: usize,
    /// When it was made.
    pub time: Timestamp,
}

impl<'k> ExportWalk<'k> {
    /// Starts before the first line of an export of this tenant, whose checkpoints this key signed.
    pub const fn new(key: &'k CheckpointKey, tenant: TenantId) -> Self {
        Self { key, tenant, lanes: BTreeMap::new(), end: None }
    }

    /// Checks the next event of a lane.
    ///
    /// # Errors
    /// The fault at this place.
    pub fn event(
        &mut self,
        lane: u32,
        seq: u64,
        canonical: &[u8],
        hash: &[u8; 32],
    ) -> Result<(), ChainFault> {
        if self.is_out_of_turn(lane) {
            return Err(self.somewhere(Fault::Reordered));
        }
        self.lane(lane).walk.push(seq, canonical, hash)
    }

    /// Checks a checkpoint against the lane as it was walked so far.
    ///
    /// # Errors
    /// [`Fault::Unsigned`] for a text that is none; [`Fault::Gap`] when it vouches for more events than there are;
    /// [`Fault::Reordered`] when it is not of the place it stands at, or is there again; [`Fault::Rewritten`] when the
    /// events before it are not those that it vouches for.
    pub fn checkpoint(&mut self, note: &str) -> Result<(), ChainFault> {
        let opened = Checkpoint::open_earlier(note, self.key).ok();
        let own = opened.and_then(|checkpoint| match checkpoint.subject {
            Subject::Chain(tenant, lane) if tenant == self.tenant => Some((lane, checkpoint)),
            _ => None,
        });
        let Some((lane, checkpoint)) = own else { return Err(self.somewhere(Fault::Unsigned)) };
        if self.is_out_of_turn(lane) || !self.lanes.contains_key(&lane) {
            return Err(self.somewhere(Fault::Reordered));
        }
        let known = self.lane(lane);
        let (at, after) = (known.walk.seq(), known.vouched + 1);
        if checkpoint.place > at {
            return Err(ChainFault { lane, seq: at + 1, what: Fault::Gap });
        }
        if checkpoint.place < at || checkpoint.place <= known.vouched {
            return Err(ChainFault { lane, seq: at + 1, what: Fault::Reordered });
        }
        if !hmac::same(&checkpoint.hash, known.walk.link()) && !planted!("checkpoint-unchecked") {
            return Err(ChainFault { lane, seq: after, what: Fault::Rewritten });
        }
        known.vouched = at;
        known.checkpoints += 1;
        Ok(())
    }

    /// Checks the end: that every lane goes as far as it went when the export was made, and no further, with every
    /// checkpoint that was made of it. One that is not there says nothing of its place: the fault is at the lane's end.
    /// There is a lane at least: a tenant's first event is that it was made, so a log without any was taken away before
    /// it was exported.
    ///
    /// # Errors
    /// [`Fault::Unsigned`], [`Fault::TruncatedTail`], [`Fault::Rewritten`], [`Fault::Uncounted`] or [`Fault::Gap`].
    pub fn end(&mut self, note: &str) -> Result<(), ChainFault> {
        let opened = Checkpoint::open(note, self.key).ok();
        let own = opened.filter(|end| end.subject == Subject::Export(self.tenant));
        let Some(end) = own.filter(|_| self.end.is_none()) else {
            return Err(self.somewhere(Fault::Unsigned));
        };
        for LaneEnd { lane, seq, link, checkpoints } in &end.lanes {
            if planted!("end-unchecked") {
                break;
            }
            let known = self.lane(*lane);
            let (at, after) = (known.walk.seq(), known.vouched + 1);
            if at < *seq {
                return Err(ChainFault { lane: *lane, seq: at + 1, what: Fault::TruncatedTail });
            }
            if at > *seq {
                return Err(ChainFault { lane: *lane, seq: seq + 1, what: Fault::Rewritten });
            }
            if !hmac::same(link, known.walk.link()) {
                return Err(ChainFault { lane: *lane, seq: after, what: Fault::Rewritten });
            }
            if known.checkpoints != *checkpoints && !planted!("checkpoints-uncounted") {
                return Err(ChainFault { lane: *lane, seq: at, what: Fault::Uncounted });
            }
        }
        let foreign = self.lanes.keys().find(|lane| end.lanes.iter().all(|own| own.lane != **lane));
        if let Some(lane) = foreign {
            return Err(ChainFault { lane: *lane, seq: 1, what: Fault::Rewritten });
        }
        if self.lanes.is_empty() {
            return Err(self.somewhere(Fault::Gap));
        }
        self.end = Some(end.time);
        Ok(())
    }

    /// What the export holds, if it is whole.
    ///
    /// # Errors
    /// [`Fault::TruncatedTail`] when it has no end.
    pub fn finish(self) -> Result<ExportVerified, ChainFault> {
        let Some(time) = self.end else { return Err(self.somewhere(Fault::TruncatedTail)) };
        let events = self.lanes.values().map(|lane| lane.walk.seq()).sum();
        Ok(ExportVerified { events, lanes: self.lanes.len(), time })
    }

    /// A fault at the place that the walk has reached.
    #[must_use]
    pub fn somewhere(&self, what: Fault) -> ChainFault {
        let last = self.lanes.last_key_value();
        let (lane, seq) = last.map_or((0, 0), |(lane, known)| (*lane, known.walk.seq()));
        ChainFault { lane, seq: seq + 1, what }
    }

    /// Whether a line of this lane comes too late: the lanes are in order, and nothing is after the end.
    fn is_out_of_turn(&self, lane: u32) -> bool {
        let reached = self.lanes.last_key_value().map(|(lane, _)| *lane);
        let over = reached.is_some_and(|reached| lane < reached);
        self.end.is_some() || (over && !planted!("lanes-in-any-order"))
    }

    fn lane(&mut self, lane: u32) -> &mut Lane<'k> {
        let tenant = self.tenant;
        self.lanes.entry(lane).or_insert_with(|| Lane {
            walk: ChainWalk::new(None, tenant, lane),
            vouched: 0,
            checkpoints: 0,
        })
    }
}
