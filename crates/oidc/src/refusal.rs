//! Why a token was not accepted. For our own log and metrics: a caller is told that it was not, and nothing else.

/// Why nobody was asserted. It never holds a byte of the token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAccepted {
    /// The token names no issuer of the configuration.
    #[error("the token is of no configured issuer")]
    UnknownIssuer,
    /// The issuer is configured and the token will not do.
    #[error("the token is refused: {}", .0.name())]
    Refused(Refusal),
    /// The token could not be judged: the issuer's keys cannot be had.
    #[error("the issuer's keys cannot be had")]
    Unavailable,
}

/// What is wrong with a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Refusal {
    /// Too long to be looked at.
    TooLong,
    /// Not three parts of unpadded base64url, two of them JSON objects.
    Malformed,
    /// A name twice in one JSON object.
    Duplicate,
    /// A header that names a key, an extension or a compression.
    Header,
    /// An algorithm that the issuer is not pinned to.
    Algorithm,
    /// Another type of token than the issuer's.
    Type,
    /// Not meant for us.
    Audience,
    /// Meant for two of the configured issuers at once.
    Ambiguous,
    /// No subject, or one that is no name.
    Subject,
    /// No end, or a time that is no whole number of seconds.
    Time,
    /// Over.
    Expired,
    /// Not begun, or made in the future.
    NotYet,
    /// Made for longer than the issuer may.
    Lifetime,
    /// Bound to a key of its holder, which a bearer does not show.
    Bound,
    /// Without a claim that the configuration requires.
    Claim,
    /// Signed with a key that the issuer does not publish for this.
    Key,
    /// The signature is not of this key over this token.
    Signature,
}

impl NotAccepted {
    /// A word for a log or a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownIssuer => "unknown_issuer",
            Self::Refused(refusal) => refusal.name(),
            Self::Unavailable => "unavailable",
        }
    }
}

impl Refusal {
    /// A word for a log or a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Duplicate => "duplicate",
            Self::Header => "header",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Audience => "audience",
            Self::Ambiguous => "ambiguous",
            Self::Subject => "subject",
            Self::Time => "time",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Lifetime => "lifetime",
            Self::Bound => "bound",
            Self::Claim => "claim",
            Self::Key => "key",
            Self::Signature => "signature",
        }
    }
}

impl From<Refusal> for NotAccepted {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
