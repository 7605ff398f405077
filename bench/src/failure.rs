//! Why a run ended early, in words.

use std::fmt;

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What most of this crate answers.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure in these words.
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
