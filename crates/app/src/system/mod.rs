//! The server's own doings: starting, what runs beside requests, and whether its store is the latest.

mod accept;
mod jobs;
mod keeper;
mod standing;
mod start;

pub use accept::{Acceptance, accept};
pub(crate) use keeper::Keeper;
pub use standing::{Checkpoints, SetBack};
pub use start::{OfDeployment, Setup, StartError, Started, start};
