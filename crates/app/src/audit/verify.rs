//! Verifying a tenant's chains: every link, every place, and the sealed heads.

use crate::{app::App, context::Op, error::AppError, limits};
use subrosa_crypto::verify::{ChainFault, ChainWalk, Fault};
use subrosa_domain::{
    audit::ChainHead,
    policy::{Permit, ReadAudit},
};

/// The outcome of a verification.
#[derive(Debug)]
pub struct Verified {
    /// The lanes that were walked, in order.
    pub lanes: Vec<LaneVerified>,
    /// The first bad place, if there is one.
    pub fault: Option<ChainFault>,
}

/// One lane that was walked.
#[derive(Clone, Debug)]
pub struct LaneVerified {
    /// Which lane.
    pub lane: u32,
    /// How many of its events hold.
    pub events: u64,
    /// The link of the last of them.
    pub head: [u8; 32],
}

impl App {
    /// Walks every chain of the tenant from its first event to its sealed head.
    ///
    /// # Errors
    /// Faults of the store. A chain that does not hold is an answer, not an error.
    pub async fn verify_events(
        &self,
        op: &Op,
        _permit: &Permit<ReadAudit>,
    ) -> Result<Verified, AppError> {
        // A chain that is damaged may not take what waits; that is for the walk to find.
        let _ = self.flush_for(op.tenant_id).await;
        self.chain_ready(op).await?;
        let mut lanes = Vec::new();
        let heads = self.tenant(op.tenant_id).heads().await?;
        if heads.is_empty() {
            // A tenant's first event is that it was made: a log without any was taken away.
            let fault = Some(ChainFault { lane: 0, seq: 1, what: Fault::Gap });
            return Ok(Verified { lanes, fault });
        }
        for head in heads {
            match self.walk_lane(op, &head).await? {
                Ok(lane) => lanes.push(lane),
                Err(fault) => return Ok(Verified { lanes, fault: Some(fault) }),
            }
        }
        Ok(Verified { lanes, fault: None })
    }

    async fn walk_lane(
        &self,
        op: &Op,
        head: &ChainHead,
    ) -> Result<Result<LaneVerified, ChainFault>, AppError> {
        let tenant = self.tenant(op.tenant_id);
        let mut walk = ChainWalk::new(Some(&*self.keyring), op.tenant_id, head.lane);
        let mut seq = 1;
        loop {
            let batch = tenant.events_from(head.lane, seq, limits::PAGE_MAX).await?;
            // What was appended after the head was read belongs to the next verification.
            let batch = batch.into_iter().take_while(|stored| stored.seq <= head.seq);
            let before = seq;
            for stored in batch {
                seq = stored.seq + 1;
                if let Err(fault) = walk.push(stored.seq, &stored.canonical, &stored.hash) {
                    return Ok(Err(fault));
                }
            }
            if seq == before {
                break;
            }
        }
        Ok(walk.finish(Some(head)).map(|events| LaneVerified {
            lane: head.lane,
            events,
            head: head.hash,
        }))
    }
}
