//! Whether a value may ever be shown.

/// Whether any caller may read the value, or may only have it resolved into an outgoing call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Disclosure {
    /// A caller with `secrets:reveal` may read the value.
    Readable,
    /// No endpoint, error, log or export returns the value.
    UseOnly,
}

impl Disclosure {
    /// The code in rows and seals. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Readable => 1,
            Self::UseOnly => 2,
        }
    }

    /// The disclosure with this code; what this build does not know counts as the closed one.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Readable,
            _ => Self::UseOnly,
        }
    }

    /// The name as the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Readable => "READABLE",
            Self::UseOnly => "USE_ONLY",
        }
    }
}
