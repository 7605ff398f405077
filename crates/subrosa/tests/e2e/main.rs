//! The real binary as real processes: what a person, a script, another user of the machine and a power cut see of it.
//!
//! Each test has a home of its own, with its own data, root key and port. Waits watch for what they wait for and have
//! an end; children are killed when they are dropped. What this machine cannot show is printed as `NOT RUN` and passes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop, loudly, here"
)]

mod custody;
mod devices;
mod failures;
mod first_start;
mod full_disk;
mod harness;
mod hygiene;
mod json;
mod keys;
mod kill;
mod listening;
mod prompt;
mod restore;
mod run;
mod secrets;
mod tenants;
mod tokens;
