//! What a commit can do to the world, as data: a use-case lists its changes, and a store applies all or none.

use crate::{
    activity::Activity,
    audit::AuditEvent,
    grant::Grant,
    group::{Group, RoleBinding},
    ids::{BindingId, GroupId, PrincipalId, RevisionId, SecretId, SigningKeyId, TenantId, TokenId},
    key::TenantKey,
    name::AgentId,
    principal::Principal,
    revision::{Publication, Revision},
    sealed::Wrap,
    secret::Secret,
    signing::SigningKey,
    tenant::Tenant,
    time::Timestamp,
    token::Token,
};
use std::sync::Arc;

/// One atomic change of one tenant, with the events that put it on record.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The tenant every change belongs to; [`TenantId::SYSTEM`] for what belongs to none. Events name their own.
    pub tenant_id: TenantId,
    /// Applied in order, all or none.
    pub changes: Vec<Change>,
    /// Appended to the chains they name, in the same transaction.
    pub events: Vec<AuditEvent>,
}

/// One change. Updates carry the new row whole; they apply only when the stored `row_version` is the one before, which
/// makes every update a compare-and-set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A new tenant. Conflicts with a living one of the same slug.
    TenantInsert(Tenant),
    /// A tenant's row. Deleting one is an update to [`TenantState::Deleted`](crate::TenantState) and
    /// [`Self::TenantErase`].
    TenantUpdate(Tenant),
    /// Everything under a tenant but its row and its audit events: keys, secrets, revisions, grants, tokens,
    /// principals.
    TenantErase(TenantId),
    /// A new version of a tenant's key. At most one is active.
    TenantKeyInsert(TenantKey),
    /// A key version's state and wrapped bytes.
    TenantKeyUpdate(TenantKey),
    /// A new secret. Conflicts with one of the same key in its group, and where its group is gone.
    SecretInsert(Secret),
    /// A secret's row.
    SecretUpdate(Secret),
    /// A secret with its revisions, publications and grants.
    SecretErase(SecretId),
    /// A new revision, with its value. Conflicts with one of the same number, and applies only while the key version
    /// it is wrapped under is active.
    RevisionInsert(Revision),
    /// A revision's wrap, replaced only if it still holds `old`.
    RevisionRewrap {
        /// The revision's secret.
        secret_id: SecretId,
        /// Which revision.
        revision_id: RevisionId,
        /// The wrap that was read.
        old: Wrap,
        /// The wrap to put in its place.
        new: Wrap,
    },
    /// A publication.
    PublicationInsert(Publication),
    /// A new grant. Conflicts with one for the same secret and agent.
    GrantInsert(Grant),
    /// An agent's grant on a secret, if there is one.
    GrantErase {
        /// The secret.
        secret_id: SecretId,
        /// The agent.
        agent_id: AgentId,
    },
    /// A new group. Conflicts with one of the same name.
    GroupInsert(Group),
    /// A group's row, its members included.
    GroupUpdate(Group),
    /// A group. Conflicts while it holds a secret, and when its row is not at this version.
    GroupErase(GroupId, u64),
    /// A new role binding. Conflicts with one of the same name. What it gives stands in the groups' own rows.
    BindingInsert(RoleBinding),
    /// A role binding's row.
    BindingUpdate(RoleBinding),
    /// A role binding.
    BindingErase(BindingId),
    /// A new signing key.
    SigningKeyInsert(SigningKey),
    /// A signing key's wrap, replaced only if it still holds `old`.
    SigningKeyRewrap {
        /// Which key.
        id: SigningKeyId,
        /// The wrap that was read.
        old: Wrap,
        /// The wrap to put in its place.
        new: Wrap,
    },
    /// A new principal.
    PrincipalInsert(Principal),
    /// A principal's row.
    PrincipalUpdate(Principal),
    /// A new token.
    TokenInsert(Token),
    /// A token's row.
    TokenUpdate(Token),
    /// Last uses, gathered. Later times win; ids that are gone are passed over; nothing is sealed and no feed entry
    /// made.
    LastUses(Vec<LastUse>),
    /// Requests of tokens, gathered. No feed entry.
    Activities(Vec<Activity>),
    /// Everything counted before this moment is written, by this commit at the latest.
    CountsFlushed(Timestamp),
}

/// When something was last used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LastUse {
    /// A token was presented.
    Token(TenantId, TokenId, Timestamp),
    /// A secret was revealed or used.
    Secret(TenantId, SecretId, Timestamp),
    /// A secret was revealed or used by this actor, as events name it.
    Reader(TenantId, SecretId, Arc<str>, Timestamp),
}

/// What a change touched: an entry of the `changes` sequence, by which caches know what to drop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChangeRef {
    /// A tenant's row, or all of a tenant.
    Tenant(TenantId),
    /// A tenant's keys.
    TenantKeys(TenantId),
    /// A secret, its revisions or its live pointer.
    Secret(TenantId, SecretId),
    /// A secret's grants.
    Grants(TenantId, SecretId),
    /// A principal.
    Principal(TenantId, PrincipalId),
    /// A token.
    Token(TenantId, TokenId),
    /// A group, or who may do what in it.
    Group(TenantId, GroupId),
}

impl ChangeRef {
    /// The tenant it belongs to.
    #[must_use]
    pub const fn tenant_id(self) -> TenantId {
        match self {
            Self::Tenant(tenant)
            | Self::TenantKeys(tenant)
            | Self::Secret(tenant, _)
            | Self::Grants(tenant, _)
            | Self::Principal(tenant, _)
            | Self::Token(tenant, _)
            | Self::Group(tenant, _) => tenant,
        }
    }

    /// The code and id under which the `changes` sequence keeps it. Codes are never renumbered.
    #[must_use]
    pub const fn to_parts(self) -> (u8, [u8; 16]) {
        match self {
            Self::Tenant(id) => (1, *id.as_bytes()),
            Self::TenantKeys(id) => (2, *id.as_bytes()),
            Self::Secret(_, id) => (3, *id.as_bytes()),
            Self::Grants(_, id) => (4, *id.as_bytes()),
            Self::Principal(_, id) => (5, *id.as_bytes()),
            Self::Token(_, id) => (6, *id.as_bytes()),
            Self::Group(_, id) => (7, *id.as_bytes()),
        }
    }

    /// Reads [`Self::to_parts`] back. An entry this build does not know stands for the whole tenant: dropping too much
    /// is slow, dropping too little is wrong.
    #[must_use]
    pub const fn from_parts(tenant: TenantId, code: i64, id: [u8; 16]) -> Self {
        match code {
            2 => Self::TenantKeys(tenant),
            3 => Self::Secret(tenant, SecretId::from_bytes(id)),
            4 => Self::Grants(tenant, SecretId::from_bytes(id)),
            5 => Self::Principal(tenant, PrincipalId::from_bytes(id)),
            6 => Self::Token(tenant, TokenId::from_bytes(id)),
            7 => Self::Group(tenant, GroupId::from_bytes(id)),
            _ => Self::Tenant(tenant),
        }
    }
}
