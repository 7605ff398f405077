//! `cargo xtask bench`: builds what ships and what measures it, and runs the second on the first. What wiping costs is
//! measured on the proofs' build, which alone can leave it out.

use crate::{say, target};
use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
};

/// Runs it with these words. What it prints is the table.
pub(crate) fn run(root: &Path, words: &[&str]) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = ["--package", "subrosa", "--package", "subrosa-bench"];
    let (profile, features) = match words.first() {
        Some(&"allocator") => ("proof", &["--features", "subrosa/plant"][..]),
        _ => ("release", &["--features", "subrosa/ml-dsa"][..]),
    };
    let built = Command::new(cargo)
        .args(["build", "--locked", "--profile", profile])
        .args(packages)
        .args(features)
        .current_dir(root)
        .stdin(Stdio::null())
        .status();
    if !built.is_ok_and(|status| status.success()) {
        say(format!("bench: cargo build --profile {profile} failed"));
        return ExitCode::FAILURE;
    }
    let built = target().join(profile);
    let ran = Command::new(built.join("subrosa-bench"))
        .arg(built.join("subrosa"))
        .args(words)
        .current_dir(root)
        .stdin(Stdio::null())
        .status();
    match ran {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say(format!("bench: it did not start: {error}"));
            ExitCode::FAILURE
        }
    }
}
