//! What is counted in memory and written every second: STANDARD reveals, refusals, last uses and activities.
//!
//! Nothing strict is ever here: a reveal of a PII-or-stricter secret is committed on its own, before it happens. What
//! is counted is exact until it is written; a crash can lose the last second, which the next start records as a gap.

mod activities;
mod counts;
mod flush;
mod own;
mod uses;

pub(crate) use counts::{CountKey, Counted};
pub(crate) use uses::Used;

use crate::limits;
use activities::Activities;
use counts::Counts;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use subrosa_domain::{
    Activity, SecretId, TenantId, Timestamp, TokenId,
    audit::{ActorKind, AuditAction, AuditEvent},
    policy::Receipt,
};
use subrosa_plant::planted;
use uses::Uses;

/// Everything that waits to be written.
#[derive(Default)]
pub(crate) struct Ledger {
    counts: Counts,
    refusals: Mutex<Refusals>,
    refusals_lost: AtomicU64,
    token_uses: Uses<(TenantId, TokenId)>,
    secret_uses: Uses<(TenantId, SecretId)>,
    /// Who has read what, as far as the store does not know it yet.
    readers: Mutex<HashMap<Reader, Timestamp>>,
    activities: Activities,
    /// One flush at a time: two would write what the other is about to put back.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Refusals {
    waiting: Vec<AuditEvent>,
    strangers: usize,
}

/// A principal and what it reads.
type Reader = (TenantId, SecretId, Arc<str>);

impl Ledger {
    /// Counts a STANDARD reveal. The receipt is good for best-effort tiers alone.
    pub(crate) fn count(&self, counted: Counted<'_>) -> Receipt {
        self.counts.add(counted);
        Receipt::assert_counted()
    }

    /// Notes that a secret was revealed or used.
    pub(crate) fn secret_used(
        &self,
        tenant: TenantId,
        secret: SecretId,
        used: &Arc<Used>,
        now: Timestamp,
    ) {
        self.secret_uses.note((tenant, secret), used, now);
    }

    /// Notes that a token was presented and worked.
    pub(crate) fn token_used(
        &self,
        tenant: TenantId,
        token: TokenId,
        used: &Arc<Used>,
        now: Timestamp,
    ) {
        self.token_uses.note((tenant, token), used, now);
    }

    /// When a token was last used, as far as its row may not say it yet.
    pub(crate) fn token_last_used(&self, tenant: TenantId, token: TokenId) -> Option<Timestamp> {
        self.token_uses.last(&(tenant, token))
    }

    /// When a secret was last used, as far as its row may not say it yet.
    pub(crate) fn secret_last_used(&self, tenant: TenantId, secret: SecretId) -> Option<Timestamp> {
        self.secret_uses.last(&(tenant, secret))
    }

    /// Notes who has read a secret, to be written with the next flush.
    pub(crate) fn read_by(
        &self,
        tenant: TenantId,
        secret: SecretId,
        actor: Arc<str>,
        at: Timestamp,
    ) {
        let mut readers = self.readers.lock();
        let last = readers.entry((tenant, secret, actor)).or_insert(at);
        *last = at.max(*last);
    }

    /// Queues the record of a refusal. What finds the queue full is counted, and the count recorded with the next
    /// flush; the record of a count that could not be written is a count again.
    pub(crate) fn refuse(&self, event: AuditEvent) {
        let mut refusals = self.refusals.lock();
        let stranger = event.actor.kind == ActorKind::Anonymous;
        let room = event.action != AuditAction::AuditGap
            && refusals.waiting.len() < limits::REFUSALS_WAITING_MAX
            && !(stranger && refusals.strangers >= limits::STRANGERS_WAITING_MAX);
        if room {
            refusals.strangers += usize::from(stranger);
            refusals.waiting.push(event);
        } else {
            let lost = if planted!("lost-refusals-forgotten") { 1 } else { event.count };
            self.refusals_lost.fetch_add(lost, Ordering::Relaxed);
        }
    }

    /// Queues an activity; those that look alike in the same minute are one. `alike` is a hash of what makes them so,
    /// and `activity` is made for the first of them alone: this is on every request's way.
    pub(crate) fn active(&self, alike: u64, activity: impl FnOnce() -> Activity) {
        self.activities.note(alike, activity);
    }
}
