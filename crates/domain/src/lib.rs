//! The nouns of Subrosa and the rules that hold between them.
//!
//! This room decides; it never acts. It holds ids, names, rows, policy and the shape of an audit event, all as plain
//! data and pure functions, so that every rule can be read and tested without a socket, a clock or a disk.
//!
//! It must never do I/O, read a clock, draw randomness, perform cryptography, or name a plaintext value: a secret's
//! value appears here only as [`Sealed`] bytes.

mod activity;
pub mod audit;
mod change;
mod disclosure;
mod grant;
mod ids;
mod key;
mod name;
pub mod policy;
mod principal;
mod revision;
mod row;
pub mod scope;
mod sealed;
mod secret;
mod sensitivity;
mod tenant;
mod time;
pub mod tlv;
mod token;
mod validity;

pub use activity::Activity;
pub use change::{Change, ChangeRef, Commit, LastUse};
pub use disclosure::Disclosure;
pub use grant::Grant;
pub use ids::{
    DeploymentId, EventId, GrantId, GroupId, Ids, PrincipalId, RequestId, RevisionId, SecretId,
    TenantId, TokenId, uuid_v7,
};
pub use key::{KeyState, ServiceKey, TenantKey};
pub use name::{AgentId, InvalidName, KeyName, TenantSlug, ToolName};
pub use principal::{Principal, PrincipalKind, PrincipalState};
pub use revision::{Publication, Revision};
pub use row::{BrokenSeal, RowSeal, SealedRow, Unverified};
pub use scope::{Scope, ScopeSet};
pub use sealed::{Sealed, Wrap};
pub use secret::{Published, RuleBroken, Secret};
pub use sensitivity::{AuditPolicy, Sensitivity};
pub use tenant::{Tenant, TenantState};
pub use time::{Clock, Timestamp};
pub use token::{KeyId, Token, TokenHash, TokenKind};
pub use validity::Validity;
