//! Permits, and the proof that a reveal is on record before it happens.

use super::{
    action::{Action, GroupAction, RevealSecrets},
    caller::{Caller, Claimed},
};
use crate::{
    disclosure::Disclosure,
    group::{Group, Role},
    ids::{GroupId, PrincipalId, RevisionId, SecretId, TenantId},
    scope::Scope,
    secret::Secret,
    sensitivity::{AuditPolicy, Sensitivity},
    time::Timestamp,
};
use std::marker::PhantomData;
use subrosa_plant::planted;

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
    /// The caller sees the group, and has no role in it that allows this.
    #[error("missing role {}", .0.name())]
    MissingRole(Role),
    /// The value can be used and never read.
    #[error("the value can be used, not read")]
    UseOnly,
}

/// Leave to perform `A` in one tenant.
#[derive(Debug)]
pub struct Permit<A: Action> {
    tenant_id: TenantId,
    reach: Reach,
    action: PhantomData<fn() -> A>,
}

/// Where in the tenant a permit holds.
#[derive(Clone, Debug)]
enum Reach {
    /// In every group.
    Tenant,
    /// In the group `default`, if `by_scope`, and in groups where this principal has a role that allows it.
    Groups { by_scope: bool, principal: Option<PrincipalId>, claimed: Claimed },
}

/// Decides whether `caller` may perform `A` in `tenant`.
///
/// # Errors
/// [`Denied::NotFound`] in a tenant that is not the caller's, [`Denied::MissingScope`] without the scope.
pub fn authorize<A: Action>(caller: &Caller, tenant: TenantId) -> Result<Permit<A>, Denied> {
    if caller.tenant_id().is_some_and(|own| own != tenant) && !planted!("foreign-tenant-visible") {
        return Err(Denied::NotFound);
    }
    match A::SCOPE {
        Some(Scope::GRANTS_WRITE) if planted!("scope-unchecked") => {
            Ok(Permit { tenant_id: tenant, reach: reach(caller, true), action: PhantomData })
        }
        Some(scope) if !caller.scopes.contains(scope) => Err(Denied::MissingScope(scope)),
        _ => Ok(Permit { tenant_id: tenant, reach: reach(caller, true), action: PhantomData }),
    }
}

/// The same where groups are what a surface is about: a caller that has roles alone is let through, to act by them and
/// never in the group `default`.
///
/// # Errors
/// As [`authorize`].
pub fn authorize_by_role<A: GroupAction>(
    caller: &Caller,
    tenant: TenantId,
) -> Result<Permit<A>, Denied> {
    if caller.has_roles_alone() && caller.tenant_id() == Some(tenant) {
        return Ok(Permit { tenant_id: tenant, reach: reach(caller, false), action: PhantomData });
    }
    authorize(caller, tenant)
}

fn reach(caller: &Caller, by_scope: bool) -> Reach {
    if caller.is_admin() {
        return Reach::Tenant;
    }
    let (principal, claimed) = (caller.principal_id(), caller.claimed.clone());
    Reach::Groups { by_scope, principal, claimed }
}

impl<A: Action> Permit<A> {
    /// The tenant it holds in.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }
}

impl<A: GroupAction> Permit<A> {
    /// Whether it holds in a group: `None` is the group `default`.
    ///
    /// # Errors
    /// [`Denied::NotFound`] when the caller has no role in the group, or roles alone in the group `default`, or the
    /// group is another tenant's; [`Denied::MissingRole`] when the role is too low.
    pub fn holds_in(&self, group: Option<&Group>) -> Result<(), Denied> {
        match (&self.reach, group) {
            (_, Some(group)) if group.tenant_id != self.tenant_id => Err(Denied::NotFound),
            (Reach::Tenant, _) | (Reach::Groups { by_scope: true, .. }, None) => Ok(()),
            (Reach::Groups { by_scope: false, .. }, None) => Err(Denied::NotFound),
            (Reach::Groups { .. }, Some(group)) => match self.role_in(group) {
                None if planted!("hidden-says-so") => Err(Denied::MissingRole(A::ROLE)),
                None => Err(Denied::NotFound),
                Some(_) if planted!("viewer-may-write") => Ok(()),
                Some(role) if role < A::ROLE => Err(Denied::MissingRole(A::ROLE)),
                Some(_) => Ok(()),
            },
        }
    }

    /// Whose roles limit a list of groups; `None` when the permit holds in every group.
    #[must_use]
    pub const fn limited_to(&self) -> Option<Limited<'_>> {
        match &self.reach {
            Reach::Tenant => None,
            Reach::Groups { principal, claimed, by_scope } => {
                Some(Limited { principal: *principal, claimed, default: *by_scope })
            }
        }
    }

    fn role_in(&self, group: &Group) -> Option<Role> {
        let Reach::Groups { principal, claimed, .. } = &self.reach else {
            return Some(Role::Admin);
        };
        let given = principal.and_then(|principal| group.role_of(principal));
        let claimed = claimed.iter().flat_map(|all| all.iter());
        let claimed = claimed.filter(|(name, _)| *name == group.name).map(|(_, role)| *role);
        given.into_iter().chain(claimed).max()
    }
}

/// What a list of groups is limited to.
#[derive(Clone, Copy, Debug)]
pub struct Limited<'p> {
    /// Groups in which this principal has a role.
    pub principal: Option<PrincipalId>,
    /// And groups of these names.
    pub claimed: &'p Claimed,
    /// And the group `default`.
    pub default: bool,
}

impl Permit<RevealSecrets> {
    /// Narrows the permit to the live revision of one secret, at one moment. `group` is the secret's own; a secret of
    /// the group `default` needs none.
    ///
    /// # Errors
    /// [`Denied::NotFound`] when the secret is another tenant's or in a group the caller has no role in, a draft,
    /// expired or not yet valid; [`Denied::MissingRole`]; [`Denied::UseOnly`] when its value is not to be read.
    pub fn of(
        &self,
        secret: &Secret,
        group: Option<&Group>,
        now: Timestamp,
    ) -> Result<RevealPermit, Denied> {
        let in_default = secret.group_id == GroupId::default_of(self.tenant_id);
        let group = if in_default { None } else { Some(group.ok_or(Denied::NotFound)?) };
        if group.is_some_and(|group| group.id != secret.group_id) {
            return Err(Denied::NotFound);
        }
        let placed = self.holds_in(group);
        if placed == Err(Denied::NotFound) {
            return Err(Denied::NotFound);
        }
        let live = secret.published.ok_or(Denied::NotFound)?;
        if planted!("expired-says-so") && !secret.validity.contains(now) {
            return Err(Denied::UseOnly);
        }
        if secret.tenant_id != self.tenant_id || !secret.validity.contains(now) {
            return Err(Denied::NotFound);
        }
        placed?;
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
        ids::TokenId,
        policy::{CallerKind, ReadSecrets, WriteSecrets},
        scope::ScopeSet,
        token::TokenKind,
    };

    use crate::{group::MemberSource, policy::AdminGroups};

    const ANA: PrincipalId = PrincipalId::from_bytes([4; 16]);
    const HOME: TenantId = TenantId::from_bytes([1; 16]);
    const AWAY: TenantId = TenantId::from_bytes([2; 16]);

    fn token(scopes: ScopeSet) -> Caller {
        Caller {
            kind: CallerKind::Token {
                tenant_id: HOME,
                token_id: TokenId::from_bytes([3; 16]),
                token_kind: TokenKind::User,
                principal_id: ANA,
                expires_at: None,
            },
            name: "ana".into(),
            actor: Actor { kind: ActorKind::User, id: "u".into(), token: None, tool: None },
            scopes,
            claimed: None,
        }
    }

    fn virtual_account() -> Caller {
        let mut caller = token(ScopeSet::NONE);
        if let CallerKind::Token { token_kind, .. } = &mut caller.kind {
            *token_kind = TokenKind::VirtualAccount;
        }
        caller
    }

    fn group(role: Option<Role>) -> Group {
        let name = "prod".parse().unwrap();
        let id = GroupId::from_bytes([8; 16]);
        let mut group = Group::new(id, HOME, name, (ANA, "ana"), Timestamp::EPOCH);
        group.give(MemberSource::Collaborators, role.map(|role| (ANA, role)));
        group
    }

    fn judged<A: GroupAction>(caller: &Caller, role: Option<Role>) -> Result<(), Denied> {
        authorize_by_role::<A>(caller, HOME)?.holds_in(Some(&group(role)))
    }

    /// Every caller, role and action, and what comes of it: the whole rule, to be read.
    #[test]
    fn scopes_decide_in_the_default_group_and_roles_under_their_ceiling_in_the_others() {
        use Denied::{MissingRole, MissingScope, NotFound};
        let reader = token([Scope::SECRETS_READ].into_iter().collect());
        let writer = token([Scope::SECRETS_READ, Scope::SECRETS_WRITE].into_iter().collect());
        let (admin, account) = (token(ScopeSet::all()), virtual_account());
        for role in [None, Some(Role::Viewer), Some(Role::Editor), Some(Role::Admin)] {
            let visible = if role.is_some() { Ok(()) } else { Err(NotFound) };
            let edits = match role {
                None => Err(NotFound),
                Some(Role::Viewer) => Err(MissingRole(Role::Editor)),
                Some(_) => Ok(()),
            };
            let rules = match role {
                Some(Role::Admin) => Ok(()),
                None => Err(NotFound),
                Some(_) => Err(MissingRole(Role::Admin)),
            };
            assert_eq!(judged::<ReadSecrets>(&reader, role), visible);
            assert_eq!(
                judged::<WriteSecrets>(&reader, role),
                Err(MissingScope(Scope::SECRETS_WRITE))
            );
            assert_eq!(
                judged::<RevealSecrets>(&writer, role),
                Err(MissingScope(Scope::SECRETS_REVEAL))
            );
            assert_eq!(judged::<WriteSecrets>(&writer, role), edits);
            assert_eq!(judged::<AdminGroups>(&writer, role), rules);
            assert_eq!(judged::<ReadSecrets>(&account, role), visible);
            assert_eq!(judged::<RevealSecrets>(&account, role), edits);
            assert_eq!(judged::<AdminGroups>(&account, role), rules);
            assert_eq!(
                judged::<AdminGroups>(&admin, role),
                Ok(()),
                "an administrator needs no role"
            );
        }
        let default = |caller| authorize_by_role::<ReadSecrets>(caller, HOME)?.holds_in(None);
        assert_eq!(default(&reader), Ok(()));
        assert_eq!(default(&account), Err(NotFound));
        let strict = authorize::<ReadSecrets>(&account, HOME).map(|_| ());
        assert_eq!(strict, Err(MissingScope(Scope::SECRETS_READ)), "elsewhere it has no scope");
        assert_eq!(authorize_by_role::<ReadSecrets>(&account, AWAY).map(|_| ()), Err(NotFound));
    }

    #[test]
    fn a_credential_may_bring_a_role_by_the_groups_name() {
        let mut caller = token([Scope::SECRETS_READ].into_iter().collect());
        caller.claimed = Some([("prod".parse().unwrap(), Role::Viewer)].into());
        assert_eq!(judged::<ReadSecrets>(&caller, None), Ok(()));
        caller.claimed = Some([("prod2".parse().unwrap(), Role::Admin)].into());
        assert_eq!(judged::<ReadSecrets>(&caller, None), Err(Denied::NotFound));
    }

    #[test]
    fn a_group_of_another_tenant_is_not_found_even_for_an_administrator() {
        let permit = authorize::<ReadSecrets>(&token(ScopeSet::all()), HOME).unwrap();
        let mut foreign = group(Some(Role::Admin));
        foreign.tenant_id = AWAY;
        assert_eq!(permit.holds_in(Some(&foreign)), Err(Denied::NotFound));
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
