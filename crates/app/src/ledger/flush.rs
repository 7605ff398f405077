//! Writing what was counted.

use super::{Activities, Ledger, counts};
use crate::{app::App, error::AppError};
use std::{collections::HashMap, sync::atomic::Ordering};
use subrosa_domain::{
    Change, Commit, EventId, LastUse, SecretId, TenantId, Timestamp, TokenId,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, Decision, Detail, Resource, ResourceKind,
        Surface,
    },
};

/// Events of one commit: enough to be cheap, few enough not to hold up writers behind it.
const EVENTS_PER_COMMIT: usize = 1_000;

impl App {
    /// Writes everything counted so far. Called every second, before an audit read, and at the end.
    ///
    /// # Errors
    /// When the store cannot be written. Nothing is lost: it stays counted.
    pub async fn flush(&self) -> Result<(), AppError> {
        let _one_at_a_time = self.ledger.writing.lock().await;
        let now = self.clock.now();
        self.flush_events(now).await?;
        self.flush_uses().await
    }

    async fn flush_events(&self, now: Timestamp) -> Result<(), AppError> {
        let mut counted = self.ledger.counts.take();
        while !counted.is_empty() {
            let later = counted.split_off(counted.len().min(EVENTS_PER_COMMIT));
            let event = |(key, count): &(_, _)| counts::event(&*self.ids, key, count);
            if let Err(error) = self.write(counted.iter().map(event).collect(), now).await {
                self.ledger.counts.put_back(counted);
                self.ledger.counts.put_back(later);
                return Err(error);
            }
            counted = later;
        }
        let lost = self.ledger.refusals_lost.swap(0, Ordering::Relaxed);
        let mut refusals = std::mem::take(&mut *self.ledger.refusals.lock());
        refusals.extend((lost > 0).then(|| self.lost_refusals(lost, now)));
        while !refusals.is_empty() {
            let later = refusals.split_off(refusals.len().min(EVENTS_PER_COMMIT));
            if let Err(error) = self.write(refusals.clone(), now).await {
                refusals.into_iter().chain(later).for_each(|event| self.ledger.refuse(event));
                return Err(error);
            }
            refusals = later;
        }
        Ok(())
    }

    async fn write(&self, events: Vec<AuditEvent>, now: Timestamp) -> Result<(), AppError> {
        let changes = vec![Change::CountsFlushed(now)];
        self.store.commit(Commit { tenant_id: TenantId::SYSTEM, changes, events }).await?;
        Ok(())
    }

    async fn flush_uses(&self) -> Result<(), AppError> {
        let tokens = std::mem::take(&mut *self.ledger.token_uses.lock());
        let secrets = std::mem::take(&mut *self.ledger.secret_uses.lock());
        let Activities { waiting, .. } = std::mem::take(&mut *self.ledger.activities.lock());
        let token = tokens.iter().map(|((t, id), at)| LastUse::Token(*t, *id, *at));
        let secret = secrets.iter().map(|((t, id), at)| LastUse::Secret(*t, *id, *at));
        let uses: Vec<LastUse> = token.chain(secret).collect();
        if uses.is_empty() && waiting.is_empty() {
            return Ok(());
        }
        let changes = vec![Change::LastUses(uses), Change::Activities(waiting)];
        let events = Vec::new();
        let commit = Commit { tenant_id: TenantId::SYSTEM, changes, events };
        if let Err(error) = self.store.commit(commit).await {
            self.ledger.uses_put_back(tokens, secrets);
            return Err(error.into());
        }
        Ok(())
    }

    /// The record that refusals were counted and not kept one by one.
    fn lost_refusals(&self, count: u64, now: Timestamp) -> AuditEvent {
        AuditEvent {
            id: EventId::fresh(&*self.ids),
            tenant_id: TenantId::SYSTEM,
            time: now,
            surface: Surface::System,
            actor: Actor { kind: ActorKind::System, id: "subrosa".into(), token: None, tool: None },
            action: AuditAction::AuditGap,
            resource: Resource { kind: ResourceKind::Audit, id: None, key: None },
            revision: None,
            tier: None,
            decision: Decision::Allowed,
            reason: None,
            count,
            first_time: None,
            request_id: None,
            detail: Some(Detail::Gap { from: now, to: now }),
        }
    }
}

impl Ledger {
    fn uses_put_back(
        &self,
        tokens: HashMap<(TenantId, TokenId), Timestamp>,
        secrets: HashMap<(TenantId, SecretId), Timestamp>,
    ) {
        let mut waiting = self.token_uses.lock();
        for (key, at) in tokens {
            waiting.entry(key).or_insert(at);
        }
        drop(waiting);
        let mut waiting = self.secret_uses.lock();
        for (key, at) in secrets {
            waiting.entry(key).or_insert(at);
        }
    }
}
