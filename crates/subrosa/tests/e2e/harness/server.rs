//! A running server.

use super::{Door, eventually, process::Reaped};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

/// A server that is ready. Dropping it kills it.
pub(crate) struct Server {
    child: Reaped,
    said: Said,
    logged: Said,
    readers: Vec<thread::JoinHandle<()>>,
    /// Where it listens: what it printed, without the scheme.
    pub(crate) address: SocketAddr,
}

type Said = Arc<Mutex<String>>;

/// How a server ended, and everything it ever said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Reaped(command.spawn().unwrap());
        let (said, logged) = (Said::default(), Said::default());
        let readers = vec![
            keep(child.0.stdout.take().unwrap(), Arc::clone(&said)),
            keep(child.0.stderr.take().unwrap(), Arc::clone(&logged)),
        ];
        let address = eventually("the server's start", || {
            let ended = child.0.try_wait().unwrap();
            assert!(ended.is_none(), "it did not start: {ended:?} {}", logged.lock().unwrap());
            let said = said.lock().unwrap();
            let whole = said.contains("Ctrl-C stops") || said.contains("Listening on");
            whole.then(|| address(&said))
        });
        Self { child, said, logged, readers, address }
    }

    /// What it printed when it started.
    pub(crate) fn welcome(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Its TCP door.
    pub(crate) fn tcp(&self) -> Door {
        Door::Tcp(self.address)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // One that has ended cannot be told anything any more.
        let _ = kill_process(Pid::from_child(&self.child.0), signal);
    }

    /// Asks it to stop, and sees it end well.
    #[track_caller]
    pub(crate) fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        let ended = self.ended();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        ended
    }

    /// Ends it as a power cut would.
    #[track_caller]
    pub(crate) fn kill(self) {
        self.signal(Signal::KILL);
        let ended = self.ended();
        assert_eq!(ended.status.signal(), Some(9), "{ended:?}");
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ended {
        let status = eventually("the server's end", || self.child.0.try_wait().unwrap());
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        let [out, err] = [&self.said, &self.logged].map(|said| said.lock().unwrap().clone());
        Ended { status, out, err }
    }
}

fn keep(from: impl std::io::Read + Send + 'static, said: Said) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).unwrap() > 0 {
            said.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

#[track_caller]
fn address(said: &str) -> SocketAddr {
    let (_, after) = said.split_once("://").expect("an address");
    after.split_whitespace().next().unwrap().parse().unwrap()
}
