//! How sensitive a secret is, and what that costs: the tier chooses the audit policy.

/// How sensitive a secret is. Ordered by strictness; on a secret it only ever rises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sensitivity {
    /// Ordinary credentials. Reveals are counted exactly and written once a second.
    Standard,
    /// Personal data. Strict, as everything above it.
    Pii,
    /// Health data.
    Phi,
    /// Payment and account data.
    Financial,
    /// Whatever a regulator names.
    Regulated,
}

/// Whether a reveal may be answered before its audit event is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditPolicy {
    /// Counted in memory before the value is opened, written within a second.
    BestEffort,
    /// Committed durably before the revision key is unwrapped; when that fails, nothing is opened.
    FailClosed,
}

impl Sensitivity {
    /// Every tier, from the mildest to the strictest.
    pub const ALL: [Self; 5] =
        [Self::Standard, Self::Pii, Self::Phi, Self::Financial, Self::Regulated];

    /// The audit policy of the tier.
    #[must_use]
    pub const fn audit_policy(self) -> AuditPolicy {
        match self {
            Self::Standard => AuditPolicy::BestEffort,
            Self::Pii | Self::Phi | Self::Financial | Self::Regulated => AuditPolicy::FailClosed,
        }
    }

    /// The tier's code in rows, seals and envelopes. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Standard => 1,
            Self::Pii => 2,
            Self::Phi => 3,
            Self::Financial => 4,
            Self::Regulated => 5,
        }
    }

    /// The tier with this code. A code this build does not know was written by a newer one: it counts as the strictest.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Standard,
            2 => Self::Pii,
            3 => Self::Phi,
            4 => Self::Financial,
            _ => Self::Regulated,
        }
    }

    /// The tier's name, as every surface spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Pii => "PII",
            Self::Phi => "PHI",
            Self::Financial => "FINANCIAL",
            Self::Regulated => "REGULATED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tier_above_standard_fails_closed_and_codes_round_trip() {
        for tier in Sensitivity::ALL {
            assert_eq!(Sensitivity::from_code(i64::from(tier.code())), tier);
            let strict = tier.audit_policy() == AuditPolicy::FailClosed;
            assert_eq!(strict, tier > Sensitivity::Standard);
        }
        for unknown in [-1, 0, 6, 255, i64::MAX] {
            assert_eq!(Sensitivity::from_code(unknown), Sensitivity::Regulated);
        }
    }
}
