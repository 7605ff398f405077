//! What tests are made of: a real server on a real store in a directory of its own, a clock they set, and actors who
//! ask.
//!
//! Nothing here stands in for a part of the product: the store is SQLite on disk, the keys are made as on a first
//! start, requests pass the same edge as everyone's. Never a dependency of anything that ships.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop, loudly, here"
)]

mod actor;
pub mod belongings;
mod clock;
mod disk;
pub mod document;
pub mod faults;
mod server;
mod v1;

pub use actor::{Actor, Reply};
pub use clock::TestClock;
pub use disk::{Lock, blob};
pub use server::{Stopped, TestServer};
pub use subrosa_domain::audit::Surface;
pub use v1::{DEFAULT, id_of, shape};
