//! A server of ours in a folder of its own, ended when the run is over, whichever way that happens.

use super::{Stop, http, process};
use crate::built;
use serde_json::Value;
use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(15);
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// Builds what ships, and says where it is.
pub(super) fn build(root: &Path) -> Result<PathBuf, Stop> {
    built::released(root).ok_or_else(|| Stop::broken("the server could not be built"))
}

/// Builds the same with faults that can be planted.
pub(super) fn build_planted(root: &Path) -> Result<PathBuf, Stop> {
    built::planted(root).ok_or_else(|| Stop::broken("the server could not be built"))
}

/// A running `subrosa serve`.
pub(super) struct Server {
    child: Child,
    binary: PathBuf,
    folder: PathBuf,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts `binary` under `folder` and waits until it is ready.
    pub(super) fn start(binary: &Path, folder: &Path) -> Result<Self, Stop> {
        Self::start_with(binary, folder, &[])
    }

    /// The same, with more words for `subrosa serve`.
    pub(super) fn start_with(binary: &Path, folder: &Path, words: &[&str]) -> Result<Self, Stop> {
        Self::start_planted(binary, folder, words, None)
    }

    /// The same with a fault planted, if one is named and the binary is one that answers to it.
    pub(super) fn start_planted(
        binary: &Path,
        folder: &Path,
        words: &[&str],
        plant: Option<&str>,
    ) -> Result<Self, Stop> {
        let address = free_address().map_err(Stop::broken)?;
        let log = File::create(folder.join("server.log")).map_err(Stop::broken)?;
        let errors = log.try_clone().map_err(Stop::broken)?;
        let child = command(binary, folder)
            .arg("serve")
            .args(["--listen", &address.to_string()])
            .arg("--data")
            .arg(folder.join("data"))
            .arg("--root-key")
            .arg(folder.join("keys/root.key"))
            .args(words)
            .envs(plant.map(|plant| ("SUBROSA_PLANT", plant)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| Stop::broken(format!("subrosa serve did not start: {error}")))?;
        let mut server = Self { child, binary: binary.into(), folder: folder.into(), address };
        server.until_ready()?;
        Ok(server)
    }

    fn until_ready(&mut self) -> Result<(), Stop> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Stop::Broken(format!(
                    "subrosa serve ended with {status}\n{}",
                    self.log()
                )));
            }
            let ready = http::send(self.address, None, "GET", "/health/ready", None);
            if ready.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if start.elapsed() > START_LIMIT {
                return Err(Stop::Broken(format!(
                    "subrosa serve was not ready in time\n{}",
                    self.log()
                )));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs a command as the operator, over the server's socket, and returns its one JSON document.
    pub(super) fn operator(&self, words: &[&str]) -> Result<Value, Stop> {
        let mut command = command(&self.binary, &self.folder);
        command.arg("--data").arg(self.folder.join("data")).args(words).arg("--json");
        let done = process::run(&mut command, COMMAND_LIMIT).map_err(Stop::Broken)?;
        let said =
            || format!("subrosa {} ended with {:?}\n{}", words.join(" "), done.code, done.stderr);
        if done.code != Some(0) {
            return Err(Stop::Broken(said()));
        }
        serde_json::from_str(&done.stdout)
            .map_err(|_| Stop::Broken(format!("{}no JSON on stdout", said())))
    }

    /// Mints a token as the operator; without a preset it has no scopes.
    pub(super) fn mint(
        &self,
        tenant: &str,
        name: &str,
        preset: Option<&str>,
    ) -> Result<String, Stop> {
        let mut words = vec!["token", "create", "--tenant", tenant, "--name", name];
        words.extend(preset.into_iter().flat_map(|preset| ["--preset", preset]));
        let minted = self.operator(&words)?;
        let token = minted.get("token").and_then(Value::as_str);
        token.map(str::to_owned).ok_or_else(|| Stop::broken("no token was printed"))
    }

    /// Everything the server has printed.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    /// Asks the server to end, and says with which exit code it did.
    pub(super) fn stop(&mut self) -> Result<Option<i32>, Stop> {
        let pid = self.child.id().to_string();
        let asked = process::run(Command::new("kill").args(["-TERM", &pid]), STOP_LIMIT);
        asked.map_err(Stop::Broken)?;
        process::wait(&mut self.child, STOP_LIMIT)
            .ok_or_else(|| Stop::broken("subrosa serve did not end after SIGTERM"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary with nothing of the caller's environment but the path, and every folder it might use under `folder`.
pub(super) fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .current_dir(folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let folders = [
        ("HOME", "home"),
        ("XDG_DATA_HOME", "home/data"),
        ("XDG_CONFIG_HOME", "home/config"),
        ("XDG_STATE_HOME", "home/state"),
        ("XDG_CACHE_HOME", "home/cache"),
        ("XDG_RUNTIME_DIR", "home/run"),
    ];
    for (name, place) in folders {
        command.env(name, folder.join(place));
    }
    command
}

/// An address nobody listens on. Another process may take it first; the server then fails to start, and says so.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
