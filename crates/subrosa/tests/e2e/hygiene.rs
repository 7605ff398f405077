//! Where values must not be: in a core, in another process's reach, in logs, on the disk, in memory that is done with.

use crate::harness::{Door, Home, Server, eventually, has, is_root, not_run, run};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rustix::process::Signal;
use serde_json::json;
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::process::ExitStatusExt,
    process::Command,
    time::Duration,
};

/// Looked for everywhere. Long enough that no chance makes it, and unlike anything the product says.
const CANARY: &str = "Kanarienvogel-7f3a91c2e5-zwitschert";

/// The ways in which the canary could be written down: as it is, in hex, and in base64 wherever it may begin in a group
/// of three.
fn spellings() -> Vec<Vec<u8>> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![CANARY.into(), hex.to_uppercase().into(), hex.into()];
    for skip in 0..3 {
        let whole = &CANARY.as_bytes()[skip..];
        let whole = &whole[..whole.len() / 3 * 3];
        let text = STANDARD_NO_PAD.encode(whole);
        all.push(text.replace('+', "-").replace('/', "_").into());
        all.push(text.into());
    }
    all
}

#[track_caller]
fn has_no_canary(what: &str, bytes: &[u8]) {
    for spelling in spellings() {
        let found = bytes.windows(spelling.len()).any(|window| window == spelling);
        assert!(!found, "{what} has the canary as {}", String::from_utf8_lossy(&spelling));
    }
}

/// Lets the canary pass through every kind of call, also through those that are refused.
fn pass_the_canary_through(home: &Home, server: &Server) {
    home.with_value(CANARY, &["set", "A"]).done();
    home.with_value(CANARY, &["set", "STRICT", "--sensitivity", "regulated"]).done();
    home.with_value(CANARY, &["set", "SEALED", "--use-only"]).done();
    home.with_value(CANARY, &["publish", "A"]).done();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), CANARY);
    assert_eq!(home.subrosa(&["get", "STRICT"]).done().text(), CANARY);
    home.subrosa(&["get", "SEALED"]).refused(6, "use-only");
    home.subrosa(&["run", "--", "true"]).done();
    home.subrosa(&["key", "rotate"]).done();
    home.subrosa(&["rollback", "A", "--to", "1", "--yes"]).done();
    let secrets = "/v1/tenants/default/secrets";
    let bodies = [
        json!({ "key": CANARY, "value": [CANARY] }),
        json!({ "key": format!("{CANARY} "), "value": CANARY }),
        json!({ "key": "B", "value": CANARY, CANARY: CANARY }),
        json!({ "key": "B", "value": CANARY, "sensitivity": CANARY }),
        json!({ "key": "B", "valueBase64": CANARY }),
        json!({ "key": "A", "value": CANARY }),
        json!([CANARY]),
    ];
    for door in [Door::Socket(home.socket()), server.tcp()] {
        for body in &bodies {
            let answer = door.post(secrets, body).unwrap();
            assert!((400..500).contains(&answer.status), "{answer:?}");
            has_no_canary("an answer", &answer.body);
        }
        for path in [
            format!("{secrets}/{CANARY}"),
            format!("/v1/tenants/default/{CANARY}?{CANARY}={CANARY}"),
        ] {
            has_no_canary("an answer's head", door.get(&path).head.as_bytes());
        }
    }
    let mut remote = home.command(&["--server", &server.url(), "--tenant", "default", "ls"]);
    run(remote.env("SUBROSA_TOKEN", CANARY)).refused(4, "unauthenticated");
}

#[test]
fn no_log_at_any_level_and_no_file_of_the_data_has_a_value() {
    let home = Home::new();
    let mut serving = home.serving(&["--log-level", "trace"]);
    serving.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    let server = Server::start(serving);
    pass_the_canary_through(&home, &server);
    home.subrosa(&["audit", "verify"]).done();
    for (path, (_, bytes)) in home.image() {
        has_no_canary(&path.display().to_string(), &bytes);
    }
    server.signal(Signal::KILL);
    let ended = server.ended();
    has_no_canary("stdout", ended.out.as_bytes());
    has_no_canary("stderr", ended.err.as_bytes());
    let ended = Server::start(home.serving(&["--log-level", "trace"])).stop();
    has_no_canary("stderr", ended.err.as_bytes());
    for (path, (_, bytes)) in home.image() {
        has_no_canary(&path.display().to_string(), &bytes);
    }
}

#[test]
fn the_canary_would_be_found_in_each_of_its_spellings() {
    for spelling in spellings() {
        let text = [b"before ", spelling.as_slice(), b" after"].concat();
        assert!(std::panic::catch_unwind(|| has_no_canary("this text", &text)).is_err());
    }
}

#[test]
fn a_minted_token_is_in_no_log_and_in_no_file_of_the_data() {
    let home = Home::new();
    let server = home.serve_with(&["--log-level", "trace"]);
    let minted = home.subrosa(&["token", "create", "--name", "t", "--preset", "admin"]).done();
    let token = minted.text().trim().to_owned();
    let mut remote = home.command(&["--server", &server.url(), "--tenant", "default", "ls"]);
    run(remote.env("SUBROSA_TOKEN", &token)).done();
    let secret = token.rsplit('_').next().unwrap().as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    for (path, (_, bytes)) in home.image() {
        assert!(!holds(&bytes), "{path:?}");
    }
    let ended = server.stop();
    assert!(!holds(ended.out.as_bytes()) && !holds(ended.err.as_bytes()), "{ended:?}");
}

/// A server of a user without privileges, if this machine can make one.
fn unprivileged(test: &str) -> Option<Home> {
    if !is_root() || !has("setpriv") {
        not_run(test, "becoming another user takes root and setpriv");
        return None;
    }
    Some(Home::of_nobody())
}

/// Whether a process of the home's user can open another's memory.
fn can_open_memory(home: &Home, pid: u32) -> bool {
    let open = format!("exec 3</proc/{pid}/mem");
    run(&mut home.program(&["sh", "-c", &open])).code == 0
}

/// Whether a process of the home's user can attach to another as a debugger does; nothing where there is none to try.
fn can_trace(home: &Home, pid: u32) -> Option<bool> {
    let attach = format!(
        "import ctypes, sys\nlibc = ctypes.CDLL(None, use_errno=True)\n\
         sys.exit(0 if libc.ptrace(16, {pid}, None, None) == 0 else 9)"
    );
    match run(&mut home.program(&["/usr/bin/python3", "-c", &attach])).code {
        0 => Some(true),
        9 => Some(false),
        _ => None,
    }
}

#[test]
fn another_process_of_the_same_user_can_neither_read_nor_trace_the_server() {
    let Some(home) = unprivileged("hygiene: reading and tracing") else { return };
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    // The same reach, on a process that does nothing against it.
    let open = crate::harness::Reaped(home.program(&["sleep", "600"]).spawn().unwrap());
    let open = (open.0.id(), open);
    eventually("the other process's own name", || {
        let name = fs::read_to_string(format!("/proc/{}/comm", open.0)).unwrap();
        (name == "sleep\n").then_some(())
    });
    assert!(can_open_memory(&home, open.0), "the reader can read nothing at all");
    assert!(!can_open_memory(&home, server.pid()), "the server's memory can be read");
    let files = format!("ls -l /proc/{}/fd /proc/{}/environ", server.pid(), server.pid());
    let read = format!("cat /proc/{}/environ; {files}", server.pid());
    assert!(run(&mut home.program(&["sh", "-c", &read])).code != 0);
    match can_trace(&home, open.0) {
        Some(true) => assert_eq!(can_trace(&home, server.pid()), Some(false)),
        Some(false) => not_run("hygiene: tracing", "no process here may trace another"),
        None => not_run("hygiene: tracing", "there is no python3 to trace with"),
    }
}

#[test]
fn a_crash_leaves_no_core_even_where_cores_are_asked_for() {
    let Some(home) = unprivileged("hygiene: cores") else { return };
    let with_cores = |command: &Command| {
        let mut words = vec!["sh", "-c", "ulimit -c unlimited; exec \"$@\"", "sh"];
        words.push(command.get_program().to_str().unwrap());
        words.extend(command.get_args().map(|word| word.to_str().unwrap()));
        let mut outer = Command::new(words[0]);
        outer.args(&words[1..]).current_dir(home.path());
        outer.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        outer
    };
    let mut asleep =
        crate::harness::Reaped(with_cores(&home.program(&["sleep", "600"])).spawn().unwrap());
    let pid = rustix::process::Pid::from_child(&asleep.0);
    eventually("sleep", || {
        let name = fs::read_to_string(format!("/proc/{}/comm", asleep.0.id())).unwrap();
        (name == "sleep\n").then_some(())
    });
    rustix::process::kill_process(pid, Signal::SEGV).unwrap();
    let status = eventually("its end", || asleep.0.try_wait().unwrap());
    if !status.core_dumped() {
        not_run("hygiene: cores", "this machine leaves no cores of anyone");
    }
    for signal in [Signal::SEGV, Signal::ABORT, Signal::BUS] {
        let server = Server::start(with_cores(&home.serving(&[])));
        home.with_value(CANARY, &["set", "A"]).done();
        // The first SEGV may be taken for an overflow of a stack that it is not, and asked for again.
        eventually("the crash", || {
            server.signal(signal);
            let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
            stat.rsplit_once(") ").unwrap().1.starts_with('Z').then_some(())
        });
        let ended = server.ended();
        assert_eq!(ended.status.signal(), Some(signal.as_raw()), "{ended:?}");
        assert!(!ended.status.core_dumped(), "{ended:?}");
    }
    let left = fs::read_dir(home.path()).unwrap();
    let cores = left
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("core"));
    // The sleeper's own core may be there: it lies where the server's would have.
    assert!(cores.count() <= 1);
}

/// Whether these bytes are anywhere in the memory that a process can write.
fn in_memory(pid: u32, wanted: &[u8]) -> bool {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{pid}/mem")).unwrap();
    maps.lines().filter(|line| line.contains(" rw")).any(|line| {
        let (range, _) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        memory.seek(SeekFrom::Start(from)).unwrap();
        let mut bytes = Vec::new();
        // A guard page or a device cannot be read; then nothing is there to be found.
        let _ = Read::by_ref(&mut memory).take(to - from).read_to_end(&mut bytes);
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[test]
fn soon_after_it_was_used_a_value_is_nowhere_in_the_servers_memory() {
    if !is_root() {
        return not_run("hygiene: memory", "looking into the server takes root");
    }
    let home = Home::new();
    let server = home.serve();
    pass_the_canary_through(&home, &server);
    // A caller who keeps its connection open after it has sent the value.
    let mut kept = std::os::unix::net::UnixStream::connect(home.socket()).unwrap();
    let body = json!({ "key": "KEPT_OPEN", "value": CANARY }).to_string();
    let head = "POST /v1/tenants/default/secrets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    let length = body.len();
    kept.write_all(format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = [0; 8192];
    let count = kept.read(&mut answer).unwrap();
    assert!(answer[..count].starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer));
    // It is closed long before an idle connection would be, and with it goes the buffer that read the value.
    kept.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert_eq!(kept.read(&mut answer).unwrap(), 0);
    // The search finds what is there: the name of a secret, which the server keeps at hand.
    assert!(in_memory(server.pid(), b"STRICT"));
    eventually("memory without the value", || {
        (!in_memory(server.pid(), CANARY.as_bytes())).then_some(())
    });
}
