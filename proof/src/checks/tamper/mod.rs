//! Whatever is done to an export is found, and found where it was done, with nothing but the file and a public key.
//!
//! The export is made here, by the deployment's own sealers, with lanes as several nodes would have written them. Its
//! attackers can do what anybody can who has the file: change it, and link events anew; they cannot sign.

mod attack;
mod export;
mod forged;

use crate::{
    check::{Check, Context, Outcome},
    dice::{self, Dice},
    holds,
};
use attack::{Attack, Kind, Place};
use export::{Export, House};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};
use subrosa_crypto::export_lines::{self, ExportFault};

pub(crate) const CHECK: Check = Check {
    name: "tamper",
    holds: "a change to an exported log is found where it is",
    plants: &[
        "link-unchecked",
        "checkpoint-unchecked",
        "checkpoints-uncounted",
        "end-unchecked",
        "lanes-in-any-order",
        "line-end-unread",
        "members-passed-over",
    ],
    run,
};

const EVENTS: u64 = 2_000;
const LANES: u32 = 4;
const CHECKPOINTS: u64 = 3;

/// The most memory that a check of a long export may take, in KiB: it never holds the export. How long it may take, ten
/// seconds, is told and not asserted.
const MEMORY_MOST: u64 = 200_000;

/// What a program came to.
struct Checked {
    found: Result<(), Place>,
    took: Duration,
    /// The most it had, in KiB.
    memory: u64,
}

fn run(context: &Context) -> Outcome {
    let seed = dice::seed();
    let house = context.block_on(House::new());
    let export = house.export(EVENTS, LANES, CHECKPOINTS);
    let found = in_process(&house, export.text.as_slice());
    holds!(found.is_ok(), "an export that nobody touched is called {found:?}");

    let many = usize::try_from(context.many(600, 10_000, 100_000)).unwrap();
    let missed = each(many, |_, at| {
        let attack = drawn(&house, &export, seed, at);
        let how = attack.missed(&in_process(&house, &attack.text(&export)))?;
        Some(format!("attack {at}: {how}"))
    });
    if let Some(how) = missed {
        return Outcome::Violated(how);
    }
    let counts = match by_program(context, &house, seed) {
        Ok(counts) => counts,
        Err(how) => return Outcome::Violated(how),
    };
    Outcome::Held([vec![(many as u64, "attacks")], counts].concat())
}

/// The attack of this number: every kind in turn, and bits between them.
fn drawn(house: &House, export: &Export, seed: u64, at: usize) -> Attack {
    let mut dice = Dice::new(seed, at as u64);
    let turn = (at / 2) % Kind::ALL.len();
    let kind = if at.is_multiple_of(2) { Kind::ALL[turn] } else { Kind::Bit };
    Attack::draw(kind, house, export, &mut dice)
}

/// The same by the program, on a long export.
fn by_program(
    context: &Context,
    house: &House,
    seed: u64,
) -> Result<Vec<(u64, &'static str)>, String> {
    let events = context.many(EVENTS, 1_000_000, 1_000_000);
    let export = house.export(events, LANES, CHECKPOINTS);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.ndjson");
    fs::write(&path, &export.text).unwrap();
    let Checked { found, took, memory } = program(context, house, &path);
    if found.is_err() {
        return Err(format!("a long export that nobody touched is called {found:?}"));
    }
    let seen = context.is_control() || memory > 0;
    assert!(seen, "the program ended before its memory was looked at");
    if memory > MEMORY_MOST {
        return Err(format!("to check {events} events takes {memory} KiB of memory"));
    }
    let many = usize::try_from(context.many(2, 20, 40)).unwrap();
    let missed = each(many, |worker, at| {
        let path = folder.path().join(format!("attack{worker}.ndjson"));
        let mut dice = Dice::new(seed ^ events, at as u64);
        let attack = Attack::draw(Kind::ALL[at % Kind::ALL.len()], house, &export, &mut dice);
        fs::write(&path, attack.text(&export)).unwrap();
        let how = attack.missed(&program(context, house, &path).found)?;
        Some(format!("attack {at} on a long one: {how}"))
    });
    match missed {
        Some(how) => Err(how),
        None => Ok(vec![
            (many as u64, "attacks on a long one"),
            (events, "events of it"),
            (u64::try_from(took.as_millis()).unwrap(), "ms to check it, of 10,000"),
            (memory, "KiB of memory for that, of 200,000"),
        ]),
    }
}

/// Tries so many, two at a time, until one was missed: what it says of that. A try is told by which of the two it is.
fn each(many: usize, tries: impl Fn(usize, usize) -> Option<String> + Sync) -> Option<String> {
    let next = AtomicUsize::new(0);
    let work = |worker: usize| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= many {
                return None;
            }
            if let Some(how) = tries(worker, at) {
                next.store(many, Ordering::Relaxed);
                return Some(how);
            }
        }
    };
    thread::scope(|scope| {
        let workers = [scope.spawn(|| work(0)), scope.spawn(|| work(1))];
        workers.into_iter().find_map(|worker| worker.join().unwrap())
    })
}

/// What the check itself says of a file.
fn in_process(house: &House, text: &[u8]) -> Result<(), Place> {
    match export_lines::check(text, Some(&house.key())) {
        Ok(_) => Ok(()),
        Err(ExportFault::Broken(fault)) => Err(Place::At(fault.lane, fault.seq)),
        Err(ExportFault::NoExport | ExportFault::OtherKey) => Err(Place::Start),
        Err(ExportFault::Unreadable(error)) => panic!("{error}"),
    }
}

/// What the program says of a file, and what it took to say so.
fn program(context: &Context, house: &House, path: &Path) -> Checked {
    let mut command = Command::new(context.binary());
    command.env_clear().args(["audit", "verify", "--json", "--export"]).arg(path);
    command.envs(std::env::var_os("SUBROSA_PLANT").map(|plant| ("SUBROSA_PLANT", plant)));
    command.args(["--key", &house.key().to_string()]);
    let started = Instant::now();
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.expect("it starts");
    // Asked for while it runs: what the system tells afterwards counts in the memory of this process, which it was
    // started from.
    let mut memory = 0;
    while child.try_wait().expect("it is ours").is_none() {
        memory = peak(child.id()).unwrap_or(memory);
        thread::sleep(Duration::from_millis(1));
    }
    let took = started.elapsed();
    let output = child.wait_with_output().expect("it has ended");
    let found = if output.status.success() { Ok(()) } else { Err(place(&output)) };
    Checked { found, took, memory }
}

/// The most memory that a process has had so far, in KiB; `None` once it has ended.
fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse().ok()
}

/// Where the program says that a file was changed.
fn place(output: &Output) -> Place {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said: Value = serde_json::from_slice(&said).expect("one document");
    let text = said.to_string();
    let number = |after: &str| {
        let rest = text.split_once(after)?.1;
        rest.split(|one: char| !one.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    match (number("first at lane "), number(", place ")) {
        (Some(lane), Some(seq)) => Place::At(u32::try_from(lane).unwrap(), seq),
        _ => {
            assert!(text.contains("export-unusable"), "{text}");
            Place::Start
        }
    }
}
