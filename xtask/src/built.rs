//! Builds of what a command is about to run. The server is built in two ways and no third, so that no command builds
//! what another has built already, and what is measured is what is released.

use crate::{say, target};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The server as it is released.
pub(crate) fn released(root: &Path) -> Option<PathBuf> {
    // Alone: a package that is built beside it would add features to what they share.
    let words = ["--release", "--package", "subrosa", "--features", "subrosa/ml-dsa"];
    build(root, &words).then(|| target().join("release/subrosa"))
}

/// The server with faults that can be planted, and beside it `proof`.
pub(crate) fn planted(root: &Path) -> Option<PathBuf> {
    let words = ["--profile", "proof", "--package", "subrosa", "--package", "subrosa-proof"];
    let features = "subrosa/plant,subrosa/ml-dsa,subrosa-proof/plant";
    build(root, &[&words[..], &["--features", features]].concat())
        .then(|| target().join("proof/subrosa"))
}

/// What measures it.
pub(crate) fn bench(root: &Path) -> Option<PathBuf> {
    build(root, &["--release", "--package", "subrosa-bench"])
        .then(|| target().join("release/subrosa-bench"))
}

/// Builds this, and says so if it cannot be.
fn build(root: &Path, words: &[&str]) -> bool {
    done(cargo(root).args(words))
}

/// A `cargo build` of what the lock file says, from the workspace's root.
pub(crate) fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--locked"]).current_dir(root).stdin(Stdio::null());
    build
}

/// Runs a command, and says so if it could not be started; whether it succeeded.
pub(crate) fn done(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            say(format!("{} did not start: {error}", command.get_program().display()));
            false
        }
    }
}
