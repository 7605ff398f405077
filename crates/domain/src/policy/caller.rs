//! Who is asking, once their credential was checked.

use crate::{
    audit::{Actor, ActorKind},
    ids::{PrincipalId, TenantId, TokenId},
    scope::ScopeSet,
    time::Timestamp,
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
}

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
        let id: Arc<str> = format!("operator:{uid}").into();
        Self {
            kind: CallerKind::Operator { uid },
            name: Arc::clone(&id),
            actor: Actor { kind: ActorKind::Operator, id, token: None, tool: None },
            scopes: ScopeSet::all(),
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
        }
    }

    /// The one tenant the caller belongs to; `None` for the operator, who is at home in all.
    #[must_use]
    pub const fn tenant_id(&self) -> Option<TenantId> {
        match self.kind {
            CallerKind::Operator { .. } | CallerKind::System => None,
            CallerKind::Token { tenant_id, .. } => Some(tenant_id),
        }
    }

    /// When the caller's credential ends.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self.kind {
            CallerKind::Operator { .. } | CallerKind::System => None,
            CallerKind::Token { expires_at, .. } => expires_at,
        }
    }
}
