//! Verifying a tenant's chains: every link, every place, and the sealed heads; and, on demand, that the seal of every
//! row holds and that the rows there are add up to the states that the heads carry.

use crate::{app::App, context::Op, error::AppError, limits};
use std::sync::Arc;
use subrosa_crypto::verify::{ChainFault, ChainWalk, Fault};
use subrosa_domain::{
    TenantId,
    audit::{ChainHead, ChainSealer, Resource, StateSealer, Weight},
    policy::{Permit, ReadAudit},
};
use subrosa_store::RowsWeighed;

/// The outcome of a verification.
#[derive(Debug)]
pub struct Verified {
    /// The lanes that were walked, in order.
    pub lanes: Vec<LaneVerified>,
    /// The first bad place, if there is one.
    pub fault: Option<ChainFault>,
    /// Whether rows and heads are those that were written last; `None` when that was not asked.
    pub states: Option<StatesVerified>,
}

/// What adding up rows and heads has shown. A row that was put back is genuine, so neither says which it is; one that
/// was edited is not, and is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatesVerified {
    /// The tenant's sealed rows are those that its commits wrote last.
    pub rows: bool,
    /// The heads of all tenants are those that the deployment's commits wrote last.
    pub heads: bool,
    /// Rows whose own seals do not hold, a hundred at most.
    pub edited: Vec<Resource>,
}

impl Verified {
    /// Whether everything that was looked at holds.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        let current =
            |states: &StatesVerified| states.rows && states.heads && states.edited.is_empty();
        self.fault.is_none() && self.states.as_ref().is_none_or(current)
    }
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
    /// Walks every chain of the tenant from its first event to its sealed head. `deep` looks at the seals of its rows
    /// as well and adds them up, and the heads of the deployment: that reads every row.
    ///
    /// # Errors
    /// Faults of the store. A chain that does not hold is an answer, not an error.
    pub async fn verify_events(
        &self,
        op: &Op,
        _permit: &Permit<ReadAudit>,
        deep: bool,
    ) -> Result<Verified, AppError> {
        // A chain that is damaged may not take what waits; that is for the walk to find.
        let _ = self.flush_for(op.tenant_id).await;
        self.chain_ready(op).await?;
        let states = if deep { Some(self.verify_states(op.tenant_id).await?) } else { None };
        let mut lanes = Vec::new();
        let heads = self.tenant(op.tenant_id).heads().await?;
        if heads.is_empty() {
            // A tenant's first event is that it was made: a log without any was taken away.
            let fault = Some(ChainFault { lane: 0, seq: 1, what: Fault::Gap });
            return Ok(Verified { lanes, fault, states });
        }
        for head in heads {
            match self.walk_lane(op, &head).await? {
                Ok(lane) => lanes.push(lane),
                Err(fault) => return Ok(Verified { lanes, fault: Some(fault), states }),
            }
        }
        Ok(Verified { lanes, fault: None, states })
    }

    async fn verify_states(&self, tenant: TenantId) -> Result<StatesVerified, AppError> {
        let sealer = || Arc::clone(&self.keyring) as Arc<dyn StateSealer>;
        let RowsWeighed { weight, broken, heads } =
            self.tenant(tenant).weigh_rows(sealer()).await?;
        let edited: Vec<Resource> = broken.into_iter().map(|row| row.resource).collect();
        for row in &edited {
            self.record_row(tenant, row.clone());
        }
        let genuine = heads.iter().all(|head| self.keyring.head_holds(head));
        let state = heads
            .iter()
            .fold(Weight::ZERO, |sum, head| sum.plus(self.keyring.uncover(&head.state)));
        let (sum, anchor) = self.store.weigh_heads(sealer()).await?;
        let anchored = anchor.is_some_and(|anchor| {
            self.keyring.anchor_holds(&anchor) && self.keyring.uncover(&anchor.state) == sum
        });
        Ok(StatesVerified { rows: genuine && weight == state, heads: anchored, edited })
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
