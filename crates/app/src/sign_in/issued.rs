//! A user by an issuer's token.
//!
//! Who it is, is the issuer's word and the issuer's subject, and nothing else. A user that was named before, by an
//! address, is recognised once: at the first sign-in for which the issuer vouches for that address and the
//! configuration lets this issuer speak for its domain. From then on the user is tied to the identity, and the
//! address means nothing.

use super::NotAccepted;
use crate::{
    app::App,
    context::{Op, Origin},
    error::AppError,
    groups::is_race,
    secrets::Tries,
};
use std::sync::Arc;
use subrosa_domain::{
    Assertion, Change, Principal, PrincipalKind, PrincipalState, TenantId,
    audit::{Actor, ActorKind, AuditAction},
    policy::{Caller, CallerKind},
};

impl App {
    pub(super) async fn authenticate_issued(
        &self,
        origin: &Origin,
        text: &str,
    ) -> Result<Arc<Caller>, AppError> {
        let issuers = self.issuers.as_ref().ok_or(AppError::Unauthenticated)?;
        let assertion = match issuers.check(text, origin.now).await {
            Ok(assertion) => assertion,
            Err(NotAccepted::Refused) => return Err(AppError::Unauthenticated),
            Err(NotAccepted::Unavailable) => return Err(AppError::IssuerUnavailable),
        };
        let tenant = self.tenant_id(&assertion.tenant).await?.ok_or(AppError::Unauthenticated)?;
        let user = self.user_of(origin, tenant, &assertion).await?;
        if user.state != PrincipalState::Active {
            return Err(AppError::Unauthenticated);
        }
        Ok(Arc::new(caller(&user, &assertion)))
    }

    /// The user an identity is, made when it signs in for the first time.
    async fn user_of(
        &self,
        origin: &Origin,
        tenant: TenantId,
        assertion: &Assertion,
    ) -> Result<Arc<Principal>, AppError> {
        if let Some(id) = self.caches.identified(tenant, &assertion.identity) {
            let known = self.principal_row(tenant, id).await?;
            let same = |user: &Arc<Principal>| {
                user.identity.as_ref() == Some(&assertion.identity)
                    && user.state == PrincipalState::Active
            };
            if let Some(user) = known.filter(same) {
                return Ok(user);
            }
        }
        let mut tries = Tries::default();
        let user = loop {
            match self.signed_in(origin, tenant, assertion).await {
                Err(error) if is_race(&error) && tries.again() => {}
                // The identity is that of somebody who was revoked: nobody signs in as them, nor as somebody new.
                Err(AppError::Exists(_)) => return Err(AppError::Unauthenticated),
                done => break done?,
            }
        };
        self.caches.keep_identity(tenant, assertion.identity.clone(), user.id);
        Ok(Arc::new(user))
    }

    async fn signed_in(
        &self,
        origin: &Origin,
        tenant: TenantId,
        assertion: &Assertion,
    ) -> Result<Principal, AppError> {
        let rows = self.tenant(tenant);
        if let Some(known) = rows.principal_by_identity(&assertion.identity).await? {
            return self.verified(known);
        }
        let named = match &assertion.email {
            Some(email) => rows.principal_by_name(PrincipalKind::User, email.as_str()).await?,
            None => None,
        };
        let named = named.map(|user| self.verified(user)).transpose()?;
        if let Some(mut user) = named.clone().filter(|user| user.identity.is_none()) {
            let op = self.own_op(origin, tenant, &user, assertion);
            user.identity = Some(assertion.identity.clone());
            user.modified_at = op.now();
            user.row_version += 1;
            let user = self.sealed(user);
            let event = self.principal_event(&op, AuditAction::UserBind, &user);
            self.commit(tenant, vec![Change::PrincipalUpdate(user.clone())], vec![event]).await?;
            return Ok(user);
        }
        // An address that is another identity's already names nobody new.
        let name = match assertion.email.as_ref().filter(|_| named.is_none()) {
            Some(email) => email.to_string(),
            None => format!("{}:{}", assertion.issuer_name, assertion.identity.subject),
        };
        let system =
            Op { origin: origin.clone(), caller: Arc::new(Caller::system()), tenant_id: tenant };
        let mut user = self.new_principal(&system, PrincipalKind::User, &name);
        user.identity = Some(assertion.identity.clone());
        user.created_by = name.as_str().into();
        let user = self.sealed(user);
        let op = self.own_op(origin, tenant, &user, assertion);
        let event = self.principal_event(&op, AuditAction::UserCreate, &user);
        self.commit(tenant, vec![Change::PrincipalInsert(user.clone())], vec![event]).await?;
        Ok(user)
    }

    /// A sign-in is an operation of whoever signs in.
    fn own_op(
        &self,
        origin: &Origin,
        tenant_id: TenantId,
        user: &Principal,
        assertion: &Assertion,
    ) -> Op {
        Op { origin: origin.clone(), caller: Arc::new(caller(user, assertion)), tenant_id }
    }
}

fn caller(user: &Principal, assertion: &Assertion) -> Caller {
    let roles = (!assertion.roles.is_empty()).then(|| assertion.roles.as_slice().into());
    Caller {
        kind: CallerKind::Issued {
            tenant_id: user.tenant_id,
            principal_id: user.id,
            expires_at: assertion.expires_at,
        },
        name: (&*user.name).into(),
        actor: Actor {
            kind: ActorKind::User,
            id: user.id.to_string().into(),
            token: None,
            tool: None,
        },
        scopes: assertion.scopes,
        claimed: roles,
    }
}
