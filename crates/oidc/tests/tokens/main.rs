//! Which tokens are accepted, and which are not.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod accepted;
mod cache;
mod config;
mod discovery;
mod draft;
mod hostile;
mod https;
mod mapping;
mod provider;
mod signer;
