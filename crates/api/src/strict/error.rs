//! The error of deserializing: what serde says, without what it quotes.

use super::fault::BodyFault;
use serde::de::{self, Expected, Unexpected};
use std::fmt;
use subrosa_plant::planted;

/// A fault and the path to it, innermost step first: each level adds its own as the error passes up.
#[derive(Debug)]
pub(super) struct Error {
    what: What,
    path: Vec<Step>,
}

/// A step of a path. A name is always one that the type knows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Member(&'static str),
    Index(usize),
}

#[derive(Debug)]
pub(super) enum What {
    Duplicate,
    Unknown(&'static [&'static str]),
    WrongType(&'static str),
    Missing(&'static str),
    BadEnum(&'static [&'static str]),
    Invalid(String),
}

impl Error {
    pub(super) const fn new(what: What) -> Self {
        Self { what, path: Vec::new() }
    }

    /// The same error, seen from one level up.
    pub(super) fn below(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    pub(super) fn into_fault(self) -> BodyFault {
        let pointer = self.path.iter().rev().fold(String::new(), |pointer, step| match step {
            Step::Member(name) => pointer + "/" + &name.replace('~', "~0").replace('/', "~1"),
            Step::Index(index) => format!("{pointer}/{index}"),
        });
        match self.what {
            What::Duplicate => BodyFault::Duplicate { pointer },
            What::Unknown(allowed) => BodyFault::Unknown { parent: pointer, allowed },
            What::WrongType(expected) => BodyFault::WrongType { pointer, expected },
            What::Missing(name) => BodyFault::Missing { pointer, name },
            What::BadEnum(allowed) => BodyFault::BadEnum { pointer, allowed },
            What::Invalid(expected) => BodyFault::Invalid { pointer, expected },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body does not fit its type")
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    /// Whoever wrote the message may have quoted the input in it.
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::new(What::Invalid("acceptable".to_owned()))
    }

    fn invalid_type(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(What::Invalid(expected.to_string()))
    }

    /// What a visitor of this crate expects is a fixed sentence.
    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(What::Invalid(expected.to_string()))
    }

    fn invalid_length(_length: usize, expected: &dyn Expected) -> Self {
        Self::new(What::Invalid(expected.to_string()))
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        if planted!("value-in-error") {
            return Self::new(What::Invalid(format!("a known word and not {found}")));
        }
        Self::new(What::BadEnum(allowed))
    }

    fn unknown_field(_found: &str, allowed: &'static [&'static str]) -> Self {
        Self::new(What::Unknown(allowed))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(What::Missing(name))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(What::Duplicate).below(Step::Member(name))
    }
}
