//! The server's own doings: starting, and what runs beside requests.

mod jobs;
mod start;

pub use start::{StartError, Started, start};
