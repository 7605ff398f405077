//! What was wrong with a body. It must never hold a byte of it: its strings are names from our own types.

use crate::problem::Code;
use std::fmt;

/// The first fault of a body. Pointers are RFC 6901, made of members that the type knows and of array indexes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyFault {
    /// It is not JSON, or not whole.
    NotJson,
    /// It is not UTF-8.
    BadUtf8,
    /// It nests deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// It has more values and names than [`MAX_TOKENS`](super::MAX_TOKENS).
    TooManyTokens,
    /// A member is there twice. The pointer is the member's when the type knows it, else its object's.
    Duplicate {
        /// Where.
        pointer: String,
    },
    /// An object has a member that its type does not know.
    Unknown {
        /// The object.
        parent: String,
        /// What it may have.
        allowed: &'static [&'static str],
    },
    /// A value is of the wrong JSON type.
    WrongType {
        /// Where.
        pointer: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A member is not there.
    Missing {
        /// The object.
        pointer: String,
        /// The member.
        name: &'static str,
    },
    /// A word is not one of the known ones.
    BadEnum {
        /// Where.
        pointer: String,
        /// The known ones.
        allowed: &'static [&'static str],
    },
    /// A value is of the right type and still not acceptable.
    Invalid {
        /// Where.
        pointer: String,
        /// What it must be.
        expected: String,
    },
}

impl BodyFault {
    /// The code of the problem it makes.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NotJson | Self::BadUtf8 => Code::MalformedJson,
            _ => Code::InvalidRequest,
        }
    }

    /// Where it is, and what is wrong there; `None` when it is no one place.
    #[must_use]
    pub fn place(&self) -> Option<(String, String)> {
        let pointer = match self {
            Self::NotJson | Self::BadUtf8 => return None,
            Self::TooDeep | Self::TooManyTokens => "",
            Self::Missing { pointer, name } => {
                return Some((format!("{pointer}/{name}"), self.to_string()));
            }
            Self::Unknown { parent: pointer, .. }
            | Self::Duplicate { pointer }
            | Self::WrongType { pointer, .. }
            | Self::BadEnum { pointer, .. }
            | Self::Invalid { pointer, .. } => pointer,
        };
        Some((pointer.to_owned(), self.to_string()))
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("is not valid JSON"),
            Self::BadUtf8 => f.write_str("is not valid UTF-8"),
            Self::TooDeep => write!(f, "nests deeper than {}", super::MAX_DEPTH),
            Self::TooManyTokens => write!(f, "has more than {} values", super::MAX_TOKENS),
            Self::Duplicate { .. } => f.write_str("has a member twice"),
            Self::Unknown { allowed: [], .. } => f.write_str("may have no members"),
            Self::Unknown { allowed, .. } => {
                write!(f, "has an unknown member; allowed are {}", allowed.join(", "))
            }
            Self::WrongType { expected, .. } => write!(f, "must be {expected}"),
            Self::Missing { .. } => f.write_str("is required"),
            Self::BadEnum { allowed, .. } => write!(f, "must be one of {}", allowed.join(", ")),
            Self::Invalid { expected, .. } => write!(f, "must be {expected}"),
        }
    }
}

impl std::error::Error for BodyFault {}
