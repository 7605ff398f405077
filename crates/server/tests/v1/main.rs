//! The v1 surface by route and verb: who does what, and sees what.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod audit;
mod audit_chain;
mod auth;
mod batch;
mod credential_events;
mod deep;
mod express;
mod grants;
mod kept;
mod keys;
mod limiter;
mod minting;
mod outages;
mod paging;
mod reveal;
mod revisions;
mod seals;
mod secrets;
mod server;
mod service_accounts;
mod set_back;
mod tenants;
mod tokens;
mod validity;

/// An id that nothing has.
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";
