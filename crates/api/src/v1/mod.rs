//! The v1 surface, one file a noun: camelCase members, UPPER_SNAKE words, times as [`EpochMillis`](crate::EpochMillis).
//!
//! Answers write every documented member, null where there is nothing to say. Requests refuse members they do not know.
//! A request that carries a value has no `Debug`.

pub mod audit;
pub mod auth;
pub mod devices;
pub mod double_option;
pub mod grants;
pub mod keys;
pub mod page;
pub mod publications;
pub mod revisions;
pub mod scopes;
pub mod secrets;
pub mod service_accounts;
pub mod tenants;
pub mod tokens;
pub mod words;

pub use page::Page;
pub use words::{Disclosure, Sensitivity};
