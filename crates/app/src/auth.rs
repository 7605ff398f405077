//! Who is asking: from a presented token, or a socket's peer, to a caller.

use crate::{
    app::App,
    cache::{Mark, TokenRecord},
    context::{Op, Origin},
    error::AppError,
    tenants,
};
use std::sync::Arc;
use subrosa_crypto::PresentedToken;
use subrosa_domain::{
    Activity, EventId, Principal, PrincipalKind, PrincipalState, TenantId, TenantSlug, Token,
    TokenId,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, Decision, Detail, Reason, Resource, ResourceKind,
    },
    policy::{self, Action, Caller, CallerKind, Denied, GroupAction, Permit},
};
use subrosa_plant::planted;

impl App {
    /// The caller a token speaks for.
    ///
    /// A token that is unknown, wrong, expired or revoked is refused alike, after the same work: one look-up and one
    /// keyed comparison, against a dummy where there is nothing to compare with.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`], or a fault of the store.
    ///
    /// A JWT is checked as what it is: one of ours by its signature and its row, another's by its configured issuer.
    pub async fn authenticate(&self, origin: &Origin, text: &str) -> Result<Arc<Caller>, AppError> {
        if !planted!("set-back-served") {
            self.check_current()?;
        }
        let Some(presented) = PresentedToken::parse(text) else {
            return self.authenticate_jwt(origin, text).await;
        };
        let kept = self.caches.token(presented.key_id());
        let known = kept.is_some();
        let record = if known { kept } else { self.read_token(&presented).await? };
        let hash = record.as_ref().map(|record| &record.token.hash);
        let genuine = self.keyring.check_token(&presented, hash);
        let accepted = match record.filter(|_| genuine) {
            Some(record) => self.accept(origin, &record),
            None => Err(AppError::Unauthenticated),
        };
        if known && accepted.is_err() && !planted!("token-refused-from-memory") {
            // Refused from memory it would be refused sooner than one that nobody has.
            self.read_token(&presented).await?;
        }
        accepted
    }

    /// The caller of a token that is genuine, if it still works.
    pub(crate) fn accept(
        &self,
        origin: &Origin,
        record: &TokenRecord,
    ) -> Result<Arc<Caller>, AppError> {
        let active = record.principal.state == PrincipalState::Active;
        if !active || !record.token.works_at(origin.now) {
            self.record_dead_use(origin, record);
            if planted!("revoked-says-so") && record.token.revoked_at.is_some() {
                return Err(AppError::Revoked);
            }
            return Err(AppError::Unauthenticated);
        }
        let TokenRecord { token, used, .. } = record;
        self.ledger.token_used(token.tenant_id, token.id, used, origin.now);
        Ok(Arc::clone(&record.caller))
    }

    /// Decides whether a caller may do `A` in the tenant with this slug.
    ///
    /// # Errors
    /// [`Denied::NotFound`] when the tenant is not the caller's or there is none; [`Denied::MissingScope`].
    pub async fn admit<A: Action>(
        &self,
        origin: Origin,
        caller: Arc<Caller>,
        slug: Option<&TenantSlug>,
        operation: impl FnOnce() -> String,
    ) -> Result<(Op, Permit<A>), AppError> {
        let kept = slug.and_then(|slug| self.caches.tenant(slug));
        let tenant = match slug {
            Some(slug) if kept.is_none() => self.read_tenant_id(slug).await?,
            _ => kept,
        };
        let home = caller.tenant_id();
        // A tenant that does not exist is judged as one that is not the caller's.
        let judged = tenant.map_or(Err(Denied::NotFound), |id| policy::authorize(&caller, id));
        let tenant_id = tenant.filter(|_| home.is_none()).or(home).unwrap_or(TenantId::SYSTEM);
        let op = Op { origin, caller, tenant_id };
        match judged {
            Ok(permit) => Ok((op, permit)),
            Err(denied) => {
                self.record_refusal(&op, &operation(), denied);
                let from_memory = kept.is_some() && denied == Denied::NotFound;
                if let Some(slug) =
                    slug.filter(|_| from_memory && !planted!("tenant-refused-from-memory"))
                {
                    // Refused from memory it would be refused sooner than one that is not there.
                    self.read_tenant_id(slug).await?;
                }
                Err(denied.into())
            }
        }
    }

    /// The same in the caller's own tenant, where groups are what a surface is about and roles may stand for scopes.
    ///
    /// # Errors
    /// [`Denied::MissingScope`].
    pub fn admit_by_role<A: GroupAction>(
        &self,
        origin: Origin,
        caller: Arc<Caller>,
        operation: impl FnOnce() -> String,
    ) -> Result<(Op, Permit<A>), AppError> {
        let judged = |caller: &Caller, tenant| policy::authorize_by_role(caller, tenant);
        self.admit_home(origin, caller, operation, judged)
    }

    /// Decides whether a caller may do `A` in its own tenant.
    ///
    /// # Errors
    /// [`Denied::MissingScope`].
    pub fn admit_at_home<A: Action>(
        &self,
        origin: Origin,
        caller: Arc<Caller>,
        operation: impl FnOnce() -> String,
    ) -> Result<(Op, Permit<A>), AppError> {
        let judged = |caller: &Caller, tenant| policy::authorize(caller, tenant);
        self.admit_home(origin, caller, operation, judged)
    }

    fn admit_home<A: Action>(
        &self,
        origin: Origin,
        caller: Arc<Caller>,
        operation: impl FnOnce() -> String,
        judged: impl FnOnce(&Caller, TenantId) -> Result<Permit<A>, Denied>,
    ) -> Result<(Op, Permit<A>), AppError> {
        // Only the operator has no home, and the operator's socket does not speak for these paths.
        let tenant_id = caller.tenant_id().ok_or(AppError::NOT_FOUND)?;
        let op = Op { origin, caller, tenant_id };
        match judged(&op.caller, tenant_id) {
            Ok(permit) => Ok((op, permit)),
            Err(denied) => {
                self.record_refusal(&op, &operation(), denied);
                Err(denied.into())
            }
        }
    }

    /// Decides whether a caller may do what is the operator's alone.
    ///
    /// # Errors
    /// [`AppError::OperatorOnly`].
    pub fn admit_operator(
        &self,
        origin: &Origin,
        caller: &Arc<Caller>,
        operation: &str,
    ) -> Result<Op, AppError> {
        let tenant_id = caller.tenant_id().unwrap_or(TenantId::SYSTEM);
        let op = Op { origin: origin.clone(), caller: Arc::clone(caller), tenant_id };
        tenants::check_operator(caller).inspect_err(|_| {
            let refused = AuditAction::RequestRefuse;
            let about = operation_named(operation);
            self.ledger.refuse(op.refusal(&*self.ids, refused, about, "missing-scope"));
        })?;
        Ok(op)
    }

    /// Records the refusal of a request that had no valid credential.
    pub fn record_stranger(&self, origin: &Origin, operation: &str) {
        let anonymous =
            Actor { kind: ActorKind::Anonymous, id: "anonymous".into(), token: None, tool: None };
        self.ledger.refuse(AuditEvent {
            id: EventId::fresh(&*self.ids),
            tenant_id: TenantId::SYSTEM,
            time: origin.now,
            surface: origin.surface,
            actor: Actor { tool: origin.tool.clone(), ..anonymous },
            action: AuditAction::RequestRefuse,
            resource: operation_named(operation),
            revision: None,
            tier: None,
            decision: Decision::Denied,
            reason: Some(Reason::code("unauthenticated")),
            count: 1,
            first_time: None,
            request_id: Some(origin.request_id),
            detail: None,
        });
    }

    /// Records the refusal of a request by policy.
    pub fn record_refusal(&self, op: &Op, operation: &str, denied: Denied) {
        if planted!("refusal-unrecorded") {
            return;
        }
        let (code, detail) = match denied {
            Denied::NotFound => ("not-found", None),
            Denied::MissingScope(scope) => ("missing-scope", Some(Detail::Required(scope))),
            Denied::MissingRole(_) => ("missing-role", None),
            Denied::UseOnly => ("use-only", None),
        };
        let resource = operation_named(operation);
        let event = op.refusal(&*self.ids, AuditAction::RequestRefuse, resource, code);
        self.ledger.refuse(AuditEvent { detail, ..event });
    }

    /// Notes a request made with a token, for its activity list. Those with the same `alike`, which tells minutes
    /// apart, are one, and only the first is made.
    pub fn record_activity(&self, alike: u64, activity: impl FnOnce() -> Activity) {
        self.ledger.active(alike, activity);
    }

    /// The id of the living tenant with this slug.
    pub(crate) async fn tenant_id(&self, slug: &TenantSlug) -> Result<Option<TenantId>, AppError> {
        match self.caches.tenant(slug) {
            Some(id) => Ok(Some(id)),
            None => self.read_tenant_id(slug).await,
        }
    }

    /// The same from the store, whatever is in memory.
    async fn read_tenant_id(&self, slug: &TenantSlug) -> Result<Option<TenantId>, AppError> {
        let read = self.caches.feed.mark();
        let Some(tenant) = self.store.tenant_by_slug(slug).await? else {
            self.keyring.verify_none(TenantId::SYSTEM);
            return Ok(None);
        };
        let tenant = self.verified(tenant)?;
        self.caches.keep_tenant(slug.clone(), tenant.id, read);
        Ok(Some(tenant.id))
    }

    /// The record of a token from the store, whatever is in memory.
    async fn read_token(
        &self,
        presented: &PresentedToken,
    ) -> Result<Option<Arc<TokenRecord>>, AppError> {
        let read = self.caches.feed.mark();
        let found = self.store.token_by_key_id(presented.key_id()).await?;
        let Some((token, principal)) = found else {
            // A row of a token and one of whom it speaks for.
            self.keyring.verify_none(TenantId::SYSTEM);
            self.keyring.verify_none(TenantId::SYSTEM);
            return Ok(None);
        };
        let (token, principal) = (self.verified(token)?, self.verified(principal)?);
        let together = token.principal_id == principal.id && token.tenant_id == principal.tenant_id;
        if !together || token.key_id != *presented.key_id() {
            return Err(AppError::Integrity);
        }
        let record = Arc::new(record(token, principal, read));
        self.caches.keep_token(Arc::clone(&record));
        Ok(Some(record))
    }

    /// A token that was good once and is presented again is worth knowing about.
    fn record_dead_use(&self, origin: &Origin, record: &TokenRecord) {
        let op = Op {
            origin: origin.clone(),
            caller: Arc::clone(&record.caller),
            tenant_id: record.token.tenant_id,
        };
        let resource = token_named(record.token.id, &record.token.name);
        let revoked =
            record.token.revoked_at.is_some() || record.principal.state != PrincipalState::Active;
        let (action, code) = if revoked {
            (AuditAction::TokenUseRevoked, "revoked")
        } else if record.token.disabled_at.is_some() {
            (AuditAction::RequestRefuse, "disabled")
        } else {
            (AuditAction::RequestRefuse, "expired")
        };
        self.ledger.refuse(op.refusal(&*self.ids, action, resource, code));
    }
}

/// A token as an event's resource.
pub(crate) fn token_named(id: TokenId, name: &str) -> Resource {
    Resource::named(ResourceKind::Token, id.as_bytes(), name)
}

fn operation_named(operation: &str) -> Resource {
    Resource { kind: ResourceKind::Operation, id: None, key: Some(operation.into()) }
}

/// A token with its principal, and the caller they amount to.
pub(crate) fn record(token: Token, principal: Principal, read: Mark) -> TokenRecord {
    let caller = Arc::new(caller(&token, &principal));
    TokenRecord { token, principal, caller, read, used: Arc::default() }
}

/// How the audit log names a principal of this kind.
const fn actor_kind(kind: PrincipalKind) -> ActorKind {
    match kind {
        PrincipalKind::User => ActorKind::User,
        PrincipalKind::ServiceAccount => ActorKind::ServiceAccount,
        PrincipalKind::Agent => ActorKind::Agent,
        PrincipalKind::VirtualAccount => ActorKind::VirtualAccount,
    }
}

/// How people know a principal: a virtual account says that it is one.
fn shown_name(principal: &Principal) -> Arc<str> {
    match principal.kind {
        PrincipalKind::VirtualAccount => format!("virtualaccount:{}", principal.name).into(),
        _ => (&*principal.name).into(),
    }
}

fn caller(token: &Token, principal: &Principal) -> Caller {
    Caller {
        kind: CallerKind::Token {
            tenant_id: token.tenant_id,
            token_id: token.id,
            token_kind: token.kind,
            principal_id: principal.id,
            expires_at: token.expires_at,
        },
        name: shown_name(principal),
        actor: Actor {
            kind: actor_kind(principal.kind),
            id: principal.id.to_string().into(),
            token: Some(token.id),
            tool: None,
        },
        scopes: token.scopes,
        claimed: None,
    }
}
