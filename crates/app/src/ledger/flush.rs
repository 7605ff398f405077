//! Writing what was counted.
//!
//! Each tenant's events are a commit of their own, so that one tenant's damaged chain holds up nobody else's record;
//! all are asked for at once, so the committer makes them one durable write.

use super::counts;
use crate::{app::App, error::AppError};
use futures_util::future::join_all;
use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};
use subrosa_domain::{Change, Commit, LastUse, SecretId, TenantId, Timestamp, audit::AuditEvent};
use subrosa_plant::planted;

/// Events of one commit: enough to be cheap, few enough not to hold up writers behind it.
const EVENTS_PER_COMMIT: usize = 1_000;

/// Last uses of one commit. The store remembers what each commit changed until it stands, and looks through that with
/// every row: few rows keep it short.
const USES_PER_COMMIT: usize = 200;

/// What waits for one tenant.
#[derive(Default)]
struct Waiting {
    counts: Vec<(super::CountKey, counts::Count)>,
    refusals: Vec<AuditEvent>,
}

impl App {
    /// Writes everything counted so far. Called every second and at the end.
    ///
    /// # Errors
    /// When the store cannot be written. Nothing is lost: it stays counted.
    pub async fn flush(&self) -> Result<(), AppError> {
        self.drain(false).await?.into_iter().try_for_each(|(_, written)| written)
    }

    /// The same at the end: last uses that were not yet due are written too.
    pub(crate) async fn flush_all(&self) -> Result<(), AppError> {
        self.drain(true).await?.into_iter().try_for_each(|(_, written)| written)
    }

    /// The same before a tenant's audit is read: what another tenant's chain is like is no concern of the reader's.
    ///
    /// # Errors
    /// When the tenant's own events could not be written.
    pub(crate) async fn flush_for(&self, tenant: TenantId) -> Result<(), AppError> {
        let mut own = self.drain(false).await?.into_iter().filter(|(id, _)| *id == tenant);
        own.try_for_each(|(_, written)| written)
    }

    /// Writes everything in a task of its own: a reader that goes away in the middle must not take with it what was
    /// taken out to be written.
    async fn drain(&self, end: bool) -> Result<Vec<(TenantId, Result<(), AppError>)>, AppError> {
        let app = self.owned()?;
        let drained = tokio::spawn(async move { app.drain_here(end).await }).await;
        drained.unwrap_or(Err(AppError::Internal("writing what was counted stopped")))
    }

    async fn drain_here(
        &self,
        end: bool,
    ) -> Result<Vec<(TenantId, Result<(), AppError>)>, AppError> {
        let _one_at_a_time = self.ledger.writing.lock().await;
        let now = self.clock.now();
        let written = self.flush_events(now).await;
        let all_written = written.iter().all(|(_, written)| written.is_ok());
        let complete = !written.is_empty() && (all_written || planted!("flushed-though-failed"));
        self.flush_uses(complete.then_some(Change::CountsFlushed(now)), now, end).await?;
        Ok(written)
    }

    /// Writes events; says how it went with each commit of each tenant.
    async fn flush_events(&self, now: Timestamp) -> Vec<(TenantId, Result<(), AppError>)> {
        let mut waiting: HashMap<TenantId, Vec<Waiting>> = HashMap::new();
        for counted in self.ledger.counts.take() {
            room(waiting.entry(counted.0.tenant_id).or_default()).counts.push(counted);
        }
        let lost = self.ledger.refusals_lost.swap(0, Ordering::Relaxed);
        let gap = (lost > 0).then(|| self.lost_refusals(lost, now));
        let refusals = std::mem::take(&mut *self.ledger.refusals.lock()).waiting;
        for event in refusals.into_iter().chain(gap) {
            room(waiting.entry(event.tenant_id).or_default()).refusals.push(event);
        }
        let commits = waiting.into_iter().flat_map(|(tenant, parts)| {
            let write = move |part| async move { (tenant, self.flush_part(tenant, part).await) };
            parts.into_iter().map(write)
        });
        join_all(commits).await
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

    /// Writes what decides nothing, apart from the events: that it fails holds up none of them.
    async fn flush_uses(
        &self,
        flushed: Option<Change>,
        now: Timestamp,
        end: bool,
    ) -> Result<(), AppError> {
        let tokens = self.ledger.token_uses.due(now, end);
        let secrets = self.ledger.secret_uses.due(now, end);
        let readers = std::mem::take(&mut *self.ledger.readers.lock());
        let activities = self.ledger.activities.take(now);
        let token = tokens.iter().map(|((t, id), at)| LastUse::Token(*t, *id, *at));
        let secret = secrets.iter().map(|((t, id), at)| LastUse::Secret(*t, *id, *at));
        let reader = readers
            .iter()
            .map(|((t, id, actor), at)| LastUse::Reader(*t, *id, Arc::clone(actor), *at));
        let uses: Vec<LastUse> = token.chain(secret).chain(reader).collect();
        let uses = uses.chunks(USES_PER_COMMIT).map(|part| Change::LastUses(part.to_vec()));
        let activities = (!activities.is_empty()).then_some(Change::Activities(activities));
        let changes = uses.chain(activities).chain(flushed);
        let commits = changes.map(|change| {
            let (tenant_id, changes) = (TenantId::SYSTEM, vec![change]);
            self.store.commit(Commit { tenant_id, changes, events: Vec::new() })
        });
        // All at once, so that the committer makes them one durable write.
        let written: Result<Vec<_>, _> = join_all(commits).await.into_iter().collect();
        if let Err(error) = written {
            for ((tenant, secret, actor), at) in readers {
                self.ledger.read_by(tenant, secret, actor, at);
            }
            return Err(error.into());
        }
        self.ledger.token_uses.written(&tokens);
        self.ledger.secret_uses.written(&secrets);
        for ((_, secret, actor), at) in readers {
            self.caches.keep_reader(secret, actor, at);
        }
        Ok(())
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
