//! Nobody but root looks into the server: not another process of its own user, and not by the core of a crash.

use crate::{
    check::{Check, Context, Outcome},
    holds,
    served::{Home, Served},
};
use nix::{
    sys::{
        ptrace,
        resource::{RLIM_INFINITY, Resource, setrlimit},
        signal::{Signal, kill},
        uio::{RemoteIoVec, process_vm_readv},
    },
    unistd::{Pid, geteuid},
};
use std::{
    fs::{self, File},
    io::{IoSliceMut, Read, Seek, SeekFrom},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, ExitCode},
    thread,
    time::{Duration, Instant},
};

pub(crate) const CHECK: Check = Check {
    name: "ptrace",
    holds: "no process of the server's own user reads or traces it, and no crash leaves a core",
    plants: &["dumpable", "core-allowed"],
    run,
};

/// How long a process may take to become what it was started as, or to end.
const LIMIT: Duration = Duration::from_secs(30);

/// Every way into another process, by the names that [`reaches`] prints.
const WAYS: [&str; 5] = ["attach", "mem", "readv", "environ", "maps"];

fn run(context: &Context) -> Outcome {
    let root = geteuid().is_root();
    let home = if root { Home::of_nobody(context.binary()) } else { Home::new(context.binary()) };
    // Whoever starts the server would have cores.
    setrlimit(Resource::RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY).expect("cores can be asked for");
    let tracer = home.path().join("tracer");
    fs::copy(std::env::current_exe().expect("this program has a path"), &tracer).expect("a copy");

    // The same reach on a process that does nothing against it: else a refusal would mean nothing.
    let open = Sleeper::of(&home);
    let reached = reach(&home, &tracer, open.pid());
    assert_eq!(reached, WAYS, "a process that is open can be reached in every way");
    let served = home.serve();
    let reached = reach(&home, &tracer, served.pid());
    holds!(reached.is_empty(), "a process of the same user can: {}", reached.join(" "));
    let limits = fs::read_to_string(format!("/proc/{}/limits", served.pid())).expect("limits");
    let cores = limits.lines().find(|line| line.starts_with("Max core file size"));
    let cores: Vec<&str> = cores.expect("a limit on cores").split_whitespace().collect();
    holds!(cores[4..6] == ["0", "0"], "cores of the server may be {} bytes", cores[4]);

    let leaves_cores = open.ends_by(Signal::SIGSEGV);
    let before = cores_in(&home);
    let mut served = Some(served);
    let signals = [Signal::SIGSEGV, Signal::SIGABRT, Signal::SIGBUS, Signal::SIGKILL];
    for signal in signals {
        let server: Served = served.take().unwrap_or_else(|| home.serve());
        let status = server.ended_by(signal);
        assert_eq!(status.signal(), Some(signal as i32), "it ended otherwise");
        holds!(!status.core_dumped(), "{signal} left a core");
    }
    holds!(cores_in(&home) == before, "a crash left a core");
    if !leaves_cores {
        println!("ptrace: no process leaves cores here, so that of the server's proves little");
    }
    Outcome::Held(vec![(WAYS.len() as u64, "ways in"), (signals.len() as u64, "crashes")])
}

/// In which ways a process of the home's user reaches into another.
fn reach(home: &Home, tracer: &Path, pid: u32) -> Vec<String> {
    let mapping = fs::read_to_string(format!("/proc/{pid}/maps")).expect("its mappings");
    let readable = mapping.lines().find(|line| line.contains(" rw")).expect("memory of its own");
    let address = readable.split('-').next().expect("an address");
    let mut command = home.program(tracer);
    let said = command.args(["reach", &pid.to_string(), address]).output().expect("it starts");
    assert!(said.status.success(), "{said:?}");
    String::from_utf8_lossy(&said.stdout).split_whitespace().map(str::to_owned).collect()
}

/// The other side of [`reach`], as a process of its own: prints every way in which it gets into this one.
pub(crate) fn reaches(pid: &str, address: &str) -> ExitCode {
    let at = u64::from_str_radix(address, 16).expect("an address");
    let process = Pid::from_raw(pid.parse().expect("a process id"));
    let mut bytes = [0; 16];
    let mut by_mem = || {
        let mut memory = File::open(format!("/proc/{pid}/mem"))?;
        memory.seek(SeekFrom::Start(at))?;
        memory.read_exact(&mut bytes)
    };
    let mem = by_mem().is_ok();
    let remote = [RemoteIoVec { base: usize::try_from(at).expect("an address"), len: 16 }];
    let readv = process_vm_readv(process, &mut [IoSliceMut::new(&mut bytes)], &remote).is_ok();
    let reads = |name: &str| fs::read(format!("/proc/{pid}/{name}")).is_ok();
    let (environ, maps) = (reads("environ"), reads("maps"));
    let attach = ptrace::seize(process, ptrace::Options::empty()).is_ok();
    for (name, done) in WAYS.into_iter().zip([attach, mem, readv, environ, maps]) {
        if done {
            println!("{name}");
        }
    }
    ExitCode::SUCCESS
}

/// A process of the home's user that does nothing.
struct Sleeper(Child);

impl Sleeper {
    fn of(home: &Home) -> Self {
        let child = home.program(Path::new("/bin/sleep")).arg("600").spawn().expect("it starts");
        let sleeper = Self(child);
        let name = format!("/proc/{}/comm", sleeper.pid());
        until(|| (fs::read_to_string(&name).is_ok_and(|name| name == "sleep\n")).then_some(()));
        sleeper
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Ends it by a signal; whether that left a core.
    fn ends_by(mut self, signal: Signal) -> bool {
        let pid = Pid::from_raw(self.pid().try_into().expect("a process id"));
        kill(pid, signal).expect("it is there");
        until(|| self.0.try_wait().expect("it is ours")).core_dumped()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How many cores are in the home's folder, which is where its programs are.
fn cores_in(home: &Home) -> usize {
    let entries = fs::read_dir(home.path()).expect("the home").flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("core")).count()
}

fn until<T>(mut ready: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(ready) = ready() {
            return ready;
        }
        assert!(start.elapsed() < LIMIT, "it took too long");
        thread::sleep(Duration::from_millis(2));
    }
}
