//! Encryption keys as rows: always wrapped, versioned, and moving one way through their states.

use crate::{ids::TenantId, time::Timestamp};

/// Where a key version is in its life. It only moves down this list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum KeyState {
    /// Wraps what is written now. Exactly one version of a tenant's key is active.
    Active,
    /// Unwraps what was written before, until the rewrap is done and the grace is over.
    DecryptOnly,
    /// Its wrapped bytes are gone.
    Destroyed,
}

impl KeyState {
    /// The code in rows. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::DecryptOnly => 2,
            Self::Destroyed => 3,
        }
    }

    /// The state with this code; what this build does not know is no key to wrap with.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Active,
            2 => Self::DecryptOnly,
            _ => Self::Destroyed,
        }
    }
}

/// One version of a tenant's key, wrapped by the root key and the tenant's shred salt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantKey {
    /// Whose key.
    pub tenant_id: TenantId,
    /// From 1.
    pub version: u32,
    /// Where it is in its life.
    pub state: KeyState,
    /// The wrapped key; empty once destroyed. Layout: docs/reference/key-format.md.
    pub wrapped: Box<[u8]>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stopped being the active one.
    pub retired_at: Option<Timestamp>,
}

/// One version of the deployment's service key, from which token pepper, seal and audit keys are derived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceKey {
    /// From 1.
    pub version: u32,
    /// Where it is in its life.
    pub state: KeyState,
    /// The wrapped key.
    pub wrapped: Box<[u8]>,
    /// When it was made.
    pub created_at: Timestamp,
}
