//! Writing what was counted.
//!
//! Each tenant's events are a commit of their own, so that one tenant's damaged chain holds up nobody else's record;
//! many are asked for at once, so the committer makes them one durable write.

use super::counts;
use crate::{app::App, error::AppError};
use futures_util::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};
use subrosa_domain::{Change, Commit, LastUse, SecretId, TenantId, Timestamp, audit::AuditEvent};
use subrosa_plant::planted;

/// Events of one commit: enough to be cheap, few enough not to hold up writers behind it.
const EVENTS_PER_COMMIT: usize = 1_000;

/// Last uses of one commit. The store remembers what each commit changed until it stands, and looks through that with
/// every row: few rows keep it short.
const USES_PER_COMMIT: usize = 200;

/// Commits of events that are asked for at once: as many as share a durable write. The writer's queue holds some
/// thousands, and has room for whoever waits for an answer, however many tenants there are.
const EVENT_COMMITS_AT_ONCE: usize = 512;

/// The same of last uses, which are larger and wait behind everything else.
const COMMITS_AT_ONCE: usize = 32;

/// What waits for one tenant.
#[derive(Default)]
struct Waiting {
    counts: Vec<(super::CountKey, counts::Count)>,
    refusals: Vec<AuditEvent>,
}

/// How writing went.
struct Written {
    /// Each commit of each tenant's events.
    events: Vec<(TenantId, Result<(), AppError>)>,
    /// What decides nothing.
    uses: Result<(), AppError>,
}

impl App {
    /// Writes everything counted so far. Called every second and at the end.
    ///
    /// # Errors
    /// When the store cannot be written. Nothing that is counted is lost: it stays counted.
    pub async fn flush(&self) -> Result<(), AppError> {
        self.flush_due(false).await
    }

    /// The same at the end: last uses that were not yet due are written too.
    pub(crate) async fn flush_all(&self) -> Result<(), AppError> {
        self.flush_due(true).await
    }

    async fn flush_due(&self, end: bool) -> Result<(), AppError> {
        let Written { events, uses } = self.drain(end).await?;
        events.into_iter().try_for_each(|(_, written)| written)?;
        uses
    }

    /// The same before a tenant's audit is read: what another tenant's chain is like is no concern of the reader's.
    ///
    /// # Errors
    /// When the tenant's own events could not be written.
    pub(crate) async fn flush_for(&self, tenant: TenantId) -> Result<(), AppError> {
        let mut own = self.drain(false).await?.events.into_iter().filter(|(id, _)| *id == tenant);
        own.try_for_each(|(_, written)| written)
    }

    /// Writes everything in a task of its own: a reader that goes away in the middle must not take with it what was
    /// taken out to be written.
    async fn drain(&self, end: bool) -> Result<Written, AppError> {
        if self.set_back.is_some() {
            // A store that is only looked at is not written.
            return Ok(Written { events: Vec::new(), uses: Ok(()) });
        }
        let app = self.owned()?;
        let drained = tokio::spawn(async move { app.drain_here(end).await }).await;
        drained.map_err(|_| AppError::Internal("writing what was counted stopped"))
    }

    async fn drain_here(&self, end: bool) -> Written {
        let _one_at_a_time = self.ledger.writing.lock().await;
        let now = self.clock.now();
        let events = self.flush_events(now).await;
        let all_written = events.iter().all(|(_, written)| written.is_ok());
        let complete = !events.is_empty() && (all_written || planted!("flushed-though-failed"));
        let uses = self.flush_uses(complete.then_some(Change::CountsFlushed(now)), now, end).await;
        Written { events, uses }
    }

    /// Writes events; says how it went with each commit of each tenant.
    async fn flush_events(&self, now: Timestamp) -> Vec<(TenantId, Result<(), AppError>)> {
        // In the order of the rows: neighbours share a page of the store.
        let mut waiting: BTreeMap<TenantId, Vec<Waiting>> = BTreeMap::new();
        for counted in self.ledger.counts.take() {
            room(waiting.entry(counted.0.tenant_id).or_default()).counts.push(counted);
        }
        let lost = self.ledger.refusals_lost.swap(0, Ordering::Relaxed);
        let gap = (lost > 0).then(|| self.lost_refusals(lost, now));
        let refusals = std::mem::take(&mut *self.ledger.refusals.lock()).waiting;
        for event in refusals.into_iter().chain(gap) {
            room(waiting.entry(event.tenant_id).or_default()).refusals.push(event);
        }
        let parts = |(tenant, parts): (TenantId, Vec<Waiting>)| {
            parts.into_iter().map(move |part| (tenant, part))
        };
        let parts: Vec<(TenantId, Waiting)> = waiting.into_iter().flat_map(parts).collect();
        let commits = stream::iter(parts).map(|(tenant, part)| self.flush_of(tenant, part));
        let all = planted!("all-tenants-at-once");
        let at_once = if all { usize::MAX } else { EVENT_COMMITS_AT_ONCE };
        commits.buffer_unordered(at_once).collect().await
    }

    async fn flush_of(&self, tenant: TenantId, part: Waiting) -> (TenantId, Result<(), AppError>) {
        (tenant, self.flush_part(tenant, part).await)
    }

    async fn flush_part(&self, tenant_id: TenantId, part: Waiting) -> Result<(), AppError> {
        let counted = part.counts.iter();
        let counted = counted.map(|(key, count)| counts::event(&*self.ids, key, count));
        let events = counted.chain(part.refusals.iter().cloned()).collect();
        let commit = Commit { tenant_id, changes: Vec::new(), events };
        if let Err(error) = self.store.commit(commit).await {
            if planted!("double-count-on-retry") {
                self.ledger.counts.put_back(part.counts.clone());
            }
            if !planted!("count-forgotten-on-failed-flush") {
                self.ledger.counts.put_back(part.counts);
            }
            part.refusals.into_iter().for_each(|event| self.ledger.refuse(event));
            return Err(error.into());
        }
        for (key, count) in &part.counts {
            let (tenant, secret, actor, at) = counts::reader(key, count);
            self.read_by(tenant, secret, &actor, at);
        }
        Ok(())
    }

    /// Notes who has read a secret, unless the store was told within the hour.
    pub(crate) fn read_by(
        &self,
        tenant: TenantId,
        secret: SecretId,
        actor: &Arc<str>,
        at: Timestamp,
    ) {
        if !self.caches.knows_reader(secret, actor, at) {
            self.ledger.read_by(tenant, secret, Arc::clone(actor), at);
        }
    }

    /// Writes what decides nothing, apart from the events: that it fails holds up none of them. Last uses that could
    /// not be written are due again.
    async fn flush_uses(
        &self,
        flushed: Option<Change>,
        now: Timestamp,
        end: bool,
    ) -> Result<(), AppError> {
        let tokens = self.ledger.token_uses.due(now, end).into_iter();
        let secrets = self.ledger.secret_uses.due(now, end).into_iter();
        let readers = std::mem::take(&mut *self.ledger.readers.lock()).into_iter();
        let tokens = tokens.map(|((tenant, id), at)| LastUse::Token(tenant, id, at));
        let secrets = secrets.map(|((tenant, id), at)| LastUse::Secret(tenant, id, at));
        let readers = readers.map(|((tenant, id, by), at)| LastUse::Reader(tenant, id, by, at));
        let mut uses: Vec<LastUse> = tokens.chain(secrets).chain(readers).collect();
        // In the order of the rows: neighbours share a page of the store.
        uses.sort_unstable();
        let uses: Vec<Change> =
            uses.chunks(USES_PER_COMMIT).map(|part| Change::LastUses(part.to_vec())).collect();
        let activities = self.ledger.activities.take(now);
        let activities = (!activities.is_empty()).then_some(Change::Activities(activities));
        // The word that counts are complete comes first: it waits for no last use.
        let changes = flushed.into_iter().chain(activities).chain(uses);
        let written = stream::iter(changes).map(|change| self.flush_change(change));
        let written: Vec<_> = written.buffer_unordered(COMMITS_AT_ONCE).collect().await;
        written.into_iter().collect()
    }

    async fn flush_change(&self, change: Change) -> Result<(), AppError> {
        let uses = if let Change::LastUses(uses) = &change { uses.clone() } else { Vec::new() };
        let (tenant_id, changes) = (TenantId::SYSTEM, vec![change]);
        let committed = self.store.commit(Commit { tenant_id, changes, events: Vec::new() }).await;
        for one in uses {
            match (one, committed.is_ok()) {
                (LastUse::Token(tenant, id, at), true) => {
                    self.ledger.token_uses.written((tenant, id), at);
                }
                (LastUse::Secret(tenant, id, at), true) => {
                    self.ledger.secret_uses.written((tenant, id), at);
                }
                (LastUse::Reader(_, id, by, at), true) => self.caches.keep_reader(id, by, at),
                (LastUse::Reader(tenant, id, by, at), false) => {
                    self.ledger.read_by(tenant, id, by, at);
                }
                (LastUse::Token(..) | LastUse::Secret(..), false) => {}
            }
        }
        Ok(committed.map(|_| ())?)
    }
}

/// The part that has room for one more.
fn room(parts: &mut Vec<Waiting>) -> &mut Waiting {
    let full = |part: &Waiting| part.counts.len() + part.refusals.len() >= EVENTS_PER_COMMIT;
    if parts.last().is_none_or(full) {
        parts.push(Waiting::default());
    }
    let last = parts.len() - 1;
    #[expect(clippy::indexing_slicing, reason = "one was pushed when there was none")]
    &mut parts[last]
}
