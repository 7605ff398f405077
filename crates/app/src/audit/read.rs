//! Reading events, newest first, with filters.

use crate::{app::App, context::Op, error::AppError, limits, page::PageRequest};
use subrosa_domain::{
    Sensitivity, Timestamp,
    audit::{AuditAction, AuditEvent, Decision, Surface},
    policy::{Permit, ReadAudit},
};
use subrosa_store::{AuditCursor, StoredEvent, TenantStore};

/// Which events; what is `None` does not matter.
#[derive(Clone, Default, Debug)]
pub struct Filter {
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// With any of these actions; empty: with any at all.
    pub actions: Vec<AuditAction>,
    /// By this actor.
    pub actor_id: Option<String>,
    /// About a thing with any of these ids; empty: about anything.
    pub resource_ids: Vec<[u8; 16]>,
    /// With this outcome.
    pub decision: Option<Decision>,
    /// By this door.
    pub surface: Option<Surface>,
    /// Under this tier.
    pub tier: Option<Sensitivity>,
    /// Whether it was allowed.
    pub allowed: Option<bool>,
}

/// A page of events.
#[derive(Debug)]
pub struct Events {
    /// Each with its place, newest first.
    pub items: Vec<(AuditCursor, AuditEvent)>,
    /// Where to go on; `None` at the end of the log. A filtered page can be short and still go on: see
    /// [`limits::AUDIT_SCAN_MAX`].
    pub next: Option<AuditCursor>,
    /// How many there are in all, where that is known.
    pub total: Option<u64>,
}

impl Filter {
    fn is_open(&self) -> bool {
        self.actions.is_empty()
            && self.from.is_none()
            && self.to.is_none()
            && self.actor_id.is_none()
            && self.resource_ids.is_empty()
            && self.decision.is_none()
            && self.surface.is_none()
            && self.tier.is_none()
            && self.allowed.is_none()
    }

    /// The things all accepted events are about, where the store can find the events by them.
    fn subjects(&self) -> Option<&[[u8; 16]]> {
        let found = self.actions.iter().all(|action| action.is_found_by_resource());
        let named = !self.resource_ids.is_empty() && !self.actions.is_empty();
        (found && named).then_some(&self.resource_ids)
    }

    /// The next events that could be accepted, newest first.
    pub(super) async fn next(
        &self,
        tenant: &dyn TenantStore,
        after: Option<AuditCursor>,
    ) -> Result<Vec<StoredEvent>, AppError> {
        Ok(match self.subjects() {
            Some(subjects) => tenant.events_about(subjects, after, limits::PAGE_MAX).await?,
            None => tenant.events(after, limits::PAGE_MAX).await?,
        })
    }

    pub(super) fn accepts(&self, event: &AuditEvent) -> bool {
        self.from.is_none_or(|from| from <= event.time)
            && self.to.is_none_or(|to| event.time < to)
            && (self.actions.is_empty() || self.actions.contains(&event.action))
            && self.actor_id.as_deref().is_none_or(|id| id == &*event.actor.id)
            && (self.resource_ids.is_empty()
                || event.resource.id.is_some_and(|id| self.resource_ids.contains(&id)))
            && self.decision.is_none_or(|decision| decision == event.decision)
            && self.surface.is_none_or(|surface| surface == event.surface)
            && self.tier.is_none_or(|tier| event.tier == Some(tier))
            && self.allowed.is_none_or(|allowed| allowed == (event.decision == Decision::Allowed))
    }
}

impl App {
    /// The tenant's events, newest first.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn list_events(
        &self,
        op: &Op,
        _permit: &Permit<ReadAudit>,
        filter: &Filter,
        page: PageRequest<AuditCursor>,
    ) -> Result<Events, AppError> {
        self.events_about(op, filter, page).await
    }

    /// The same, for whoever may see these events by another right than `audit:read`.
    pub(crate) async fn events_about(
        &self,
        op: &Op,
        filter: &Filter,
        page: PageRequest<AuditCursor>,
    ) -> Result<Events, AppError> {
        self.flush_for(op.tenant_id).await?;
        self.chain_ready(op).await?;
        let tenant = self.tenant(op.tenant_id);
        let wanted = usize::try_from(page.limit() - 1).unwrap_or(usize::MAX);
        let (mut items, mut cursor, mut looked_at) = (Vec::new(), page.after(), 0);
        let next = loop {
            let batch = filter.next(&*tenant, cursor).await?;
            let Some(last) = batch.last() else { break None };
            let end = AuditCursor { lane: last.lane, seq: last.seq };
            for stored in &batch {
                let place = AuditCursor { lane: stored.lane, seq: stored.seq };
                let event = stored.event()?;
                if filter.accepts(&event) {
                    items.push((place, event));
                }
                if items.len() > wanted {
                    break;
                }
            }
            looked_at += limits::PAGE_MAX;
            if items.len() > wanted {
                items.truncate(wanted);
                break items.last().map(|(place, _)| *place);
            }
            if looked_at >= limits::AUDIT_SCAN_MAX {
                break Some(end);
            }
            cursor = Some(end);
        };
        let total = if filter.is_open() {
            Some(tenant.counted().await?.events)
        } else if next.is_none() && page.after().is_none() {
            Some(items.len() as u64)
        } else {
            matching(&*tenant, filter).await?
        };
        Ok(Events { items, next, total })
    }

    /// Has the tenant's chain say what is due: that an earlier run ended suddenly. A chain that does not hold can say
    /// nothing more; that is for verification to report, and what it holds can still be read.
    pub(super) async fn chain_ready(&self, op: &Op) -> Result<(), AppError> {
        if self.set_back.is_some() {
            // Nothing is due in a store that is only looked at.
            return Ok(());
        }
        match self.commit(op.tenant_id, Vec::new(), Vec::new()).await {
            Ok(_) | Err(AppError::Integrity) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// How many events of the tenant a filter accepts; `None` when there are more than are counted or looked at for it.
async fn matching(tenant: &dyn TenantStore, filter: &Filter) -> Result<Option<u64>, AppError> {
    let (mut count, mut cursor, mut looked_at) = (0, None, 0);
    while looked_at < limits::AUDIT_SCAN_MAX && count <= u64::from(limits::LIST_MAX) {
        let batch = filter.next(tenant, cursor).await?;
        let Some(last) = batch.last() else { return Ok(Some(count)) };
        cursor = Some(AuditCursor { lane: last.lane, seq: last.seq });
        for stored in &batch {
            count += u64::from(filter.accepts(&stored.event()?));
        }
        looked_at += limits::PAGE_MAX;
    }
    Ok(None)
}
