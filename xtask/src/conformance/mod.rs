//! Published clients, unchanged, against a server of ours.
//!
//! Each run makes everything it needs in a temporary folder (the server's data and keys, the client's own
//! configuration, a Python environment) and ends what it started. What cannot run says so and is counted.

mod fruxon;
mod http;
mod process;
mod server;
mod transcript;
mod venv;

use crate::say;
use std::{path::Path, process::ExitCode};

/// Runs the `fruxon` client. With `require`, a client that cannot be installed is a failure; without, it is counted.
pub(crate) fn fruxon(root: &Path, require: bool) -> ExitCode {
    match fruxon::run(root) {
        Ok(tally) => {
            say(format!(
                "fruxon: {} checks passed, {} failed, 0 not run",
                tally.passed, tally.failed
            ));
            if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(Stop::NotRun(why)) => {
            say(format!("fruxon: NOT RUN: {why}"));
            say("fruxon: 0 checks passed, 0 failed, 1 suite not run");
            if require { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(Stop::Broken(why)) => {
            say(format!("fruxon: stopped: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// Why a run ended before its last check.
#[derive(Debug)]
enum Stop {
    /// The client could not be had; nothing is known about us.
    NotRun(String),
    /// Our own side did not come up as it should.
    Broken(String),
}

impl Stop {
    fn broken(why: impl std::fmt::Display) -> Self {
        Self::Broken(why.to_string())
    }
}
