//! One audit event.

use crate::{
    ids::{EventId, RequestId, TenantId, TokenId},
    name::ToolName,
    scope::{Scope, ScopeSet},
    sensitivity::Sensitivity,
    time::Timestamp,
};
use std::{str::FromStr, sync::Arc};

/// What happened. Only typed facts: no value, hash of a value, length, token, header, body or error text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEvent {
    /// Never reused.
    pub id: EventId,
    /// The chain it belongs to.
    pub tenant_id: TenantId,
    /// When.
    pub time: Timestamp,
    /// By which door.
    pub surface: Surface,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// To what.
    pub resource: Resource,
    /// Which revision number, where one is concerned.
    pub revision: Option<u64>,
    /// Under which tier, where a secret is concerned.
    pub tier: Option<Sensitivity>,
    /// With what outcome.
    pub decision: Decision,
    /// Why: the caller's words for a reveal, our code for a refusal.
    pub reason: Option<Reason>,
    /// How many times; above 1 only for STANDARD reveals gathered in a second.
    pub count: u64,
    /// The first of them, when `count` is above 1; `time` is then the last.
    pub first_time: Option<Timestamp>,
    /// The request it came by.
    pub request_id: Option<RequestId>,
    /// A typed fact that only some actions have.
    pub detail: Option<Detail>,
}

/// Who acted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// A principal's id, `operator:<uid>`, `anonymous` or `subrosa`.
    pub id: Arc<str>,
    /// The token it came with.
    pub token: Option<TokenId>,
    /// The tool it says it is. A claim.
    pub tool: Option<ToolName>,
}

/// What was acted on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// What kind of thing.
    pub kind: ResourceKind,
    /// Its id.
    pub id: Option<[u8; 16]>,
    /// Its name: a secret's key, a tenant's slug, an agent's id, or the operation a refused request named.
    pub key: Option<Box<str>>,
}

impl Resource {
    /// A thing with an id and a name.
    #[must_use]
    pub fn named(kind: ResourceKind, id: &[u8; 16], key: &str) -> Self {
        Self { kind, id: Some(*id), key: Some(key.into()) }
    }
}

impl AuditAction {
    /// Whether events of this action are few enough to be found by what they are about, without walking the log.
    #[must_use]
    pub const fn is_found_by_resource(self) -> bool {
        !matches!(self, Self::SecretReveal | Self::SecretUse | Self::RequestRefuse)
    }
}

/// A stated reason: 1 to 256 characters, none of them a control character.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reason(Arc<str>);

/// A reason that is empty, too long, or holds control characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to 256 characters without control characters")]
pub struct InvalidReason;

impl Reason {
    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One of our own refusal codes as a reason.
    #[must_use]
    pub fn code(code: &'static str) -> Self {
        Self(code.into())
    }
}

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, InvalidReason> {
        let length = text.chars().count();
        if length == 0 || length > 256 || text.chars().any(char::is_control) {
            return Err(InvalidReason);
        }
        Ok(Self(text.into()))
    }
}

/// A fact that only some actions have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Detail {
    /// The scopes of a minted token.
    Scopes(ScopeSet),
    /// The visible prefix of a rotated token.
    Prefix(Box<str>),
    /// The scope a refused request lacked.
    Required(Scope),
    /// A stretch of time for which counts may be missing.
    Gap {
        /// Nothing before it is missing.
        from: Timestamp,
        /// Nothing after it is missing.
        to: Timestamp,
    },
    /// Where a store stood that was set back, and where its last checkpoint was.
    SetBack {
        /// The store's position.
        store: u64,
        /// The checkpoint's; `None` where none of ours could be read.
        checkpoint: Option<u64>,
    },
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident = $code:literal $word:literal),+ $(,)?
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every one, in code order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code in encoded events. Never renumbered.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The one with this code, if this build knows it.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                Some(match code { $($code => Self::$variant,)+ _ => return None })
            }

            /// The word in the API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    )+};
}

words! {
    /// By which door a request came.
    Surface {
        /// Our own API.
        V1 = 1 "v1",
        /// The Wallet Crew's.
        Walletcrew = 2 "walletcrew",
        /// TrueFoundry's.
        Truefoundry = 3 "truefoundry",
        /// The web console.
        Console = 4 "console",
        /// No request: the server itself.
        System = 5 "system",
    }

    /// What kind of actor.
    ActorKind {
        /// No valid credential.
        Anonymous = 1 "anonymous",
        /// A person.
        User = 2 "user",
        /// A machine's own account.
        ServiceAccount = 3 "serviceAccount",
        /// An AI agent.
        Agent = 4 "agent",
        /// A truefoundry virtual account.
        VirtualAccount = 5 "virtualAccount",
        /// Whoever runs the server, over its socket.
        Operator = 6 "operator",
        /// The server itself.
        System = 7 "system",
    }

    /// What kind of thing was acted on.
    ResourceKind {
        /// A tenant.
        Tenant = 1 "tenant",
        /// A tenant's encryption key.
        Key = 2 "key",
        /// A secret.
        Secret = 3 "secret",
        /// An agent's grant.
        Grant = 4 "grant",
        /// A token.
        Token = 5 "token",
        /// A service account.
        ServiceAccount = 6 "serviceAccount",
        /// An operation of the API, for requests refused before any look-up.
        Operation = 7 "operation",
        /// The log itself.
        Audit = 8 "audit",
        /// A principal that is no service account.
        Principal = 9 "principal",
        /// A group of secrets.
        Group = 10 "group",
        /// A named role binding.
        RoleBinding = 11 "roleBinding",
        /// A key that signs virtual accounts' tokens.
        SigningKey = 12 "signingKey",
        /// A sign-in by device code.
        Device = 13 "device",
    }

    /// With what outcome.
    Decision {
        /// Done.
        Allowed = 1 "ALLOWED",
        /// Refused by a rule.
        Denied = 2 "DENIED",
        /// Allowed, but it could not be done.
        Failed = 3 "FAILED",
    }

    /// What was done.
    AuditAction {
        /// A tenant was made.
        TenantCreate = 1 "tenant.create",
        /// A tenant was erased.
        TenantDelete = 2 "tenant.delete",
        /// A tenant's key got a new version.
        KeyRotate = 3 "key.rotate",
        /// A retired key version was destroyed.
        KeyDestroy = 4 "key.destroy",
        /// A secret was made.
        SecretCreate = 10 "secret.create",
        /// A secret's metadata changed.
        SecretUpdate = 11 "secret.update",
        /// A revision went live.
        SecretPublish = 12 "secret.publish",
        /// An older revision went live again.
        SecretRollback = 13 "secret.rollback",
        /// A secret was deleted.
        SecretDelete = 14 "secret.delete",
        /// A value was read.
        SecretReveal = 15 "secret.reveal",
        /// A value was resolved into an outgoing call.
        SecretUse = 16 "secret.use",
        /// A row's seal or a ciphertext did not hold.
        IntegrityFailure = 17 "integrity.failure",
        /// An agent was granted a secret.
        GrantCreate = 20 "grant.create",
        /// A grant was taken back.
        GrantDelete = 21 "grant.delete",
        /// A token was minted.
        TokenMint = 30 "token.mint",
        /// A token got a new secret.
        TokenRotate = 31 "token.rotate",
        /// A token was revoked.
        TokenRevoke = 32 "token.revoke",
        /// A revoked token was presented.
        TokenUseRevoked = 33 "token.use_revoked",
        /// A token was switched on or off, or what it may do changed.
        TokenUpdate = 34 "token.update",
        /// A virtual account's token was made again and shown.
        TokenShow = 35 "token.show",
        /// A service account was made.
        ServiceAccountCreate = 40 "serviceAccount.create",
        /// A service account got a new key.
        ServiceAccountRotate = 41 "serviceAccount.rotate",
        /// A service account was revoked.
        ServiceAccountRevoke = 42 "serviceAccount.revoke",
        /// A user came into being.
        UserCreate = 43 "user.create",
        /// A user's sign-in was tied to the user.
        UserBind = 44 "user.bind",
        /// A virtual account was made.
        VirtualAccountCreate = 45 "virtualAccount.create",
        /// A virtual account changed.
        VirtualAccountUpdate = 46 "virtualAccount.update",
        /// A virtual account was deleted.
        VirtualAccountDelete = 47 "virtualAccount.delete",
        /// A key that signs tokens was made.
        SigningKeyCreate = 48 "signingKey.create",
        /// A request was refused.
        RequestRefuse = 50 "request.refuse",
        /// Counts may be missing for a stretch of time.
        AuditGap = 51 "audit.gap",
        /// A store that was set back was accepted as it is.
        RollbackAccept = 52 "rollback.accept",
        /// A group was made.
        GroupCreate = 60 "group.create",
        /// A group's set of secrets was replaced.
        GroupReplace = 61 "group.replace",
        /// Who may do what in a group changed.
        GroupRoles = 62 "group.roles",
        /// A group was deleted.
        GroupDelete = 63 "group.delete",
        /// A role binding was made or replaced.
        RoleBindingPut = 64 "roleBinding.put",
        /// A role binding was deleted.
        RoleBindingDelete = 65 "roleBinding.delete",
        /// Somebody approved a sign-in by device code.
        DeviceApprove = 70 "device.approve",
        /// Somebody denied a sign-in by device code.
        DeviceDeny = 71 "device.deny",
    }
}
