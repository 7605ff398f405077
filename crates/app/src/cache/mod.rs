//! What is kept in memory, and how it is known to be current.
//!
//! An entry is believed while the change feed has not touched anything it was read from; no entry is ever believed or
//! dropped by its age. See [`feed`].

mod feed;
mod rows;

pub(crate) use feed::Mark;
pub(crate) use rows::{Caches, Live, TokenRecord};
