//! Who is asking, once their credential was checked.

use crate::{
    audit::{Actor, ActorKind},
    group::Role,
    ids::{PrincipalId, TenantId, TokenId},
    name::GroupName,
    scope::{Scope, ScopeSet},
    time::Timestamp,
    token::TokenKind,
};
use std::sync::Arc;

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How they proved who they are.
    pub kind: CallerKind,
    /// How people know them: what `createdBy` and `publishedBy` show.
    pub name: Arc<str>,
    /// How the audit log names them.
    pub actor: Actor,
    /// What they may do.
    pub scopes: ScopeSet,
    /// Roles in groups that their credential itself gives, beside those the groups give.
    pub claimed: Claimed,
}

/// Roles that a credential gives by the groups' names; shared, for every request of the credential has them.
pub type Claimed = Option<Arc<[(GroupName, Role)]>>;

/// How a caller proved who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallerKind {
    /// Over the server's own socket, as the user who runs it (or root). Every scope in every tenant.
    Operator {
        /// The peer's user id.
        uid: u32,
    },
    /// The server itself: its first tenant, its retired keys. No request is ever this caller.
    System,
    /// With a token of ours. One tenant.
    Token {
        /// Its one tenant.
        tenant_id: TenantId,
        /// Which token.
        token_id: TokenId,
        /// What the token is for.
        token_kind: TokenKind,
        /// Whom it speaks for.
        principal_id: PrincipalId,
        /// When it ends.
        expires_at: Option<Timestamp>,
    },
    /// With a token of a configured issuer. One tenant.
    Issued {
        /// Its one tenant.
        tenant_id: TenantId,
        /// Whom it speaks for.
        principal_id: PrincipalId,
        /// When it ends.
        expires_at: Timestamp,
    },
}

impl Caller {
    /// The operator with this user id.
    #[must_use]
    pub fn operator(uid: u32) -> Self {
        let id: Arc<str> = format!("operator:{uid}").into();
        Self {
            kind: CallerKind::Operator { uid },
            name: Arc::clone(&id),
            actor: Actor { kind: ActorKind::Operator, id, token: None, tool: None },
            scopes: ScopeSet::all(),
            claimed: None,
        }
    }

    /// The server itself, for what it does unasked.
    #[must_use]
    pub fn system() -> Self {
        let id: Arc<str> = "subrosa".into();
        Self {
            kind: CallerKind::System,
            name: Arc::clone(&id),
            actor: Actor { kind: ActorKind::System, id, token: None, tool: None },
            scopes: ScopeSet::all(),
            claimed: None,
        }
    }

    /// The one tenant the caller belongs to; `None` for the operator, who is at home in all.
    #[must_use]
    pub const fn tenant_id(&self) -> Option<TenantId> {
        match self.kind {
            CallerKind::Operator { .. } | CallerKind::System => None,
            CallerKind::Token { tenant_id, .. } | CallerKind::Issued { tenant_id, .. } => {
                Some(tenant_id)
            }
        }
    }

    /// When the caller's credential ends.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self.kind {
            CallerKind::Operator { .. } | CallerKind::System => None,
            CallerKind::Token { expires_at, .. } => expires_at,
            CallerKind::Issued { expires_at, .. } => Some(expires_at),
        }
    }

    /// Whom the caller's credential speaks for; `None` for the operator and the server.
    #[must_use]
    pub const fn principal_id(&self) -> Option<PrincipalId> {
        match self.kind {
            CallerKind::Operator { .. } | CallerKind::System => None,
            CallerKind::Token { principal_id, .. } | CallerKind::Issued { principal_id, .. } => {
                Some(principal_id)
            }
        }
    }

    /// Whether the caller acts on every group of its tenant without a role.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        self.scopes.contains(Scope::TENANT_ADMIN)
    }

    /// Whether roles alone say what the caller may do: virtual accounts, and members by tokens made for them, have no
    /// scopes.
    #[must_use]
    pub const fn has_roles_alone(&self) -> bool {
        matches!(
            self.kind,
            CallerKind::Token { token_kind: TokenKind::VirtualAccount | TokenKind::Member, .. }
        )
    }
}
