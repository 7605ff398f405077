//! Permits, and the proof that a reveal is on record before it happens.

use super::{action::Action, action::RevealSecrets, caller::Caller};
use crate::{
    disclosure::Disclosure,
    ids::{RevisionId, SecretId, TenantId},
    scope::Scope,
    secret::Secret,
    sensitivity::{AuditPolicy, Sensitivity},
    time::Timestamp,
};
use std::marker::PhantomData;

/// A refusal. Its order is the order of checks: tenant before scope before row before disclosure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Denied {
    /// Not this caller's tenant, existing or not; or a row that is absent, foreign, expired or not yet valid. One
    /// refusal for all of them: telling them apart would tell a stranger what exists.
    #[error("not found")]
    NotFound,
    /// The caller lacks a scope.
    #[error("missing scope {0}")]
    MissingScope(Scope),
    /// The value can be used and never read.
    #[error("the value can be used, not read")]
    UseOnly,
}

/// Leave to perform `A` in one tenant.
#[derive(Debug)]
pub struct Permit<A: Action> {
    tenant_id: TenantId,
    action: PhantomData<fn() -> A>,
}

/// Decides whether `caller` may perform `A` in `tenant`.
///
/// # Errors
/// [`Denied::NotFound`] in a tenant that is not the caller's, [`Denied::MissingScope`] without the scope.
pub fn authorize<A: Action>(caller: &Caller, tenant: TenantId) -> Result<Permit<A>, Denied> {
    if caller.tenant_id().is_some_and(|own| own != tenant) {
        return Err(Denied::NotFound);
    }
    match A::SCOPE {
        Some(scope) if !caller.scopes.contains(scope) => Err(Denied::MissingScope(scope)),
        _ => Ok(Permit { tenant_id: tenant, action: PhantomData }),
    }
}

impl<A: Action> Permit<A> {
    /// The tenant it holds in.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }
}

impl Permit<RevealSecrets> {
    /// Narrows the permit to the live revision of one secret, at one moment.
    ///
    /// # Errors
    /// [`Denied::NotFound`] when the secret is another tenant's, a draft, expired or not yet valid;
    /// [`Denied::UseOnly`] when its value is not to be read.
    pub fn of(&self, secret: &Secret, now: Timestamp) -> Result<RevealPermit, Denied> {
        let live = secret.published.ok_or(Denied::NotFound)?;
        if secret.tenant_id != self.tenant_id || !secret.validity.contains(now) {
            return Err(Denied::NotFound);
        }
        if secret.disclosure != Disclosure::Readable || live.version < secret.readable_from {
            return Err(Denied::UseOnly);
        }
        Ok(RevealPermit {
            tenant_id: self.tenant_id,
            secret_id: secret.id,
            revision_id: live.revision_id,
            version: live.version,
            tier: secret.sensitivity,
        })
    }
}

/// Leave to open one revision. Not yet enough to open it: see [`Recorded`].
#[derive(Debug)]
pub struct RevealPermit {
    tenant_id: TenantId,
    secret_id: SecretId,
    revision_id: RevisionId,
    version: u64,
    tier: Sensitivity,
}

impl RevealPermit {
    /// The secret's tier when the permit was given: it chooses the audit policy.
    #[must_use]
    pub const fn tier(&self) -> Sensitivity {
        self.tier
    }

    /// The revision's number.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Joins the permit with the proof that its use is on record.
    ///
    /// # Errors
    /// Gives the permit back when the tier asks for a durable record and the receipt is for a counted one.
    pub fn on_record(self, receipt: Receipt) -> Result<Recorded, Self> {
        match (self.tier.audit_policy(), receipt.0) {
            (AuditPolicy::FailClosed, AuditPolicy::BestEffort) => Err(self),
            _ => Ok(Recorded(self)),
        }
    }
}

/// Proof that an event is on record. Made in two places only, both found by searching for `assert_`.
#[derive(Debug)]
pub struct Receipt(AuditPolicy);

impl Receipt {
    /// Asserts that the event is durable: call it only after the commit that carries the event was acknowledged.
    #[must_use]
    pub const fn assert_durable() -> Self {
        Self(AuditPolicy::FailClosed)
    }

    /// Asserts that the event is counted in memory and will be written within a second.
    #[must_use]
    pub const fn assert_counted() -> Self {
        Self(AuditPolicy::BestEffort)
    }
}

/// Leave to open one revision, with its use on record: what `crypto` asks for before it unwraps anything.
#[derive(Debug)]
pub struct Recorded(RevealPermit);

impl Recorded {
    /// Whether this is leave for exactly that revision.
    #[must_use]
    pub fn covers(&self, tenant: TenantId, secret: SecretId, revision: RevisionId) -> bool {
        (self.0.tenant_id, self.0.secret_id, self.0.revision_id) == (tenant, secret, revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{Actor, ActorKind},
        ids::{PrincipalId, TokenId},
        policy::{CallerKind, ReadSecrets},
        scope::ScopeSet,
    };

    const HOME: TenantId = TenantId::from_bytes([1; 16]);
    const AWAY: TenantId = TenantId::from_bytes([2; 16]);

    fn token(scopes: ScopeSet) -> Caller {
        Caller {
            kind: CallerKind::Token {
                tenant_id: HOME,
                token_id: TokenId::from_bytes([3; 16]),
                principal_id: PrincipalId::from_bytes([4; 16]),
                expires_at: None,
            },
            name: "ana".into(),
            actor: Actor { kind: ActorKind::User, id: "u".into(), token: None, tool: None },
            scopes,
        }
    }

    #[test]
    fn a_foreign_tenant_is_not_found_even_with_every_scope() {
        let refused = authorize::<ReadSecrets>(&token(ScopeSet::all()), AWAY).map(|_| ());
        assert_eq!(refused, Err(Denied::NotFound));
        let refused = authorize::<ReadSecrets>(&token(ScopeSet::NONE), AWAY).map(|_| ());
        assert_eq!(refused, Err(Denied::NotFound), "the tenant is checked before the scope");
    }

    #[test]
    fn each_scope_opens_its_own_action_and_no_other() {
        for scope in Scope::all() {
            let caller = token([scope].into_iter().collect());
            let opens = authorize::<RevealSecrets>(&caller, HOME).is_ok();
            assert_eq!(opens, scope == Scope::SECRETS_REVEAL, "{scope}");
        }
    }

    #[test]
    fn a_strict_tier_takes_a_durable_receipt() {
        let permit = |tier| RevealPermit {
            tenant_id: HOME,
            secret_id: SecretId::from_bytes([5; 16]),
            revision_id: RevisionId::from_bytes([6; 16]),
            version: 1,
            tier,
        };
        assert!(permit(Sensitivity::Standard).on_record(Receipt::assert_counted()).is_ok());
        for tier in Sensitivity::ALL.into_iter().skip(1) {
            assert!(permit(tier).on_record(Receipt::assert_counted()).is_err());
            assert!(permit(tier).on_record(Receipt::assert_durable()).is_ok());
        }
    }
}
