//! What every test here is made of: a home, a server in it, commands run against that, and plain HTTP where the command
//! line would be in the way.

mod home;
mod http;
mod process;
mod server;

pub(crate) use home::{Home, mode};
pub(crate) use http::Door;
pub(crate) use process::{Ran, Reaped, one_document, run, run_with};
pub(crate) use server::Server;

use std::time::{Duration, Instant};

/// The longest any one thing may take, on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until the answer is there, and fails when it never comes.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "never came: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// Says that a test could not be run here, and why. Whoever reads the log can count these.
pub(crate) fn not_run(test: &str, why: &str) {
    eprintln!("NOT RUN: {test}: {why}");
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether a program of this name is on the path.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
