//! Principals as other people name them: `user:ana@acme.dev`, `virtualaccount:ci`.

use crate::{app::App, context::Op, error::AppError};
use std::sync::Arc;
use subrosa_domain::{
    Change, Email, Principal, PrincipalId, PrincipalKind, PrincipalState, RowSeal, ScopeSet,
    TenantId,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
};
use subrosa_store::Noun;

/// A principal, as people know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Which.
    pub id: PrincipalId,
    /// What kind.
    pub kind: PrincipalKind,
    /// Its name.
    pub name: Box<str>,
}

/// A principal, as somebody named it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubjectRef {
    /// What kind.
    pub kind: PrincipalKind,
    /// Its name.
    pub name: Box<str>,
}

/// Principals that were named, and what a commit needs that names them for the first time.
#[derive(Default)]
pub(crate) struct Resolved {
    pub(crate) ids: Vec<PrincipalId>,
    pub(crate) changes: Vec<Change>,
    pub(crate) events: Vec<AuditEvent>,
}

impl App {
    /// A principal's row, from memory if the feed says it is current.
    pub(crate) async fn principal_row(
        &self,
        tenant: TenantId,
        id: PrincipalId,
    ) -> Result<Option<Arc<Principal>>, AppError> {
        if let Some(principal) = self.caches.principal(tenant, id) {
            return Ok(Some(principal));
        }
        let read = self.caches.feed.mark();
        let Some(principal) = self.tenant(tenant).principal(id).await? else { return Ok(None) };
        let principal = Arc::new(self.verified(principal)?);
        self.caches.keep_principal(Arc::clone(&principal), read);
        Ok(Some(principal))
    }

    /// A principal as people know it; one that is gone has its id for a name.
    pub(crate) async fn subject(
        &self,
        tenant: TenantId,
        id: PrincipalId,
    ) -> Result<Subject, AppError> {
        let found = self.principal_row(tenant, id).await?;
        Ok(found.map_or_else(
            || Subject { id, kind: PrincipalKind::User, name: id.to_string().into() },
            |principal| Subject { id, kind: principal.kind, name: principal.name.clone() },
        ))
    }

    /// The principals of these names, in their order. An e-mail address that is nobody's becomes a user.
    pub(crate) async fn resolve(
        &self,
        op: &Op,
        named: &[&SubjectRef],
    ) -> Result<Resolved, AppError> {
        let tenant = self.tenant(op.tenant_id);
        let mut resolved = Resolved::default();
        for subject in named {
            if let Some(id) = resolved.made(subject) {
                resolved.ids.push(id);
                continue;
            }
            match tenant.principal_by_name(subject.kind, &subject.name).await? {
                Some(known) => resolved.ids.push(self.verified(known)?.id),
                None => self.invite(op, subject, &mut resolved)?,
            }
        }
        Ok(resolved)
    }

    fn invite(
        &self,
        op: &Op,
        subject: &SubjectRef,
        resolved: &mut Resolved,
    ) -> Result<(), AppError> {
        let email = subject.name.parse::<Email>().ok();
        let email = email.filter(|_| subject.kind == PrincipalKind::User).ok_or_else(|| {
            AppError::invalid("/subject", "must name a principal of the tenant, or be an e-mail")
        })?;
        let user = self.sealed(self.new_principal(op, PrincipalKind::User, email.as_str()));
        resolved.ids.push(user.id);
        resolved.events.push(self.principal_event(op, AuditAction::UserCreate, &user));
        resolved.changes.push(Change::PrincipalInsert(user));
        Ok(())
    }

    /// The row of a new principal of the operation's tenant, without scopes; neither sealed nor committed.
    pub(crate) fn new_principal(&self, op: &Op, kind: PrincipalKind, name: &str) -> Principal {
        Principal {
            id: PrincipalId::fresh(&*self.ids),
            tenant_id: op.tenant_id,
            kind,
            name: name.into(),
            description: "".into(),
            scopes: ScopeSet::NONE,
            identity: None,
            manifest: None,
            state: PrincipalState::Active,
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            modified_at: op.now(),
            revoked_at: None,
            row_version: 1,
            seal: RowSeal::UNSEALED,
        }
    }

    /// The event of a change of a principal.
    pub(crate) fn principal_event(
        &self,
        op: &Op,
        action: AuditAction,
        principal: &Principal,
    ) -> AuditEvent {
        let id = principal.id.as_bytes();
        let about = Resource::named(ResourceKind::Principal, id, &principal.name);
        op.event(&*self.ids, action, about)
    }
}

impl Resolved {
    /// The users that the commit makes, as people know them.
    pub(super) fn newcomers(&self) -> Vec<Subject> {
        let user = |change: &Change| match change {
            Change::PrincipalInsert(user) => {
                Some(Subject { id: user.id, kind: user.kind, name: user.name.clone() })
            }
            _ => None,
        };
        self.changes.iter().filter_map(user).collect()
    }

    /// The id of a user this very commit makes.
    fn made(&self, subject: &SubjectRef) -> Option<PrincipalId> {
        self.changes.iter().find_map(|change| match change {
            Change::PrincipalInsert(user)
                if user.kind == subject.kind && user.name == subject.name =>
            {
                Some(user.id)
            }
            _ => None,
        })
    }
}

/// Whether a commit failed because another one named the same newcomer, or changed the same row: it can be tried again.
pub(crate) const fn is_race(error: &AppError) -> bool {
    matches!(error, AppError::Contended | AppError::Exists(Noun::Principal))
}
