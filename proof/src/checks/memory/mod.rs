//! What the server's memory holds after it was used: no value and no token any more, the root key in its one locked
//! page, and of every other key nothing that could be used without the library that holds its schedule.

mod cost;
mod keys;
mod maps;

use crate::{
    check::{Check, Context, Outcome},
    checks::canaries::{
        load::{Load, Then},
        needle::{Needles, spellings},
    },
    dice,
    served::{Home, Served},
};
use maps::{Found, Memory};
use nix::unistd::geteuid;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    thread,
    time::{Duration, Instant},
};

pub(crate) const CHECK: Check = Check {
    name: "memory",
    holds: "soon after use no value is in the server's memory, and no key where it is not meant",
    plants: &[
        "value-leaked",
        "no-wipe-on-free",
        "tenant-key-kept",
        "root-key-copied",
        "stack-kept",
    ],
    run,
};

/// How long a server may take to close an idle connection that carried a value: five seconds are promised.
const CLOSED_WITHIN: Duration = Duration::from_secs(30);

/// How long what belongs to a connection may outlive its end: its task is dropped after its socket.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// How often the load is gone through with a fault planted that leaves keys in frames which other calls may have used
/// by the time of the search.
const TRIES: u64 = 5;

/// What a page of a key must be, by the system's own words: locked, in no core, and wiped in a child.
const GUARDED: [&str; 3] = ["lo", "dd", "wf"];

fn run(context: &Context) -> Outcome {
    if !geteuid().is_root() {
        return Outcome::NotRun("the memory of a server is read by root".to_owned());
    }
    let seed = dice::seed();
    let home = Home::new(context.binary());
    let served = home.serve_with(&["--unknown-credentials-per-second", "0"]);
    let operations = context.many(2_000, 101_000, 1_000_000);
    let memory = Memory::of(served.pid());
    let (mut load, mut served) = (context.block_on(Load::begin(seed, &served)), Some(served));
    let (mut keys, mut searched) = (0, 0);
    for turn in 0..context.many(TRIES, 1, 1) {
        let works = load.run(served.take().expect("it runs"), operations, Then::Rest);
        let rested = served.insert(context.block_on(works).expect("nobody killed it"));
        idle_by_its_own_clock(&load, rested, turn);
        let (values, bytes) = soon_nothing(&memory, &load.needles());
        if !values.is_empty() {
            return Outcome::Violated(format!("seed {seed}: {}", summary(&values)));
        }
        keys = match keys_where_they_belong(&home, &memory) {
            Ok(keys) => keys,
            Err(how) => return Outcome::Violated(format!("seed {seed}: {how}")),
        };
        searched += bytes;
    }
    drop(served);
    let mut counts = load.counts();
    counts.extend([(keys, "keys looked for"), (searched >> 20, "MiB of memory")]);
    counts.extend(cost::measured(context));
    Outcome::Held(counts)
}

/// Waits until the server itself has closed a connection that carried a value and idled after everybody else's was
/// closed: then it has counted the seconds by its own clock.
fn idle_by_its_own_clock(load: &Load, served: &Served, turn: u64) {
    let mut kept = UnixStream::connect(served.socket()).expect("a connection");
    let key = format!("KEPT_OPEN_{turn}");
    let body = json!({ "key": key, "value": load.marker.text(1, 80) }).to_string();
    let head = "host: localhost\r\ncontent-type: application/json";
    let request = format!(
        "POST /v1/tenants/default/secrets HTTP/1.1\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    // Until the request is whole the server can but hold what came of it: the search finds what is there.
    let (most, last) = request.split_at(request.len() - 10);
    kept.write_all(most.as_bytes()).expect("most of a request");
    let (memory, needles) = (Memory::of(served.pid()), load.needles());
    let start = Instant::now();
    while memory.search(&needles).0.is_empty() {
        assert!(start.elapsed() < CLOSED_WITHIN, "a value is not found even where it is");
    }
    kept.write_all(last.as_bytes()).expect("the rest of it");
    let mut answer = [0; 8192];
    let count = kept.read(&mut answer).expect("an answer");
    let text = String::from_utf8_lossy(&answer[..count]).into_owned();
    assert!(text.starts_with("HTTP/1.1 201"), "{text}");
    kept.set_read_timeout(Some(CLOSED_WITHIN)).expect("a limit");
    assert_eq!(kept.read(&mut answer).expect("its end in time"), 0, "it was closed");
}

/// What is left of this when the connections' own ends are over.
fn soon_nothing(memory: &Memory, needles: &Needles) -> (Vec<Found>, u64) {
    let start = Instant::now();
    loop {
        let (found, searched) = memory.search(needles);
        if found.is_empty() || start.elapsed() > GONE_WITHIN {
            return (found, searched);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the root key is in one guarded page and nowhere else, and every other key nowhere; how many keys that were.
fn keys_where_they_belong(home: &Home, memory: &Memory) -> Result<u64, String> {
    let folder = home.path().join("keys");
    let root: [u8; 32] =
        fs::read(folder.join("root.key")).expect("a root key").try_into().expect("32 bytes");
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["store.db", "store.db-wal"] {
        // A store that was tidied up has no log.
        let _ = fs::copy(home.data.join(name), copy.path().join(name));
    }
    let others = keys::all(&copy.path().join("store.db"), &folder, &root);
    let (at_home, _) = memory.search(&Needles::exactly([(root.to_vec(), "root".to_owned())]));
    let [page] = &at_home[..] else {
        return Err(format!("the root key is in {} places of the memory", at_home.len()));
    };
    let flags = memory.flags(page.address);
    let guarded = GUARDED.iter().all(|flag| flags.iter().any(|one| one == flag));
    if !guarded {
        return Err(format!("the root key's page is not guarded: {}", flags.join(" ")));
    }
    // Halves, because half a key is half its secret; and of the root key every way of writing but the one in its page.
    let halves = others.iter().flat_map(|one| {
        one.key.chunks(16).map(|half| (half.to_vec(), format!("half of {}", one.name)))
    });
    let written = spellings(&root).into_iter().skip(1);
    let written = written.map(|(way, text)| (text, format!("the root key as {way}")));
    let (found, _) = memory.search(&Needles::exactly(halves.chain(written)));
    if found.is_empty() { Ok(others.len() as u64 + 1) } else { Err(summary(&found)) }
}

/// What was found where, and how often, in a line.
fn summary(found: &[Found]) -> String {
    let mut places: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for one in found {
        *places.entry((&one.what, &one.place)).or_default() += 1;
    }
    let lines: Vec<String> = places
        .iter()
        .map(|((what, place), times)| format!("{what} is {times} times in {place}"))
        .collect();
    lines.join("; ")
}
