//! The reader of request bodies. It accepts what a type describes and nothing else, and its faults are made of our own
//! words alone.
//!
//! serde and `serde_json` quote what they read in their errors: the wrong value, the unknown member, the bad word. A
//! request body holds secrets, so those errors never leave this folder. `tree` parses the text into nodes, noticing
//! depth, size and duplicate members; `read` deserializes from the nodes with an error type that keeps where and
//! what was expected, and drops everything it is told about what was found.

mod access;
mod error;
mod fault;
mod read;
mod tree;

#[cfg(test)]
mod canary;

pub use fault::BodyFault;

use serde::Deserialize;

/// How deeply a body may nest. The deepest request of any surface needs 6.
pub const MAX_DEPTH: usize = 32;

/// How many values and member names a body may have: a full batch of 1,000 items needs about 3,000.
pub const MAX_TOKENS: usize = 10_000;

/// Reads a JSON body as a `T`: no unknown members (where `T` denies them), no duplicate ones, no type converted into
/// another.
///
/// # Errors
/// The first fault. It never holds a byte of `body`.
pub fn from_slice<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, BodyFault> {
    let text = std::str::from_utf8(body).map_err(|_| BodyFault::BadUtf8)?;
    let node = tree::parse(text)?;
    T::deserialize(read::Reader(node)).map_err(error::Error::into_fault)
}
