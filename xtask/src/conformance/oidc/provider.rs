//! The provider: `oidc-provider` of npm as published, driven by the script beside this.

use super::super::{Stop, process};
use crate::say;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

const PACKAGE: &str = "oidc-provider@9.13.3";
const SCRIPT: &str = include_str!("provider.mjs");

/// The oldest Node.js that the package runs on.
const NODE_MIN: u32 = 20;

const INSTALL_LIMIT: Duration = Duration::from_secs(300);
const START_LIMIT: Duration = Duration::from_secs(30);
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// The package, installed in a folder of its own.
pub(super) struct Provider {
    folder: PathBuf,
}

/// A provider that runs, ended when it is dropped.
pub(super) struct Running {
    child: Child,
    /// Its address, which is `iss` in its tokens.
    pub(super) issuer: String,
}

impl Provider {
    /// Installs the package under `folder`.
    pub(super) fn install(folder: &Path) -> Result<Self, Stop> {
        let folder = folder.join("provider");
        std::fs::create_dir(&folder).map_err(Stop::broken)?;
        std::fs::write(folder.join("provider.mjs"), SCRIPT).map_err(Stop::broken)?;
        let version = called(Command::new("node").arg("--version"), "node")?;
        let major = version.trim().trim_start_matches('v').split('.').next();
        if major.and_then(|major| major.parse().ok()).is_none_or(|major: u32| major < NODE_MIN) {
            return Err(Stop::NotRun(format!(
                "node is {}, not {NODE_MIN} or later",
                version.trim()
            )));
        }
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        called(npm.arg(&folder).arg(PACKAGE), "npm install")?;
        Ok(Self { folder })
    }

    /// Starts it on a port, with new keys; 0 finds a port.
    pub(super) fn start(&self, port: u16) -> Result<Running, Stop> {
        let mut child = self
            .script(&["serve", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Stop::broken(format!("the provider did not start: {error}")))?;
        let (told, first) = mpsc::channel();
        let stdout = child.stdout.take();
        thread::spawn(move || {
            for line in stdout.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()) {
                let _ = told.send(line.unwrap_or_default());
            }
        });
        let mut running = Running { child, issuer: String::new() };
        running.issuer = first
            .recv_timeout(START_LIMIT)
            .map_err(|_| Stop::broken("the provider did not say where it listens"))?;
        say(format!("# the provider listens at {}", running.issuer));
        Ok(running)
    }

    /// Asks a running one for a token, as any client would. `resource` says what it is to be like.
    pub(super) fn token(
        &self,
        from: &Running,
        client: &str,
        resource: &str,
        scope: &str,
    ) -> Result<String, Stop> {
        let words = ["token", &from.issuer, client, resource, scope];
        let done = process::run(&mut self.script(&words), CALL_LIMIT).map_err(Stop::Broken)?;
        match (done.code, done.stdout.trim()) {
            (Some(0), token) if !token.is_empty() => Ok(token.to_owned()),
            _ => Err(Stop::Broken(format!("the provider gave no token\n{}", done.stderr))),
        }
    }

    fn script(&self, words: &[&str]) -> Command {
        let mut node = Command::new("node");
        node.current_dir(&self.folder).arg("provider.mjs").args(words);
        node
    }
}

impl Running {
    /// The port it listens on.
    pub(super) fn port(&self) -> u16 {
        self.issuer.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    /// Ends it.
    pub(super) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs what the run needs and may not be there.
fn called(command: &mut Command, what: &str) -> Result<String, Stop> {
    let done = process::run(command, INSTALL_LIMIT).map_err(Stop::NotRun)?;
    if done.code == Some(0) {
        return Ok(done.stdout);
    }
    let last = done.stderr.lines().rfind(|line| !line.trim().is_empty());
    Err(Stop::NotRun(format!("{what} failed: {}", last.unwrap_or("no reason given"))))
}
