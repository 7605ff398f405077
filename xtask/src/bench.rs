//! `cargo xtask bench`: builds what ships and what measures it, and runs the second on the first. What wiping costs is
//! measured on the proofs' build, which alone can leave it out.

use crate::built;
use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
};

/// Runs it with these words. What it prints is the table.
pub(crate) fn run(root: &Path, words: &[&str]) -> ExitCode {
    let Some(bench) = built::bench(root) else { return ExitCode::FAILURE };
    let asked = |first: &Path| {
        let mut asked = Command::new(&bench);
        asked.arg(first).args(words).current_dir(root).stdin(Stdio::null());
        built::done(&mut asked)
    };
    // Before minutes go into a server that is then not measured.
    if !asked(Path::new("words")) {
        return ExitCode::from(2);
    }
    let wiping = words.contains(&"allocator");
    let server = if wiping { built::planted(root) } else { built::released(root) };
    match server {
        Some(server) if asked(&server) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
