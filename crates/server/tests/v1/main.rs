//! The v1 surface by route and verb: who does what, and sees what.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod secrets;
