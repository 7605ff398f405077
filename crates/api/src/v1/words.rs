//! The words that more than one noun uses.

use serde::{Deserialize, Serialize};
use subrosa_domain as domain;
use utoipa::ToSchema;

/// How strictly a secret is handled. Ordered; it only rises.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Sensitivity {
    /// In a request alone: on create the same as STANDARD, on PATCH refused. No answer has it.
    Unspecified,
    /// Audited at best effort.
    Standard,
    /// About a person. Audited before it is read, as everything below.
    Pii,
    /// About a person's health.
    Phi,
    /// About money.
    Financial,
    /// Under a regime of its own.
    Regulated,
}

impl From<domain::Sensitivity> for Sensitivity {
    fn from(tier: domain::Sensitivity) -> Self {
        match tier {
            domain::Sensitivity::Standard => Self::Standard,
            domain::Sensitivity::Pii => Self::Pii,
            domain::Sensitivity::Phi => Self::Phi,
            domain::Sensitivity::Financial => Self::Financial,
            domain::Sensitivity::Regulated => Self::Regulated,
        }
    }
}

impl Sensitivity {
    /// The tier that was chosen; `None` for UNSPECIFIED.
    #[must_use]
    pub const fn chosen(self) -> Option<domain::Sensitivity> {
        Some(match self {
            Self::Unspecified => return None,
            Self::Standard => domain::Sensitivity::Standard,
            Self::Pii => domain::Sensitivity::Pii,
            Self::Phi => domain::Sensitivity::Phi,
            Self::Financial => domain::Sensitivity::Financial,
            Self::Regulated => domain::Sensitivity::Regulated,
        })
    }
}

/// Whether a value may be read back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Disclosure {
    /// With the scope `secrets:reveal`.
    Readable,
    /// Never: it is resolved into outgoing calls alone.
    UseOnly,
}

impl From<domain::Disclosure> for Disclosure {
    fn from(disclosure: domain::Disclosure) -> Self {
        match disclosure {
            domain::Disclosure::Readable => Self::Readable,
            domain::Disclosure::UseOnly => Self::UseOnly,
        }
    }
}

impl From<Disclosure> for domain::Disclosure {
    fn from(disclosure: Disclosure) -> Self {
        match disclosure {
            Disclosure::Readable => Self::Readable,
            Disclosure::UseOnly => Self::UseOnly,
        }
    }
}
