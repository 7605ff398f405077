//! A Python environment of its own, with published packages in it.

use super::{Stop, process};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// How long an installation may take; a cold one downloads up to a hundred wheels.
const INSTALL_LIMIT: Duration = Duration::from_secs(600);

/// Makes an environment under `folder`, installs `packages` by name and returns the folder of its programs.
pub(super) fn with(folder: &Path, packages: &[&str]) -> Result<PathBuf, Stop> {
    let home = folder.join("venv");
    let made = process::run(Command::new("python3").args(["-m", "venv"]).arg(&home), INSTALL_LIMIT);
    succeeded(made, "python3 -m venv")?;
    let bin = home.join("bin");
    let pip = bin.join("python3");
    let installed = process::run(
        Command::new(pip)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(packages),
        INSTALL_LIMIT,
    );
    succeeded(installed, "pip install")?;
    Ok(bin)
}

fn succeeded(done: Result<process::Finished, String>, what: &str) -> Result<(), Stop> {
    match done {
        Ok(done) if done.code == Some(0) => Ok(()),
        Ok(done) => {
            let last = done
                .stderr
                .lines()
                .rfind(|line| !line.trim().is_empty())
                .unwrap_or("no reason given");
            Err(Stop::NotRun(format!("{what} failed: {last}")))
        }
        Err(why) => Err(Stop::NotRun(why)),
    }
}
