//! The two servers as processes: started, watched, ended.

use crate::{
    failure::{Failure, Result},
    options::Options,
};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const START_LIMIT: Duration = Duration::from_secs(30);

/// How long a server must do nothing to be called quiet, and what still is nothing.
const QUIET: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(1));

/// How long to wait for it.
const QUIET_LIMIT: Duration = Duration::from_secs(60);

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the call that started it to its first answer.
    pub(crate) started_in: Duration,
}

/// Starts bare hyper: this very binary, in a process of its own.
pub(crate) fn bare() -> Result<Server> {
    let begun = Instant::now();
    let mut child = Command::new(std::env::current_exe()?)
        .arg("bare")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or_else(|| Failure::new("bare hyper has no stdout"))?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    Ok(Server { child, address: line.trim().parse()?, started_in: begun.elapsed() })
}

/// A folder with everything one of our servers has. It goes with this.
pub(crate) struct Home {
    binary: PathBuf,
    pub(crate) folder: TempDir,
}

impl Home {
    /// An empty one, beside the binary that is measured: where temporary files go may be memory, which is durable at
    /// once.
    pub(crate) fn make(options: &Options) -> Result<Self> {
        let binary = std::path::absolute(&options.binary)?;
        let beside = binary.parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix("sr-bench").tempdir_in(beside)?;
        Ok(Self { binary, folder })
    }

    /// Starts `subrosa serve` and waits for its first answer.
    pub(crate) fn serve(&self, words: &[&str]) -> Result<Server> {
        self.start(words, None)
    }

    /// The same with a fault planted, in a build that has any.
    pub(crate) fn serve_planted(&self, words: &[&str], plant: &str) -> Result<Server> {
        self.start(words, Some(plant))
    }

    fn start(&self, words: &[&str], plant: Option<&str>) -> Result<Server> {
        let address = free_address()?;
        let folder = self.folder.path();
        let log = fs::File::create(folder.join("server.log"))?;
        let begun = Instant::now();
        let child = Command::new(&self.binary)
            .env_clear()
            .envs(plant.map(|plant| ("SUBROSA_PLANT", plant)))
            .args(["serve", "--listen", &address.to_string(), "--log-level", "warn"])
            .arg("--data")
            .arg(self.data())
            .arg("--root-key")
            .arg(folder.join("root.key"))
            .arg("--checkpoint-dir")
            .arg(folder.join("checkpoints"))
            .args(words)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut server = Server { child, address, started_in: Duration::ZERO };
        while !is_live(address) {
            if server.child.try_wait()?.is_some() || begun.elapsed() > START_LIMIT {
                let log = fs::read_to_string(folder.join("server.log"))?;
                return Err(Failure::new(format!("subrosa serve did not start: {log}")));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Server {
    /// The processor time it has used so far, all threads together.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let mut nanos = 0_u64;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // The first number is the time on a processor, in nanoseconds: finer than the ticks of `stat`.
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Its memory, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        let kib = kib.ok_or_else(|| Failure::new("the process has no memory"))?;
        Ok(kib.parse::<u64>()? * 1024)
    }

    /// Waits until it does nothing: what was counted is written.
    pub(crate) fn settle(&self) -> Result<()> {
        let begun = Instant::now();
        let mut quiet = 0;
        // It writes once a second: quiet must last longer than that.
        while quiet < 12 {
            let before = self.cpu()?;
            std::thread::sleep(QUIET.0);
            quiet = if self.cpu()?.saturating_sub(before) <= QUIET.1 { quiet + 1 } else { 0 };
            if begun.elapsed() > QUIET_LIMIT {
                return Err(Failure::new("the server does not come to rest"));
            }
        }
        Ok(())
    }

    /// Asks it to end and waits for that.
    pub(crate) fn stop(mut self) -> Result<()> {
        let id = i32::try_from(self.child.id())?;
        let pid = rustix::process::Pid::from_raw(id).ok_or_else(|| Failure::new("no process"))?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("it ended with {status}"))) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a server answers there.
fn is_live(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: bench\r\n\r\n").ok()?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).ok()?;
        Some(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// An address nobody listens on. Another process may take it first; the server then fails to start, and says so.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// What the numbers were measured on: no name of it.
pub(crate) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(Path::new(path)).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = read("/proc/meminfo");
    let kib = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
    format!(
        "{cores} cores of {}, {} GiB, Linux {}",
        model.unwrap_or("an unknown model"),
        kib.unwrap_or(0) / (1024 * 1024),
        read("/proc/sys/kernel/osrelease").trim(),
    )
}
