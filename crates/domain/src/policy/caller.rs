//! Who is asking, once their credential was checked.

use crate::{
    audit::{Actor, ActorKind},
    ids::{PrincipalId, TenantId, TokenId},
    scope::ScopeSet,
    time::Timestamp,
};

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How they proved who they are.
    pub kind: CallerKind,
    /// How the audit log names them.
    pub actor: Actor,
    /// What they may do.
    pub scopes: ScopeSet,
}

/// How a caller proved who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallerKind {
    /// Over the server's own socket, as the user who runs it (or root). Every scope in every tenant.
    Operator {
        /// The peer's user id.
        uid: u32,
    },
    /// With a token of ours. One tenant.
    Token {
        /// Its one tenant.
        tenant_id: TenantId,
        /// Which token.
        token_id: TokenId,
        /// Whom it speaks for.
        principal_id: PrincipalId,
        /// When it ends.
        expires_at: Option<Timestamp>,
    },
}

impl Caller {
    /// The operator with this user id.
    #[must_use]
    pub fn operator(uid: u32) -> Self {
        let id = format!("operator:{uid}").into();
        Self {
            kind: CallerKind::Operator { uid },
            actor: Actor { kind: ActorKind::Operator, id, token: None, tool: None },
            scopes: ScopeSet::all(),
        }
    }

    /// The one tenant the caller belongs to; `None` for the operator, who is at home in all.
    #[must_use]
    pub const fn tenant_id(&self) -> Option<TenantId> {
        match self.kind {
            CallerKind::Operator { .. } => None,
            CallerKind::Token { tenant_id, .. } => Some(tenant_id),
        }
    }

    /// When the caller's credential ends.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self.kind {
            CallerKind::Operator { .. } => None,
            CallerKind::Token { expires_at, .. } => expires_at,
        }
    }
}
