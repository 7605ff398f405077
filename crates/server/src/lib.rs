//! The server: HTTP in front of the use-cases.
//!
//! [`compose`] wires the rooms together and alone may name the store, the cryptography and key custody. [`listen`]
//! takes connections; [`http`] answers requests. It must never hold a rule of the domain, and nothing in it opens a
//! value.

mod compose;
mod data_dir;
pub mod http;
mod listen;
mod options;
pub mod telemetry;

#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub use compose::fuzz;
pub use compose::{Report, Running, accept_rollback, start, start_trusting, start_with};
pub use options::{Listen, LogLevel, Places, ServeOptions, StartFailure, TlsFiles};
pub use subrosa_app::system::Acceptance;
