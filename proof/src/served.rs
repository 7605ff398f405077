//! The product as its users have it: the binary, serving a folder of its own, from outside.

use crate::wire::Wire;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;
use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a start may take before something is taken to be wrong.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The ports that servers listen on here, and how many.
const PORT_MIN: u16 = 12_000;
const PORTS: u32 = 20_000;

/// A user without privileges.
const NOBODY: u32 = 65_534;

/// A folder that a server is served from, once or many times.
pub(crate) struct Home {
    folder: TempDir,
    binary: PathBuf,
    /// Whom its programs run as, if not as this process's own user.
    user: Option<u32>,
    /// Where its data is.
    pub(crate) data: PathBuf,
    /// Where its root key is.
    pub(crate) root_key: PathBuf,
}

impl Home {
    pub(crate) fn new(binary: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let root_key = folder.path().join("keys/root.key");
        std::fs::create_dir(folder.path().join("tmp")).expect("a folder for what is temporary");
        Self { folder, binary: binary.into(), user: None, data, root_key }
    }

    /// A folder of a user without privileges, whose programs run as that user. The binary is brought along: the folder
    /// it was built in may be closed to them. Takes root.
    pub(crate) fn of_nobody(binary: &Path) -> Self {
        let mut home = Self::new(binary);
        home.binary = home.path().join("subrosa");
        std::fs::copy(binary, &home.binary).expect("a copy of the binary");
        home.user = Some(NOBODY);
        for place in [home.path(), &home.path().join("tmp")] {
            chown(place, home.user, home.user).expect("root gives folders away");
        }
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server's database.
    pub(crate) fn store(&self) -> PathBuf {
        self.data.join("store.db")
    }

    /// The binary with this folder as its home and nothing of our own environment but the planted fault.
    pub(crate) fn command(&self) -> Command {
        self.program(&self.binary)
    }

    /// The same for any program.
    pub(crate) fn program(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path()).env("HOME", self.path().join("home"));
        command.env("TMPDIR", self.path().join("tmp"));
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        for (name, place) in [
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_STATE_HOME", "home/state"),
            ("XDG_RUNTIME_DIR", "home/run"),
        ] {
            command.env(name, self.path().join(place));
        }
        command.envs(std::env::var_os("SUBROSA_PLANT").map(|plant| ("SUBROSA_PLANT", plant)));
        command
    }

    /// A server of this folder, as it is started: it may not be ready yet, or never become so.
    pub(crate) fn starts(&self, words: &[&str]) -> Served {
        self.starts_as(self.command(), words)
    }

    /// A server of this folder that is ready, with a fault planted in it alone.
    pub(crate) fn serve_planted(&self, plant: &str) -> Served {
        let mut command = self.command();
        command.env("SUBROSA_PLANT", plant);
        let mut served = self.starts_as(command, &[]);
        assert!(served.is_ready(), "the server was not ready\n{}", self.log());
        served
    }

    fn starts_as(&self, mut command: Command, words: &[&str]) -> Served {
        let address = free_address();
        let log = File::options().create(true).append(true).open(self.path().join("server.log"));
        let log = log.expect("a log");
        let child = command
            .arg("serve")
            .args(["--listen", &address.to_string()])
            .arg("--data")
            .arg(&self.data)
            .arg("--root-key")
            .arg(&self.root_key)
            .args(words)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the server starts");
        Served { child, address, socket: self.data.join("subrosa.sock") }
    }

    /// A server of this folder that is ready, where it may be that it does not become so.
    ///
    /// # Errors
    /// With the end of the log when it does not.
    pub(crate) fn ready(&self) -> Result<Served, String> {
        let mut served = self.starts(&[]);
        if served.is_ready() {
            return Ok(served);
        }
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(12)..].join("\n");
        Err(format!("it did not become ready:\n{last}"))
    }

    /// A server of this folder that is ready.
    pub(crate) fn serve(&self) -> Served {
        self.serve_with(&[])
    }

    /// The same, with more words for `subrosa serve`.
    pub(crate) fn serve_with(&self, words: &[&str]) -> Served {
        let mut served = self.starts(words);
        assert!(served.is_ready(), "the server was not ready\n{}", self.log());
        served
    }

    /// Accepts the store as it is, though it was put back.
    ///
    /// # Errors
    /// With what the command says when it does not.
    pub(crate) fn accepts(&self) -> Result<(), String> {
        let mut command = self.command();
        command.args(["restore", "--accept-rollback", "--data"]).arg(&self.data);
        let said = command.arg("--root-key").arg(&self.root_key).output().expect("it starts");
        match said.status.success() {
            true => Ok(()),
            false => Err(format!("accepting failed: {}", String::from_utf8_lossy(&said.stderr))),
        }
    }

    /// Everything that servers of this folder have printed.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("server.log")).unwrap_or_default()
    }
}

/// A running `subrosa serve`; ended suddenly when it is dropped.
pub(crate) struct Served {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    socket: PathBuf,
}

impl Served {
    /// Waits until it is ready; false when it ended, or took too long.
    pub(crate) fn is_ready(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < START_LIMIT {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return false;
            }
            if self.asks_ready() == Some(200) {
                return true;
            }
            thread::sleep(Duration::from_millis(2));
        }
        false
    }

    /// What the readiness page answers now; `None` when nobody answers.
    pub(crate) fn asks_ready(&self) -> Option<u16> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let wire = Wire::tcp(self.address, None);
        let reply = runtime.block_on(wire.send("GET", "/health/ready", None)).ok()?;
        Some(reply.status)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The operator, over the socket.
    pub(crate) fn operator(&self) -> Wire {
        Wire::unix(&self.socket)
    }

    /// The operator's socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whoever has this token.
    pub(crate) fn with_token(&self, token: &str) -> Wire {
        Wire::tcp(self.address, Some(token))
    }

    /// A new token of a tenant, which may do everything in it.
    pub(crate) async fn admin_of(&self, tenant: &str) -> String {
        let path = format!("/v1/tenants/{tenant}/tokens:generate");
        let body = json!({ "preset": "admin" });
        let minted = self.operator().send("POST", &path, Some(&body)).await;
        let minted = minted.expect("an answer").expect(201);
        minted["token"].as_str().expect("a token").to_owned()
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal until it has ended: a handler may take the first one for something else.
    pub(crate) fn ended_by(self, signal: Signal) -> ExitStatus {
        self.ended(|served| served.sends(signal))
    }

    /// Asks it to end, and waits until it has, as it should: what it kept in memory is written, its log folded back.
    pub(crate) fn stop(self) {
        self.sends(Signal::SIGTERM);
        let ended = self.ended(|_| {});
        assert!(ended.success(), "a server that was asked to end: {ended}");
    }

    fn sends(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().expect("a process id"));
        kill(pid, signal).expect("it is there until it was waited for");
    }

    /// How it ended; until it has, something is done again and again.
    fn ended(mut self, until_then: impl Fn(&Self)) -> ExitStatus {
        let start = Instant::now();
        while start.elapsed() < START_LIMIT {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status;
            }
            until_then(&self);
            thread::sleep(Duration::from_millis(2));
        }
        panic!("it did not end");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address nobody listens on: below the ports that systems give to clients, so that none of thousands of requests
/// takes it before the server does, and another one every time. Another process may still take it first; the server
/// then does not start, and says so.
fn free_address() -> SocketAddr {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    for _ in 0..PORTS {
        let next = std::process::id().wrapping_mul(331) + TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = PORT_MIN + (next % PORTS) as u16;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return listener.local_addr().expect("an address");
        }
    }
    panic!("nothing is free on loopback");
}
