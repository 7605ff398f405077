//! API tokens as rows: a public key id, a keyed hash, scopes and an end. The token itself is shown once and not kept.

use crate::{
    audit::{Resource, ResourceKind},
    ids::{PrincipalId, TenantId, TokenId},
    row::{RowSeal, SealedRow},
    scope::ScopeSet,
    time::Timestamp,
    tlv::Tlv,
};
use std::fmt;
use subrosa_plant::planted;

/// The public part of a token: 12 base62 characters, by which its row is found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 12]);

impl KeyId {
    /// The key id in these bytes, if they are base62.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let id: [u8; 12] = bytes.try_into().ok()?;
        id.iter().all(u8::is_ascii_alphanumeric).then_some(Self(id))
    }

    /// The key id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.as_str())
    }
}

/// A token's keyed hash: HMAC-SHA-256 of its secret under the pepper of one service-key version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash {
    /// All 32 bytes.
    pub digest: [u8; 32],
    /// The service-key version whose pepper made it.
    pub pepper_version: u32,
}

impl TokenHash {
    /// What stands in the row of a token that is proved by a signature: no text hashes to it, for no pepper has this
    /// version.
    pub const SIGNED: Self = Self { digest: [0; 32], pepper_version: 0 };
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash(pepper version {})", self.pepper_version)
    }
}

/// A tag on a token. It opens nothing; it only says what the token is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// A person's.
    User,
    /// A command line's, by device login.
    Cli,
    /// The platform's.
    System,
    /// A service account's.
    ServiceAccount,
    /// A virtual account's: a JWT that a key of ours signs, made again whenever it is asked for.
    VirtualAccount,
    /// A personal access token of the truefoundry surface. It mints none of its kind.
    Personal,
    /// An API key of the walletcrew surface, known by its name.
    ApiKey,
    /// A personal access token that an administrator made for somebody else: it acts by that user's roles in groups,
    /// and has no scopes of its own.
    Member,
}

impl TokenKind {
    /// The code in rows and seals. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::User => 1,
            Self::Cli => 2,
            Self::System => 3,
            Self::ServiceAccount => 4,
            Self::VirtualAccount => 5,
            Self::Personal => 6,
            Self::ApiKey => 7,
            Self::Member => 8,
        }
    }

    /// The kind with this code; what this build does not know is shown as the platform's.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::User,
            2 => Self::Cli,
            4 => Self::ServiceAccount,
            5 => Self::VirtualAccount,
            6 => Self::Personal,
            7 => Self::ApiKey,
            8 => Self::Member,
            _ => Self::System,
        }
    }

    /// The name as the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User | Self::Personal | Self::ApiKey | Self::Member => "USER",
            Self::Cli => "CLI",
            Self::System => "SYSTEM",
            Self::ServiceAccount | Self::VirtualAccount => "SERVICE_ACCOUNT",
        }
    }
}

/// A token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Stays the same when the token is rotated.
    pub id: TokenId,
    /// The one tenant it works for.
    pub tenant_id: TenantId,
    /// The public part of the current secret.
    pub key_id: KeyId,
    /// What is kept of the current secret.
    pub hash: TokenHash,
    /// What people see of it: the type prefix and the first four characters of the key id.
    pub key_prefix: Box<str>,
    /// A name for people.
    pub name: Box<str>,
    /// What it is for.
    pub kind: TokenKind,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Whom it speaks for.
    pub principal_id: PrincipalId,
    /// Who minted it.
    pub created_by: Box<str>,
    /// When it was minted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// The first moment at which it no longer works.
    pub expires_at: Option<Timestamp>,
    /// When it was switched off, if it is off now. It can be switched on again.
    pub disabled_at: Option<Timestamp>,
    /// When it was revoked. Terminal.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the second. Kept beside the row: it decides nothing and is not sealed.
    pub last_used_at: Option<Timestamp>,
    /// Rises by one with every change.
    pub row_version: u64,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

impl Token {
    /// Whether the row lets the token work at `now`. Its principal has a say as well.
    #[must_use]
    pub fn works_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none()
            && self.disabled_at.is_none()
            && self.expires_at.is_none_or(|end| now < end)
    }
}

impl SealedRow for Token {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        let unsealed = planted!("token-seal-without-scopes");
        let scopes = if unsealed { String::new() } else { self.scopes.to_text() };
        Tlv::new("subrosa/1/row/token")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .text(3, self.key_id.as_str())
            .bytes(4, &self.hash.digest)
            .uint(5, self.hash.pepper_version.into())
            .uint(6, self.kind.code().into())
            .text(7, &scopes)
            .bytes(8, self.principal_id.as_bytes())
            .maybe(9, self.expires_at.map(Timestamp::as_micros), Tlv::int)
            .maybe(10, self.revoked_at.map(Timestamp::as_micros), Tlv::int)
            .uint(11, self.row_version)
            .maybe(12, self.disabled_at.map(Timestamp::as_micros), Tlv::int)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::Token, self.id.as_bytes(), &self.name)
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}
