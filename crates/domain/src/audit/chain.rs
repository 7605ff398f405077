//! How events are chained, and the port by which a committer, which holds no key, has that done.

use super::{Covered, StateSealer};
use crate::{ids::TenantId, row::RowSeal, time::Timestamp};

/// The hash before the first event of every lane.
pub const GENESIS: [u8; 32] = [0; 32];

/// The end of a lane. Each tenant has one lane per writing node, so that nodes never queue behind one lock; `seq`
/// counts from 1 without gaps in its lane. Sealed, so that a suffix written by someone without the key does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// Whose chain.
    pub tenant_id: TenantId,
    /// Which lane.
    pub lane: u32,
    /// The last event's place; 0 before the first.
    pub seq: u64,
    /// The last event's link; [`GENESIS`] before the first.
    pub hash: [u8; 32],
    /// The last event's time.
    pub time: Timestamp,
    /// What this lane's commits made of the tenant's sealed rows. The states of all lanes add up to that of the rows.
    pub state: Covered,
    /// [`ChainSealer::seal_head`] over all of the above.
    pub seal: RowSeal,
}

/// Computes links and head seals inside a commit, whose order only the committer knows. Implemented in `crypto`.
pub trait ChainSealer: StateSealer {
    /// The link of the event encoded as `canonical` at `seq` of a lane, after `previous`.
    fn link(&self, lane: u32, seq: u64, previous: &[u8; 32], canonical: &[u8]) -> [u8; 32];

    /// The seal of a head; what its `seal` field holds is not looked at.
    fn seal_head(&self, head: &ChainHead) -> RowSeal;

    /// Whether a head carries its seal.
    fn head_holds(&self, head: &ChainHead) -> bool;
}
