//! What is counted in memory and written every second: STANDARD reveals, refusals, last uses and activities.
//!
//! Nothing strict is ever here: a reveal of a PII-or-stricter secret is committed on its own, before it happens. What
//! is here is exact until it is written; a crash can lose the last second, which the next start records as a gap.

mod counts;
mod flush;
mod own;

pub(crate) use counts::CountKey;

use crate::limits;
use counts::Counts;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
};
use subrosa_domain::{
    Activity, SecretId, TenantId, Timestamp, TokenId,
    audit::{ActorKind, AuditEvent},
    policy::Receipt,
};
use subrosa_plant::planted;

/// Everything that waits to be written.
#[derive(Default)]
pub(crate) struct Ledger {
    counts: Counts,
    refusals: Mutex<Refusals>,
    refusals_lost: AtomicU64,
    token_uses: Mutex<HashMap<(TenantId, TokenId), Timestamp>>,
    /// What the last flush took out of `token_uses`: a row that was read before that flush does not have it yet.
    token_uses_flushed: Mutex<HashMap<(TenantId, TokenId), Timestamp>>,
    secret_uses: Mutex<HashMap<(TenantId, SecretId), Timestamp>>,
    activities: Mutex<Activities>,
    /// One flush at a time: two would write what the other is about to put back.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Refusals {
    waiting: Vec<AuditEvent>,
    strangers: usize,
}

#[derive(Default)]
struct Activities {
    waiting: Vec<Activity>,
    seen: HashSet<u64>,
}

impl Ledger {
    /// Counts a STANDARD reveal. The receipt is good for best-effort tiers alone.
    pub(crate) fn count(&self, key: CountKey, name: &str, now: Timestamp) -> Receipt {
        self.counts.add(key, name, now);
        Receipt::assert_counted()
    }

    /// Notes that a secret was revealed or used.
    pub(crate) fn secret_used(&self, tenant: TenantId, secret: SecretId, now: Timestamp) {
        self.secret_uses.lock().insert((tenant, secret), now);
    }

    /// Notes that a token was presented and worked.
    pub(crate) fn token_used(&self, tenant: TenantId, token: TokenId, now: Timestamp) {
        self.token_uses.lock().insert((tenant, token), now);
    }

    /// When a token was last used, as far as a row read a moment ago may not say it yet.
    pub(crate) fn token_last_used(&self, tenant: TenantId, token: TokenId) -> Option<Timestamp> {
        let waiting = self.token_uses.lock().get(&(tenant, token)).copied();
        waiting.or_else(|| self.token_uses_flushed.lock().get(&(tenant, token)).copied())
    }

    /// Takes the last uses of tokens out, to be written.
    fn take_token_uses(&self) -> HashMap<(TenantId, TokenId), Timestamp> {
        let mut waiting = self.token_uses.lock();
        let uses = std::mem::take(&mut *waiting);
        self.token_uses_flushed.lock().clone_from(&uses);
        uses
    }

    /// Queues the record of a refusal. A full queue is counted, and the count recorded: of a record of such a count,
    /// what it counts.
    pub(crate) fn refuse(&self, event: AuditEvent) {
        let mut refusals = self.refusals.lock();
        let stranger = event.actor.kind == ActorKind::Anonymous;
        let room = refusals.waiting.len() < limits::REFUSALS_WAITING_MAX
            && !(stranger && refusals.strangers >= limits::STRANGERS_WAITING_MAX);
        if room {
            refusals.strangers += usize::from(stranger);
            refusals.waiting.push(event);
        } else {
            let lost = if planted!("lost-refusals-forgotten") { 1 } else { event.count };
            self.refusals_lost.fetch_add(lost, Ordering::Relaxed);
        }
    }

    /// Queues an activity; those that look alike within a second are one. `alike` is a hash of what makes them so, and
    /// `activity` is made for the first of them alone: this is on every request's way.
    pub(crate) fn active(&self, alike: u64, activity: impl FnOnce() -> Activity) {
        let mut activities = self.activities.lock();
        let room = activities.waiting.len() < limits::ACTIVITIES_WAITING_MAX;
        if room && activities.seen.insert(alike) {
            activities.waiting.push(activity());
        }
    }
}
