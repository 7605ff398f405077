//! Why a use-case did not do what was asked. It knows nothing of HTTP; every surface renders it.

use std::borrow::Cow;
use subrosa_crypto::{KeyError, OpenError, SealError};
use subrosa_domain::{RuleBroken, Scope, ScopeSet, policy::Denied};
use subrosa_plant::planted;
use subrosa_store::{Noun, StoreError};

/// A fault in what the caller sent, by place. Neither part ever holds what was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldFault {
    /// A JSON pointer into the body, or a query parameter's name.
    pub pointer: Cow<'static, str>,
    /// What is wanted there.
    pub message: Cow<'static, str>,
}

impl FieldFault {
    /// A fault at a place known when the code was written.
    #[must_use]
    pub const fn at(pointer: &'static str, message: &'static str) -> Self {
        Self { pointer: Cow::Borrowed(pointer), message: Cow::Borrowed(message) }
    }
}

/// Why an operation was refused or failed. Nothing was changed, whichever it is.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No credential, or one that does not work.
    #[error("no valid credential")]
    Unauthenticated,
    /// Refused by policy.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A new token would have a scope its minter lacks.
    #[error("scopes beyond the minter's")]
    Widens {
        /// The first such scope in catalogue order.
        required: Scope,
        /// All of them.
        missing: ScopeSet,
        /// What the minter has.
        granted: ScopeSet,
    },
    /// A new token would outlive its minter.
    #[error("longer life than the minter's")]
    Outlives,
    /// Only the operator may.
    #[error("for the operator alone")]
    OperatorOnly,
    /// The caller's input breaks a rule of shape.
    #[error("invalid input")]
    Invalid(Vec<FieldFault>),
    /// The caller's input breaks a rule of the domain.
    #[error(transparent)]
    Broken(#[from] RuleBroken),
    /// A value is too large.
    #[error("the value is too large")]
    ValueTooLarge,
    /// A batch names or answers too much.
    #[error("the batch is too large")]
    BatchTooLarge,
    /// The list is longer than can be answered whole.
    #[error("the list is too long to answer whole")]
    UsePaging,
    /// There is one already.
    #[error("{0:?} exists already")]
    Exists(Noun),
    /// A personal access token was presented where one of its kind is to be minted.
    #[error("a personal access token mints none")]
    ByPersonalToken,
    /// What was asked for does not go with the state the thing is in.
    #[error("not in this state")]
    Conflict,
    /// The token is revoked, which is for good.
    #[error("the token is revoked")]
    Revoked,
    /// Others kept changing the same thing.
    #[error("changed by others at the same time")]
    Contended,
    /// The record that must come first could not be written.
    #[error("the audit log cannot be written")]
    AuditUnavailable(#[source] Box<StoreError>),
    /// The store cannot be read or written now.
    #[error("the store is unavailable")]
    StoreUnavailable(#[source] Box<StoreError>),
    /// The store is older than its last checkpoint, and nobody has accepted that.
    #[error("the store was set back")]
    SetBack,
    /// Too much is waiting; retry later.
    #[error("busy")]
    Busy,
    /// Key custody does not answer.
    #[error("a key is unavailable")]
    KeyUnavailable(#[source] Box<KeyError>),
    /// An issuer of tokens does not answer, so its tokens cannot be checked.
    #[error("the issuer's keys cannot be had")]
    IssuerUnavailable,
    /// Something stored was changed by something without the key.
    #[error("stored data failed its integrity check")]
    Integrity,
    /// A fault of ours.
    #[error("internal fault: {0}")]
    Internal(&'static str),
}

impl AppError {
    /// The refusal for whatever is not there or not to be seen.
    pub(crate) const NOT_FOUND: Self = Self::Denied(Denied::NotFound);

    /// One fault.
    #[must_use]
    pub fn invalid(pointer: &'static str, message: &'static str) -> Self {
        Self::Invalid(vec![FieldFault::at(pointer, message)])
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists(noun) => Self::Exists(noun),
            StoreError::Conflict => Self::Contended,
            StoreError::Busy => Self::Busy,
            StoreError::Corrupt(_) => Self::Integrity,
            error @ StoreError::Unavailable(_) => Self::StoreUnavailable(Box::new(error)),
        }
    }
}

impl From<OpenError> for AppError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotOnRecord => Self::Internal("a value was to be opened off the record"),
            OpenError::UnknownKeyVersion if planted!("integrity-told-apart") => {
                Self::Internal("a key version is not there")
            }
            OpenError::Integrity | OpenError::UnknownKeyVersion => Self::Integrity,
        }
    }
}

impl From<SealError> for AppError {
    fn from(_: SealError) -> Self {
        Self::Internal("a value could not be sealed")
    }
}

impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        Self::KeyUnavailable(Box::new(error))
    }
}
