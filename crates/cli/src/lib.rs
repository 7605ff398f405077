//! The command line, all of it but `serve`: what people type, and what they get back.
//!
//! A command is one file under `commands`. It parses its own flags, makes its calls through `session`, and prints
//! through `output`. Failures are one type with one shape, and each has an exit code a script can rely on.
//!
//! This room must never take a value or a token from the command line, print a value but in `get`, send a kept token to
//! another server than its own, or decide what a caller may do: the server decides.

mod commands;
mod confirm;
mod env_name;
mod exit;
mod failure;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod globals;
mod hidden;
mod hints;
mod login;
mod moment;
mod output;
mod session;
mod table;
mod target;
mod value_source;

pub use commands::{Command, ExportChecked, ExportFile, Restored, report_export, report_restored};
pub use failure::{Refusal, usage};
pub use globals::{Globals, base_dir};

use output::Output;
use std::process::ExitCode;

/// Runs one command to its end. `run -- CMD` does not come back from here when all goes well.
#[must_use]
pub fn run(globals: Globals, command: Command) -> ExitCode {
    let output = Output::new(globals.json);
    match commands::run(command, &globals, output) {
        Ok(exit) => exit.into(),
        Err(failure) => output.fail(&failure).into(),
    }
}
