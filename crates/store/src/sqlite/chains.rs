//! The ends of the audit chains, as the committer holds them, and how an event is appended.
//!
//! A batch works on copies: what it appended counts only once the whole batch is durable ([`Chains::keep`]), and is
//! forgotten when it is not ([`Chains::forget`]). A caller whose commit fails takes back only its own
//! ([`Chains::undo`]). No key is here: links and seals are asked of a [`ChainSealer`].

use super::{audit, meta, meta::Run};
use crate::{
    error::StoreError,
    port::{AuditCursor, Result, StoredEvent},
};
use rusqlite::Connection;
use std::{collections::HashMap, sync::Arc};
use subrosa_domain::{
    Clock, EventId, Ids, RowSeal, TenantId, Timestamp,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, ChainHead, ChainSealer, Decision, Detail,
        GENESIS, Resource, ResourceKind, Surface, encode,
    },
};

/// How many heads stay in memory, about 150 bytes each. Beyond that all are dropped and read again as they are needed:
/// one row and one seal check per tenant.
const KEPT_MAX: usize = 16_384;

/// Events need a run that has begun, with its sealer.
#[derive(Debug, thiserror::Error)]
#[error("events cannot be chained before the store was given its sealer")]
struct NotBegun;

/// What begins with the run: who seals, and which run it is.
struct Begun {
    sealer: Arc<dyn ChainSealer>,
    run: Run,
}

/// A head that the current batch works on.
#[derive(Clone)]
struct Staged {
    head: ChainHead,
    moved: bool,
}

/// The heads of one lane.
pub(super) struct Chains {
    lane: u32,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    begun: Option<Begun>,
    kept: HashMap<TenantId, ChainHead>,
    staged: HashMap<TenantId, Staged>,
    /// What to put back should the current caller fail: each head as it was before.
    before: Vec<(TenantId, Option<Staged>)>,
}

impl Chains {
    pub(super) fn new(lane: u32, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        let (kept, staged) = (HashMap::new(), HashMap::new());
        Self { lane, clock, ids, begun: None, kept, staged, before: Vec::new() }
    }

    /// The run that has begun.
    pub(super) fn run(&self) -> Option<Run> {
        self.begun.as_ref().map(|begun| begun.run)
    }

    /// The lane events are appended to.
    pub(super) const fn lane(&self) -> u32 {
        self.lane
    }

    /// From here on events can be appended.
    pub(super) fn begin(&mut self, sealer: Arc<dyn ChainSealer>, run: Run) {
        self.begun = Some(Begun { sealer, run });
    }

    /// Appends an event to its tenant's chain.
    pub(super) fn append(&mut self, conn: &Connection, event: &AuditEvent) -> Result<AuditCursor> {
        self.touch(conn, event.tenant_id)?;
        self.link(conn, event)
    }

    /// Makes the tenant's head ready. The first time after a run that was not closed, that is when the chain is told
    /// that counts may be missing.
    pub(super) fn touch(&mut self, conn: &Connection, tenant: TenantId) -> Result<()> {
        if self.staged.contains_key(&tenant) {
            return Ok(());
        }
        let begun = self.begun.as_ref().ok_or_else(not_begun)?;
        if let Some(head) = self.kept.get(&tenant) {
            self.staged.insert(tenant, Staged { head: head.clone(), moved: false });
            return Ok(());
        }
        let stored = audit::head(conn, tenant, self.lane)?;
        let Some((head, last_run)) = stored else {
            let head = genesis(tenant, self.lane);
            self.staged.insert(tenant, Staged { head, moved: false });
            return Ok(());
        };
        if !begun.sealer.head_holds(&head) {
            return Err(StoreError::Corrupt("audit head"));
        }
        let run = begun.run;
        let due = run.unclosed.is_some_and(|unclosed| last_run <= unclosed);
        let complete_until = if due { meta::complete_until(conn, last_run)? } else { None };
        self.before.push((tenant, None));
        self.staged.insert(tenant, Staged { head, moved: false });
        match complete_until {
            Some(from) => self.link(conn, &self.gap(tenant, from, run.opened_at)).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Puts an event after its tenant's staged head.
    fn link(&mut self, conn: &Connection, event: &AuditEvent) -> Result<AuditCursor> {
        let begun = self.begun.as_ref().ok_or_else(not_begun)?;
        let staged = self.staged.get_mut(&event.tenant_id);
        let staged = staged.ok_or(StoreError::Corrupt("audit head"))?;
        let (lane, seq) = (self.lane, staged.head.seq + 1);
        let canonical = encode(event);
        let hash = begun.sealer.link(lane, seq, &staged.head.hash, &canonical);
        let row = StoredEvent { lane, seq, canonical: canonical.into(), hash };
        audit::append(conn, event.tenant_id, &row)?;
        if let Some(subject) = event.resource.id.filter(|_| event.action.is_found_by_resource()) {
            audit::note_subject(conn, event.tenant_id, &subject, AuditCursor { lane, seq })?;
        }
        self.before.push((event.tenant_id, Some(staged.clone())));
        staged.head.seq = seq;
        staged.head.hash = hash;
        staged.head.time = event.time;
        staged.moved = true;
        Ok(AuditCursor { lane, seq })
    }

    fn gap(&self, tenant: TenantId, from: Timestamp, to: Timestamp) -> AuditEvent {
        AuditEvent {
            id: EventId::fresh(&*self.ids),
            tenant_id: tenant,
            time: self.clock.now(),
            surface: Surface::System,
            actor: Actor { kind: ActorKind::System, id: "subrosa".into(), token: None, tool: None },
            action: AuditAction::AuditGap,
            resource: Resource { kind: ResourceKind::Audit, id: None, key: None },
            revision: None,
            tier: None,
            decision: Decision::Allowed,
            reason: None,
            count: 1,
            first_time: None,
            request_id: None,
            detail: Some(Detail::Gap { from: from.min(to), to }),
        }
    }

    /// The caller's part stands: there is nothing of it to take back.
    pub(super) fn stand(&mut self) {
        self.before.clear();
    }

    /// Whether the caller has appended anything.
    pub(super) fn has_moved(&self) -> bool {
        self.before.iter().any(|(_, before)| before.is_some())
    }

    /// Takes the caller's part back.
    pub(super) fn undo(&mut self) {
        while let Some((tenant, before)) = self.before.pop() {
            match before {
                Some(staged) => self.staged.insert(tenant, staged),
                None => self.staged.remove(&tenant),
            };
        }
    }

    /// Seals and writes every head that moved: once per batch, however many events it carried.
    pub(super) fn write_heads(&mut self, conn: &Connection) -> Result<()> {
        let Some(begun) = &self.begun else { return Ok(()) };
        for staged in self.staged.values_mut().filter(|staged| staged.moved) {
            staged.head.seal = begun.sealer.seal_head(&staged.head);
            audit::write_head(conn, &staged.head, begun.run.number)?;
        }
        Ok(())
    }

    /// The batch is durable: its heads are the heads.
    pub(super) fn keep(&mut self) {
        if self.kept.len() + self.staged.len() > KEPT_MAX {
            self.kept.clear();
        }
        let moved = self.staged.drain().map(|(tenant, staged)| (tenant, staged.head));
        self.kept.extend(moved);
        self.before.clear();
    }

    /// The batch is not durable: its heads never were.
    pub(super) fn forget(&mut self) {
        self.staged.clear();
        self.before.clear();
    }
}

fn genesis(tenant_id: TenantId, lane: u32) -> ChainHead {
    let (time, seal) = (Timestamp::EPOCH, RowSeal::UNSEALED);
    ChainHead { tenant_id, lane, seq: 0, hash: GENESIS, time, seal }
}

fn not_begun() -> StoreError {
    StoreError::Unavailable(Box::new(NotBegun))
}
