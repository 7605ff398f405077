//! `cargo xtask prove`: builds the server with faults that can be planted, and the checks that must find them, and runs
//! these. The checks themselves are the crate `proof`.

use crate::built;
use std::{
    path::Path,
    process::{Command, ExitCode},
};

/// Runs the named checks, or all. With `--require` one that cannot run here is a failure.
pub(crate) fn run(root: &Path, words: &[&str]) -> ExitCode {
    let Some(server) = built::planted(root) else { return ExitCode::FAILURE };
    let mut proof = Command::new(server.with_file_name("proof"));
    proof.arg("run").args(words).env("SUBROSA_BINARY", server);
    if built::done(&mut proof) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
