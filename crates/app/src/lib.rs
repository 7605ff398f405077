//! The use-cases: what a caller can have done, one function each, the same for every surface.
//!
//! This is the only room that uses the store and the cryptography together. A use-case takes an [`Op`] (who, where,
//! when) and a permit, reads what it needs, and changes the world in one commit that carries its audit events.
//!
//! It must never open a value itself (values pass through it inside `Plaintext`), know HTTP, or answer before the
//! commit that it promises is durable.

pub mod api_keys;
mod app;
pub mod audit;
pub mod auth;
mod cache;
mod context;
pub mod devices;
mod error;
pub mod grants;
pub mod groups;
mod integrity;
pub mod keys;
mod ledger;
pub mod limits;
mod page;
pub mod personal_tokens;
pub mod role_bindings;
pub mod secrets;

pub mod service_accounts;
pub mod sign_in;
pub mod system;
pub mod tenants;
pub mod tokens;
pub mod virtual_accounts;

pub use app::{App, Parts};
pub use context::{Op, Origin};
pub use error::{AppError, FieldFault};
pub use page::{Page, PageRequest};
