//! Virtual accounts: machines that act by roles in groups alone, and prove themselves with a JWT that a key of their
//! tenant signs.
//!
//! The token is not kept: its row says what it says, and the same row makes the same token again. Whoever can have it
//! made again can act as the account, so that takes every role the account has.

mod delete;
mod put;
mod read;
mod signing;
mod tokens;

pub use put::{AccountManifest, AccountPut};
pub use read::{AccountList, AccountQuery, AccountView};

use crate::{app::App, context::Op, error::AppError, tokens::check_width};
use subrosa_domain::{
    Group, MemberSource, Principal, PrincipalId, PrincipalKind, PrincipalState, Role, Scope,
    ScopeSet, TenantId, TokenKind,
    policy::{self, AdminGroups, Denied},
};

impl App {
    /// The living virtual account with this id.
    async fn virtual_account(&self, op: &Op, id: PrincipalId) -> Result<Principal, AppError> {
        let found = self.tenant(op.tenant_id).principal(id).await?;
        let account = self.verified(found.ok_or(AppError::NOT_FOUND)?)?;
        let living = account.kind == PrincipalKind::VirtualAccount
            && account.state == PrincipalState::Active;
        if living { Ok(account) } else { Err(AppError::NOT_FOUND) }
    }

    /// The groups a virtual account has a role in.
    async fn groups_of_account(
        &self,
        tenant: TenantId,
        id: PrincipalId,
    ) -> Result<Vec<Group>, AppError> {
        let most = u32::try_from(crate::limits::GROUPS_MAX).unwrap_or(u32::MAX);
        let groups = self.tenant(tenant).groups(Some(id), None, most).await?;
        self.all_verified(groups)
    }

    /// Refuses a caller that would come to hold a token of somebody who can get at more than the caller itself: minting
    /// never widens, by whichever road.
    pub(crate) async fn check_speaks_for(
        &self,
        op: &Op,
        principal: PrincipalId,
        kind: TokenKind,
    ) -> Result<(), AppError> {
        // One's own roles apply already, under the scopes of both tokens; a token without scopes has no such ceiling.
        if op.caller.principal_id() == Some(principal) && kind != TokenKind::Member {
            return Ok(());
        }
        let groups = self.groups_of_account(op.tenant_id, principal).await?;
        self.check_spans(op, principal, &groups)
    }

    /// Refuses a caller that could get at more by the account than it can itself.
    fn check_spans(&self, op: &Op, id: PrincipalId, groups: &[Group]) -> Result<(), AppError> {
        if groups.is_empty() || op.caller.is_admin() {
            return Ok(());
        }
        let permit = policy::authorize_by_role::<AdminGroups>(&op.caller, op.tenant_id)?;
        for group in groups {
            let Some(role) = group.role_of(id) else { continue };
            match permit.holds_in(Some(group)) {
                Ok(()) => check_width(op, scopes_of(role))?,
                // The account is visible, and what it can do here is not the caller's to have.
                Err(_) => return Err(Denied::MissingRole(Role::Admin).into()),
            }
        }
        Ok(())
    }
}

/// What a role is to an account, which has no scopes to limit it: more than the caller's own scopes cannot be given.
fn scopes_of(role: Role) -> ScopeSet {
    let all = [
        (Role::Viewer, Scope::SECRETS_READ),
        (Role::Editor, Scope::SECRETS_WRITE),
        (Role::Editor, Scope::SECRETS_REVEAL),
        (Role::Admin, Scope::GRANTS_WRITE),
    ];
    all.into_iter().filter(|(least, _)| *least <= role).map(|(_, scope)| scope).collect()
}

/// The role an account's own manifest gives it in a group.
fn own_role(group: &Group, id: PrincipalId) -> Option<Role> {
    let own = |one: &&subrosa_domain::Member| {
        one.principal_id == id && one.source == MemberSource::Account
    };
    group.members().iter().find(own).map(|member| member.role)
}
