//! Who is asking, where, and when: what every use-case is given.

use std::sync::Arc;
use subrosa_domain::{
    EventId, Ids, RequestId, TenantId, Timestamp, ToolName,
    audit::{Actor, AuditAction, AuditEvent, Decision, Detail, Reason, Resource, Surface},
    policy::Caller,
};

/// What is known of a request before anyone looked at who sent it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The request.
    pub request_id: RequestId,
    /// By which door it came.
    pub surface: Surface,
    /// When it arrived.
    pub now: Timestamp,
    /// The tool the caller says it is.
    pub tool: Option<ToolName>,
}

/// One operation of an authenticated caller in one tenant.
#[derive(Clone, Debug)]
pub struct Op {
    /// Where the request came from.
    pub origin: Origin,
    /// Who is asking.
    pub caller: Arc<Caller>,
    /// The tenant it is about.
    pub tenant_id: TenantId,
}

impl Origin {
    /// The server acting on its own.
    #[must_use]
    pub fn system(ids: &dyn Ids, now: Timestamp) -> Self {
        Self { request_id: RequestId::fresh(ids), surface: Surface::System, now, tool: None }
    }
}

impl Op {
    /// Who the audit log says acted.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { tool: self.origin.tool.clone(), ..self.caller.actor.clone() }
    }

    /// When the operation began.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.origin.now
    }

    /// The event of something done, or tried, in this operation.
    #[must_use]
    pub fn event(&self, ids: &dyn Ids, action: AuditAction, resource: Resource) -> AuditEvent {
        AuditEvent {
            id: EventId::fresh(ids),
            tenant_id: self.tenant_id,
            time: self.now(),
            surface: self.origin.surface,
            actor: self.actor(),
            action,
            resource,
            revision: None,
            tier: None,
            decision: Decision::Allowed,
            reason: None,
            count: 1,
            first_time: None,
            request_id: Some(self.origin.request_id),
            detail: None,
        }
    }

    /// The same, with a typed fact.
    #[must_use]
    pub fn event_with(
        &self,
        ids: &dyn Ids,
        action: AuditAction,
        resource: Resource,
        detail: Detail,
    ) -> AuditEvent {
        AuditEvent { detail: Some(detail), ..self.event(ids, action, resource) }
    }

    /// The event of a refusal, for the queue: a refusal is never held up by its record.
    #[must_use]
    pub fn refusal(
        &self,
        ids: &dyn Ids,
        action: AuditAction,
        resource: Resource,
        code: &'static str,
    ) -> AuditEvent {
        AuditEvent {
            decision: Decision::Denied,
            reason: Some(Reason::code(code)),
            ..self.event(ids, action, resource)
        }
    }
}
