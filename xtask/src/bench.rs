//! `cargo xtask bench`: builds what ships and what measures it, and runs the second on the first.

use crate::say;
use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
};

/// Runs it with these words. What it prints is the table.
pub(crate) fn run(root: &Path, words: &[&str]) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = ["--package", "subrosa", "--package", "subrosa-bench"];
    let built = Command::new(cargo)
        .args(["build", "--release", "--locked", "--features", "subrosa/ml-dsa"])
        .args(packages)
        .current_dir(root)
        .stdin(Stdio::null())
        .status();
    if !built.is_ok_and(|status| status.success()) {
        say("bench: cargo build --release failed");
        return ExitCode::FAILURE;
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let release = target.join("release");
    let ran = Command::new(release.join("subrosa-bench"))
        .arg(release.join("subrosa"))
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
