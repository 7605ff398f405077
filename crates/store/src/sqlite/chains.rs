//! The ends of the audit chains, as the committer holds them, how an event is appended, and how the states of rows and
//! heads move with a commit.
//!
//! A batch works on copies: what it appended counts only once the whole batch is durable ([`Chains::keep`]), and is
//! forgotten when it is not ([`Chains::forget`]). A caller whose commit fails takes back only its own
//! ([`Chains::undo`]). No key is here: links and seals are asked of a [`ChainSealer`].

use super::{anchors, audit, audit::Beside, meta, meta::Run, states::Scales};
use crate::{
    error::StoreError,
    port::{AuditCursor, KeptCheckpoint, Result, StoredEvent},
};
use rusqlite::Connection;
use std::{collections::HashMap, sync::Arc, time::Duration};
use subrosa_domain::{
    Clock, EventId, Ids, RowSeal, TenantId, Timestamp,
    audit::{
        Actor, ActorKind, Anchor, AuditAction, AuditEvent, ChainHead, ChainSealer, Covered,
        Decision, Detail, GENESIS, Note, Resource, ResourceKind, Surface, Weight, encode,
    },
};
use subrosa_plant::planted;

/// How many heads stay in memory, about 230 bytes each. Beyond that all are dropped and read again as they are needed:
/// one row and one seal check per tenant.
const KEPT_MAX: usize = 16_384;

/// A chain that moved has a checkpoint after so many events or so long, whichever is sooner. One costs a signature.
const NOTE_EVENTS: u64 = 1_000;
const NOTE_EVERY: Duration = Duration::from_secs(60);

/// How many events share a row at most: some 40 KB, of which a reader who wants one takes all.
const SHARERS_MAX: usize = 128;

/// A commit needs a run that has begun, with its sealer.
#[derive(Debug, thiserror::Error)]
#[error("nothing can be committed before the store was given its sealer")]
struct NotBegun;

/// What begins with the run: who seals, which run it is, and where the lane stands.
struct Begun {
    sealer: Arc<dyn ChainSealer>,
    run: Run,
    stands: Lane,
}

/// A head as the committer knows it.
#[derive(Clone)]
struct End {
    head: ChainHead,
    /// What is under the head's cover.
    state: Weight,
    beside: Beside,
    /// Whether there is a row of it.
    written: bool,
}

/// A head that the current batch works on.
#[derive(Clone)]
struct Staged {
    end: End,
    /// What the head weighed in the lane before the batch.
    weighed: Weight,
    moved: bool,
}

/// Where the lane stands.
#[derive(Clone)]
pub(super) struct Lane {
    anchor: Anchor,
    /// What is under the anchor's cover.
    state: Weight,
}

/// The heads of one lane.
pub(super) struct Chains {
    lane: u32,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    begun: Option<Begun>,
    kept: HashMap<TenantId, End>,
    staged: HashMap<TenantId, Staged>,
    /// Where the lane will stand once the batch is durable, if the batch moves it.
    will_stand: Option<Lane>,
    /// What to put back should the current caller fail: each head as it was before.
    before: Vec<(TenantId, Option<Staged>)>,
}

impl Chains {
    pub(super) fn new(lane: u32, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        let (kept, staged) = (HashMap::new(), HashMap::new());
        let (begun, will_stand) = (None, None);
        Self { lane, clock, ids, begun, kept, staged, will_stand, before: Vec::new() }
    }

    /// The run that has begun.
    pub(super) fn run(&self) -> Option<Run> {
        self.begun.as_ref().map(|begun| begun.run)
    }

    /// The lane events are appended to.
    pub(super) const fn lane(&self) -> u32 {
        self.lane
    }

    /// Makes ready, in the transaction that begins the run, what the run will move: the lane's anchor, and the states
    /// of heads from before states were kept. Says where the lane stands.
    pub(super) fn prepare(
        &self,
        conn: &Connection,
        sealer: &dyn ChainSealer,
        run: Run,
    ) -> Result<Lane> {
        let anchor = match anchors::anchor(conn, self.lane)? {
            Some(anchor) if sealer.anchor_holds(&anchor) => anchor,
            Some(_) => return Err(StoreError::Corrupt("anchor")),
            None => self.weigh_anew(conn, sealer, run)?,
        };
        let state = sealer.uncover(&anchor.state);
        Ok(Lane { anchor, state })
    }

    /// From here on events can be appended: what was prepared is durable.
    pub(super) fn begin(&mut self, sealer: Arc<dyn ChainSealer>, run: Run, stands: Lane) {
        self.begun = Some(Begun { sealer, run, stands });
    }

    /// Weighs every row there is, once in the life of a store that is older than states.
    fn weigh_anew(&self, conn: &Connection, sealer: &dyn ChainSealer, run: Run) -> Result<Anchor> {
        let mut sum = Weight::ZERO;
        for (mut head, beside) in audit::heads_of(conn, self.lane)? {
            if !sealer.head_holds(&head) {
                return Err(StoreError::Corrupt("audit head"));
            }
            // No head has a state before there is an anchor: this one's was taken away.
            if head.state != Covered::NONE {
                return Err(StoreError::Corrupt("anchor"));
            }
            let state = Scales { conn, sealer, tenant: head.tenant_id }.all()?;
            head.state = sealer.cover(state);
            head.seal = sealer.seal_head(&head);
            audit::write_head(conn, &head, beside)?;
            sum = sum.plus(sealer.weigh_head(&head));
        }
        let (state, seal) = (sealer.cover(sum), RowSeal::UNSEALED);
        let mut anchor = Anchor { lane: self.lane, position: 0, state, time: run.opened_at, seal };
        anchor.seal = sealer.seal_anchor(&anchor);
        anchors::write(conn, &anchor)?;
        Ok(anchor)
    }

    /// Who seals, once a run has begun.
    pub(super) fn sealer(&self) -> Result<Arc<dyn ChainSealer>> {
        self.begun.as_ref().map(|begun| Arc::clone(&begun.sealer)).ok_or_else(not_begun)
    }

    /// Moves the state of a tenant's rows by what a commit wrote and took away.
    pub(super) fn shift(
        &mut self,
        conn: &Connection,
        tenant: TenantId,
        written: Weight,
        replaced: Weight,
    ) -> Result<()> {
        if written == replaced {
            return Ok(());
        }
        self.touch(conn, tenant)?;
        let staged = self.staged.get_mut(&tenant).ok_or(StoreError::Corrupt("audit head"))?;
        self.before.push((tenant, Some(staged.clone())));
        staged.end.state = staged.end.state.plus(written).minus(replaced);
        staged.moved = true;
        Ok(())
    }

    /// The checkpoint of where the lane stands; it is made and kept in this transaction when there is none yet.
    pub(super) fn checkpoint(&self, conn: &Connection) -> Result<(u64, Note)> {
        let Begun { sealer, stands, .. } = self.begun.as_ref().ok_or_else(not_begun)?;
        let anchor = &stands.anchor;
        if let KeptCheckpoint::Kept(note) = anchors::kept(conn, self.lane, anchor.position)? {
            return Ok((anchor.position, note));
        }
        let note = sealer.note_anchor(anchor);
        anchors::note_anchor(conn, anchor, &note)?;
        Ok((anchor.position, note))
    }

    /// Goes on from `position`, if the lane has not come as far by itself.
    pub(super) fn advance_to(&mut self, conn: &Connection, position: u64) -> Result<()> {
        let begun = self.begun.as_ref().ok_or_else(not_begun)?;
        let mut lane = self.will_stand.clone().unwrap_or_else(|| begun.stands.clone());
        lane.anchor.position = lane.anchor.position.max(position);
        lane.anchor.seal = begun.sealer.seal_anchor(&lane.anchor);
        anchors::write(conn, &lane.anchor)?;
        self.will_stand = Some(lane);
        Ok(())
    }

    /// Appends events to their tenants' chains; says where each went.
    pub(super) fn append(
        &mut self,
        conn: &Connection,
        events: &[AuditEvent],
    ) -> Result<Vec<AuditCursor>> {
        let mut places = Vec::with_capacity(events.len());
        for together in events.chunk_by(share_a_row).flat_map(|alike| alike.chunks(SHARERS_MAX)) {
            let Some(first) = together.first() else { continue };
            self.touch(conn, first.tenant_id)?;
            let from = self.link(conn, first.tenant_id, together)?;
            let lane = self.lane;
            places.extend((from..).zip(together).map(|(seq, _)| AuditCursor { lane, seq }));
        }
        Ok(places)
    }

    /// Makes the tenant's head ready. The first time after a run that was not closed, that is when the chain is told
    /// that counts may be missing.
    pub(super) fn touch(&mut self, conn: &Connection, tenant: TenantId) -> Result<()> {
        if self.staged.contains_key(&tenant) {
            return Ok(());
        }
        let begun = self.begun.as_ref().ok_or_else(not_begun)?;
        if let Some(end) = self.kept.get(&tenant) {
            let weighed = weighed(&*begun.sealer, end);
            self.staged.insert(tenant, Staged { end: end.clone(), weighed, moved: false });
            return Ok(());
        }
        let stored = audit::head(conn, tenant, self.lane)?;
        let Some((head, beside)) = stored else {
            let end = genesis(tenant, self.lane, begun.run.number);
            self.staged.insert(tenant, Staged { end, weighed: Weight::ZERO, moved: false });
            return Ok(());
        };
        if !begun.sealer.head_holds(&head) {
            return Err(StoreError::Corrupt("audit head"));
        }
        let run = begun.run;
        let due = run.unclosed.is_some_and(|unclosed| beside.run <= unclosed);
        let complete_until = if due { meta::complete_until(conn, beside.run)? } else { None };
        let state = begun.sealer.uncover(&head.state);
        let end = End { head, state, beside, written: true };
        let weighed = weighed(&*begun.sealer, &end);
        self.before.push((tenant, None));
        self.staged.insert(tenant, Staged { end, weighed, moved: false });
        match complete_until {
            Some(from) if !planted!("gap-not-told") => {
                let gap = self.gap(tenant, from, run.opened_at);
                self.link(conn, tenant, &[gap]).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Puts events, as one row, after the staged head of their tenant; says which place the first has.
    fn link(&mut self, conn: &Connection, tenant: TenantId, events: &[AuditEvent]) -> Result<u64> {
        let begun = self.begun.as_ref().ok_or_else(not_begun)?;
        let staged = self.staged.get_mut(&tenant).ok_or(StoreError::Corrupt("audit head"))?;
        let lane = self.lane;
        let first = staged.end.head.seq + 1;
        let mut hash = staged.end.head.hash;
        let row: Vec<StoredEvent> = (first..)
            .zip(events)
            .map(|(seq, event)| {
                let canonical = encode(event);
                hash = begun.sealer.link(lane, seq, &hash, &canonical);
                StoredEvent { lane, seq, canonical: canonical.into(), hash }
            })
            .collect();
        audit::append(conn, tenant, &row)?;
        for (at, event) in row.iter().zip(events) {
            if let Some(subject) = event.resource.id.filter(|_| is_found_by_resource(event)) {
                let at = AuditCursor { lane, seq: at.seq };
                audit::note_subject(conn, tenant, &subject, at)?;
            }
        }
        self.before.push((tenant, Some(staged.clone())));
        if let (Some(row), Some(event)) = (row.last(), events.last()) {
            staged.end.head.seq = row.seq;
            staged.end.head.time = event.time;
        }
        staged.end.head.hash = hash;
        staged.moved = true;
        Ok(first)
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

    /// Seals and writes every head that moved, and the anchor that moves with them: once per batch, however many events
    /// it carried.
    pub(super) fn write_heads(&mut self, conn: &Connection) -> Result<()> {
        let Some(begun) = &self.begun else { return Ok(()) };
        let sealer = &*begun.sealer;
        let mut shift = Weight::ZERO;
        let mut moved = false;
        for staged in self.staged.values_mut().filter(|staged| staged.moved) {
            let End { head, state, beside, written } = &mut staged.end;
            head.state = sealer.cover(*state);
            head.seal = sealer.seal_head(head);
            beside.run = begun.run.number;
            if is_note_due(head, *beside) {
                anchors::note_head(conn, head, &sealer.note_head(head))?;
                (beside.noted_seq, beside.noted_at) = (head.seq, head.time);
            }
            audit::write_head(conn, head, *beside)?;
            *written = true;
            shift = shift.plus(sealer.weigh_head(head)).minus(staged.weighed);
            moved = true;
        }
        if !moved {
            return Ok(());
        }
        let mut lane = self.will_stand.take().unwrap_or_else(|| begun.stands.clone());
        lane.state = lane.state.plus(shift);
        lane.anchor.position += 1;
        lane.anchor.state = sealer.cover(lane.state);
        lane.anchor.time = self.clock.now();
        lane.anchor.seal = sealer.seal_anchor(&lane.anchor);
        anchors::write(conn, &lane.anchor)?;
        self.will_stand = Some(lane);
        Ok(())
    }

    /// The batch is durable: its heads are the heads.
    pub(super) fn keep(&mut self) {
        if self.kept.len() + self.staged.len() > KEPT_MAX {
            self.kept.clear();
        }
        let moved = self.staged.drain().map(|(tenant, staged)| (tenant, staged.end));
        self.kept.extend(moved);
        self.before.clear();
        if let (Some(begun), Some(lane)) = (&mut self.begun, self.will_stand.take()) {
            begun.stands = lane;
        }
    }

    /// The batch is not durable: its heads never were.
    pub(super) fn forget(&mut self) {
        self.staged.clear();
        self.before.clear();
        self.will_stand = None;
    }
}

/// Whether an event is one of few, which are found by what they are about.
fn is_found_by_resource(event: &AuditEvent) -> bool {
    event.action.is_found_by_resource() && event.resource.id.is_some()
}

/// Whether events that follow each other in a commit may be in one row.
fn share_a_row(one: &AuditEvent, next: &AuditEvent) -> bool {
    one.tenant_id == next.tenant_id && !is_found_by_resource(one) && !is_found_by_resource(next)
}

/// Whether appending these events is one statement at most.
pub(super) fn is_one_row(events: &[AuditEvent]) -> bool {
    let mut rows = events.chunk_by(share_a_row);
    events.len() <= SHARERS_MAX
        && rows.next().is_none_or(|row| !row.iter().any(is_found_by_resource))
        && rows.next().is_none()
}

/// Whether a head is to have a checkpoint, by what came since its last one.
fn is_note_due(head: &ChainHead, beside: Beside) -> bool {
    head.seq - beside.noted_seq.min(head.seq) >= NOTE_EVENTS
        || head.time.since(beside.noted_at) >= NOTE_EVERY
}

/// What a head weighs in its lane as it is in the database.
fn weighed(sealer: &dyn ChainSealer, end: &End) -> Weight {
    if end.written { sealer.weigh_head(&end.head) } else { Weight::ZERO }
}

fn genesis(tenant_id: TenantId, lane: u32, run: u64) -> End {
    let (time, state, seal) = (Timestamp::EPOCH, Covered::NONE, RowSeal::UNSEALED);
    let head = ChainHead { tenant_id, lane, seq: 0, hash: GENESIS, time, state, seal };
    let beside = Beside { run, noted_seq: 0, noted_at: Timestamp::EPOCH };
    End { head, state: Weight::ZERO, beside, written: false }
}

fn not_begun() -> StoreError {
    StoreError::Unavailable(Box::new(NotBegun))
}
