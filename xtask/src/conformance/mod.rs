//! Published clients, unchanged, against a server of ours.
//!
//! Each run makes everything it needs in a temporary folder (the server's data and keys, the client's own
//! configuration, a Python environment) and ends what it started. What cannot run says so and is counted.

mod fruxon;
mod guides;
mod http;
mod oidc;
mod process;
mod schema;
mod server;
mod transcript;
mod truefoundry;
mod venv;

use crate::say;
use std::{path::Path, process::ExitCode};
use transcript::Tally;

/// Runs the `fruxon` client. With `require`, a client that cannot be installed is a failure; without, it is counted.
pub(crate) fn fruxon(root: &Path, require: bool) -> ExitCode {
    report("fruxon", fruxon::run(root), require)
}

/// Runs the `truefoundry` clients: the SDK and the `tfy` command line. `require` is as for [`fruxon()`].
pub(crate) fn truefoundry(root: &Path, require: bool) -> ExitCode {
    report("truefoundry", truefoundry::run(root), require)
}

/// Runs a real OpenID provider, whose tokens a server of ours is asked with. `require` is as for [`fruxon()`].
pub(crate) fn oidc(root: &Path, require: bool) -> ExitCode {
    report("oidc", oidc::run(root), require)
}

/// Runs what the guides say to type. `require` is as for [`fruxon()`].
pub(crate) fn guides(root: &Path, require: bool) -> ExitCode {
    report("guides", guides::run(root), require)
}

/// Runs schemathesis by the description of the API. `--require` is as for [`fruxon()`]; `--control` plants faults too.
pub(crate) fn schema(root: &Path, words: &[&str]) -> ExitCode {
    let (require, control) = match words {
        [] => (false, false),
        ["--require"] => (true, false),
        ["--control"] => (false, true),
        ["--require", "--control"] => (true, true),
        _ => {
            say("usage: cargo xtask conformance schema [--require] [--control]");
            return ExitCode::from(2);
        }
    };
    report("schema", schema::run(root, control), require)
}

fn report(client: &str, outcome: Result<Tally, Stop>, require: bool) -> ExitCode {
    match outcome {
        Ok(Tally { passed, failed, not_run }) => {
            say(format!("{client}: {passed} checks passed, {failed} failed, {not_run} not run"));
            // No check that passed: nothing was looked at.
            let right = passed > 0 && failed == 0 && not_run == 0;
            if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(Stop::NotRun(why)) => {
            say(format!("{client}: NOT RUN: {why}"));
            say(format!("{client}: 0 checks passed, 0 failed, 1 suite not run"));
            if require { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(Stop::Broken(why)) => {
            say(format!("{client}: stopped: {why}"));
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
    /// What there is to say about it.
    fn why(&self) -> &str {
        match self {
            Self::NotRun(why) | Self::Broken(why) => why,
        }
    }

    fn broken(why: impl std::fmt::Display) -> Self {
        Self::Broken(why.to_string())
    }
}
