//! The nouns of Subrosa and the rules that hold between them.
//!
//! This room decides; it never acts. It holds ids, names, rows, policy and the shape of an audit event, all as plain
//! data and pure functions, so that every rule can be read and tested without a socket, a clock or a disk.
//!
//! It must never do I/O, read a clock, draw randomness, perform cryptography, or name a plaintext value: a secret's
//! value appears here only as [`Sealed`] bytes.

mod activity;
mod assertion;
pub mod audit;
mod change;
mod disclosure;
mod grant;
mod group;
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
mod signing;
mod tenant;
mod time;
pub mod tlv;
mod token;
mod validity;

pub use activity::Activity;
pub use assertion::Assertion;
pub use change::{Change, ChangeRef, Commit, LastUse};
pub use disclosure::Disclosure;
pub use grant::Grant;
pub use group::{Group, Member, MemberSource, Role, RoleBinding};
pub use ids::{
    BindingId, DeploymentId, DeviceId, EventId, GrantId, GroupId, Ids, IntegrationId, PrincipalId,
    RequestId, RevisionId, SecretId, SigningKeyId, TenantId, TokenId, uuid_v7,
};
pub use key::{KeyState, ServiceKey, TenantKey};
pub use name::{AgentId, Email, GroupName, InvalidName, KeyName, TenantSlug, ToolName};
pub use principal::{Identity, Principal, PrincipalKind, PrincipalState};
pub use revision::{Publication, Revision};
pub use row::{BrokenSeal, RowSeal, SealedRow, Unverified};
pub use scope::{Scope, ScopeSet};
pub use sealed::{Sealed, Wrap};
pub use secret::{Published, RuleBroken, Secret};
pub use sensitivity::{AuditPolicy, Sensitivity};
pub use signing::SigningKey;
pub use tenant::{Tenant, TenantState};
pub use time::{Clock, Timestamp};
pub use token::{KeyId, Token, TokenHash, TokenKind};
pub use validity::Validity;
