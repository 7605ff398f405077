//! Events that the server records of its own accord: no request's actor did them.

use crate::app::App;
use subrosa_domain::{
    BrokenSeal, EventId, TenantId, Timestamp,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, Decision, Detail, Reason, Resource,
        ResourceKind, Surface,
    },
};

impl App {
    /// Queues the record that a row was changed by something without the key.
    pub(crate) fn record_broken(&self, broken: BrokenSeal) {
        let failed = AuditAction::IntegrityFailure;
        let event = self.own_event(broken.tenant_id, failed, broken.resource);
        let reason = Some(Reason::code("integrity-failure"));
        self.ledger.refuse(AuditEvent { decision: Decision::Failed, reason, ..event });
    }

    /// The record that refusals were counted and not kept one by one.
    pub(super) fn lost_refusals(&self, count: u64, now: Timestamp) -> AuditEvent {
        let log = Resource { kind: ResourceKind::Audit, id: None, key: None };
        let detail = Some(Detail::Gap { from: now, to: now });
        let event = self.own_event(TenantId::SYSTEM, AuditAction::AuditGap, log);
        AuditEvent { count, detail, ..event }
    }

    fn own_event(
        &self,
        tenant_id: TenantId,
        action: AuditAction,
        resource: Resource,
    ) -> AuditEvent {
        AuditEvent {
            id: EventId::fresh(&*self.ids),
            tenant_id,
            time: self.clock.now(),
            surface: Surface::System,
            actor: Actor { kind: ActorKind::System, id: "subrosa".into(), token: None, tool: None },
            action,
            resource,
            revision: None,
            tier: None,
            decision: Decision::Allowed,
            reason: None,
            count: 1,
            first_time: None,
            request_id: None,
            detail: None,
        }
    }
}
