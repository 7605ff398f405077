//! The v1 surface, one file a noun: parse, call one use-case, shape the answer.

pub(super) mod audit;
pub(super) mod auth;
mod expand;
pub(super) mod grants;
pub(super) mod keys;
pub(super) mod publications;
pub(super) mod reveal;
pub(super) mod revisions;
pub(super) mod secrets;
pub(super) mod service_accounts;
pub(super) mod tenants;
pub(super) mod tokens;
pub(super) mod views;
