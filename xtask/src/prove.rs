//! `cargo xtask prove`: builds the server with faults that can be planted, and the checks that must find them, and runs
//! these. The checks themselves are the crate `proof`.

use crate::{say, target};
use std::{
    path::Path,
    process::{Command, ExitCode, ExitStatus},
};

/// The profile both are built with, and so the folder under `target` that they are in.
const PROFILE: &str = "proof";

/// Runs the named checks, or all.
pub(crate) fn run(root: &Path, words: &[&str]) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--locked", "--profile", PROFILE]).current_dir(root);
    build.args(["--package", "subrosa", "--package", "subrosa-proof"]);
    build.args(["--features", "subrosa/plant"]);
    if !is_done(build.status(), "cargo build") {
        return ExitCode::FAILURE;
    }
    let built = target().join(PROFILE);
    let mut proof = Command::new(built.join("proof"));
    proof.arg("run").args(words).env("SUBROSA_BINARY", built.join("subrosa"));
    if is_done(proof.status(), "proof") { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn is_done(ended: std::io::Result<ExitStatus>, what: &str) -> bool {
    match ended {
        Ok(status) => status.success(),
        Err(error) => {
            say(format!("{what} did not start: {error}"));
            false
        }
    }
}
