//! What is kept in memory, and how it is known to be current.
//!
//! An entry is believed while the change feed has not touched anything it was read from; no entry that decides anything
//! is ever believed or dropped by its age. See [`feed`]. The one number that ages, how many have read a secret, decides
//! nothing.

mod feed;
mod kept;
mod rows;

pub(crate) use feed::Mark;
pub(crate) use rows::{Caches, Live, TokenRecord};
