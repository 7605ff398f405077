//! The typed client: each call of the v1 surface that the command line makes, over the server's socket or over HTTP.
//!
//! It must never log, print or keep what it carries. Values arrive in types that cannot be printed, and the bearer
//! token leaves its wrapper in one line of `wire`.

mod calls;
mod connect;
mod error;
mod target;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub use calls::{AuditFilter, AuditLog};
pub use error::{ClientError, Unreachable};
pub use target::{InvalidServer, Server, Target};
pub use wire::{Client, MAX_ANSWER_BYTES};
