//! Walking an audit lane from its first event to its head, and naming the first place that does not hold.
//!
//! Needs no store: events come from one, from an export or from a backup. Without a key it checks every link; with one
//! it also checks that the head is the server's own, which is what shows a suffix that someone else wrote or cut off.

use crate::{chain::link, hazmat::hmac};
use subrosa_domain::{
    TenantId,
    audit::{ChainHead, ChainSealer, GENESIS, decode},
};
use subrosa_plant::planted;

/// What does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// The event, or the link kept with it, is not what was written; or an event was put in or taken out and the rest
    /// renumbered.
    Flipped,
    /// The event is missing: the next one that is there comes later.
    Gap,
    /// Where this event should be there is an earlier one, again or late.
    Reordered,
    /// The event is another tenant's.
    WrongTenant,
    /// The links hold and the bytes are no event this build can read: a newer build's, or someone else's.
    Unreadable,
    /// The head says that there were more events.
    TruncatedTail,
    /// What should be a checkpoint is none that this deployment signed for this log.
    Unsigned,
    /// There are fewer checkpoints, or more, than were made of this lane.
    Uncounted,
    /// The links hold, and the events are not those that were there when a checkpoint was made.
    Rewritten,
    /// The head is missing, or is not the one the server wrote for these events.
    HeadForged,
}

/// The first bad place of a lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("lane {lane}, event {seq}: {what}")]
pub struct ChainFault {
    /// The lane.
    pub lane: u32,
    /// The first place that does not hold.
    pub seq: u64,
    /// What does not hold there.
    pub what: Fault,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Flipped => "changed",
            Self::Gap => "missing",
            Self::Reordered => "out of order",
            Self::WrongTenant => "another tenant's",
            Self::Unreadable => "unreadable",
            Self::TruncatedTail => "the end is cut off",
            Self::Unsigned => "a checkpoint that was not signed",
            Self::Uncounted => "not the checkpoints that were made",
            Self::Rewritten => "not what was there at a checkpoint",
            Self::HeadForged => "the head is not the server's",
        })
    }
}

/// One lane being walked. Ends with [`Self::finish`]; until then the end of the lane is not checked.
#[must_use = "only `finish` checks where the lane ends"]
pub struct ChainWalk<'a> {
    sealer: Option<&'a dyn ChainSealer>,
    tenant: TenantId,
    lane: u32,
    seq: u64,
    last: [u8; 32],
}

impl<'a> ChainWalk<'a> {
    /// Starts before a lane's first event. Without a `sealer` heads are compared with the events and their seals are
    /// not checked, which is all that can be done without the deployment's keys.
    pub const fn new(sealer: Option<&'a dyn ChainSealer>, tenant: TenantId, lane: u32) -> Self {
        Self { sealer, tenant, lane, seq: 0, last: GENESIS }
    }

    /// The place of the last event that holds; 0 before the first.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The link of the last event that holds.
    pub(crate) const fn link(&self) -> &[u8; 32] {
        &self.last
    }

    /// Checks the next event. After a fault the walk is over: what follows cannot be told.
    ///
    /// # Errors
    /// The fault at this place.
    pub fn push(&mut self, seq: u64, canonical: &[u8], hash: &[u8; 32]) -> Result<(), ChainFault> {
        let expected = self.seq + 1;
        if seq != expected {
            let what = if seq > expected { Fault::Gap } else { Fault::Reordered };
            return Err(self.fault(expected, what));
        }
        let event = decode(canonical);
        // Told apart from a change first: it says where to look for the event that belongs here.
        if event.as_ref().is_ok_and(|event| event.tenant_id != self.tenant) {
            return Err(self.fault(seq, Fault::WrongTenant));
        }
        let link = link(self.lane, seq, &self.last, canonical);
        if !hmac::same(&link, hash) && !planted!("link-unchecked") {
            return Err(self.fault(seq, Fault::Flipped));
        }
        if event.is_err() {
            return Err(self.fault(seq, Fault::Unreadable));
        }
        (self.seq, self.last) = (seq, link);
        Ok(())
    }

    /// Checks that the lane ends where its head says. Returns how many events hold.
    ///
    /// # Errors
    /// [`Fault::TruncatedTail`] or [`Fault::HeadForged`]; a lane with events and without a head counts as forged.
    pub fn finish(self, head: Option<&ChainHead>) -> Result<u64, ChainFault> {
        let Some(head) = head else {
            return if self.seq == 0 {
                Ok(0)
            } else {
                Err(self.fault(self.seq, Fault::HeadForged))
            };
        };
        let own = (head.tenant_id, head.lane) == (self.tenant, self.lane)
            && self.sealer.is_none_or(|sealer| sealer.head_holds(head));
        if !own {
            return Err(self.fault(head.seq, Fault::HeadForged));
        }
        if head.seq > self.seq {
            return Err(self.fault(self.seq + 1, Fault::TruncatedTail));
        }
        // Events after the head were not written by whoever sealed it.
        if head.seq < self.seq {
            return Err(self.fault(head.seq + 1, Fault::HeadForged));
        }
        if !hmac::same(&head.hash, &self.last) {
            return Err(self.fault(self.seq, Fault::HeadForged));
        }
        Ok(self.seq)
    }

    const fn fault(&self, seq: u64, what: Fault) -> ChainFault {
        ChainFault { lane: self.lane, seq, what }
    }
}
