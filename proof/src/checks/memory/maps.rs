//! The memory that a process can write, as root sees it.

use crate::checks::canaries::needle::Needles;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
};

/// How much is searched at a time.
const PIECE: u64 = 16 << 20;

/// The memory of a process.
pub(super) struct Memory(u32);

/// One mapping.
struct Mapping {
    from: u64,
    to: u64,
    name: String,
}

/// What was found, how often, and in which mapping.
pub(super) struct Found {
    pub(super) what: String,
    pub(super) place: String,
    pub(super) address: u64,
}

impl Memory {
    pub(super) const fn of(pid: u32) -> Self {
        Self(pid)
    }

    /// Everything of this that is anywhere in it, and how many bytes were searched.
    pub(super) fn search(&self, needles: &Needles) -> (Vec<Found>, u64) {
        let memory = File::open(format!("/proc/{}/mem", self.0));
        let mut memory = memory.expect("root reads the memory of a server");
        let (mut found, mut searched) = (BTreeMap::new(), 0);
        for mapping in self.mappings() {
            let mut from = mapping.from;
            while from < mapping.to {
                let bytes = piece(&mut memory, from, (mapping.to - from).min(PIECE));
                searched += bytes.len() as u64;
                for hit in needles.all_in(&bytes) {
                    let address = from + hit.at as u64;
                    found.insert((address, hit.what.to_owned()), mapping.name.clone());
                }
                // What is cut in two by the end of a piece is whole at the start of the next.
                let whole = from + PIECE >= mapping.to;
                from += if whole { PIECE } else { PIECE - needles.longest() as u64 };
            }
        }
        let found = found.into_iter();
        let found = found.map(|((address, what), place)| Found { what, place, address }).collect();
        (found, searched)
    }

    /// What the system says of the mapping that an address is in: `lo` for locked, `dd` for kept out of cores, `wf` for
    /// wiped in a child.
    pub(super) fn flags(&self, address: u64) -> Vec<String> {
        let text = fs::read_to_string(format!("/proc/{}/smaps", self.0)).expect("its mappings");
        let mut inside = false;
        for line in text.lines() {
            if let Some((from, to)) = range(line) {
                inside = (from..to).contains(&address);
            }
            if let (true, Some(flags)) = (inside, line.strip_prefix("VmFlags:")) {
                return flags.split_whitespace().map(str::to_owned).collect();
            }
        }
        Vec::new()
    }

    fn mappings(&self) -> Vec<Mapping> {
        let text = fs::read_to_string(format!("/proc/{}/maps", self.0)).expect("its mappings");
        let writable = text.lines().filter(|line| {
            line.split_whitespace().nth(1).is_some_and(|rights| rights.contains('w'))
        });
        let mapping = |line: &str| {
            let (from, to) = range(line)?;
            let name = line.split_whitespace().nth(5).unwrap_or("memory without a name");
            Some(Mapping { from, to, name: name.to_owned() })
        };
        writable.filter_map(mapping).collect()
    }
}

/// What there is of these addresses: a guard page cannot be read, and nothing can be found in it.
fn piece(memory: &mut File, from: u64, length: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if memory.seek(SeekFrom::Start(from)).is_ok() {
        let _ = memory.take(length).read_to_end(&mut bytes);
    }
    bytes
}

/// The addresses in the first line of what is said of a mapping.
fn range(line: &str) -> Option<(u64, u64)> {
    let (from, to) = line.split_whitespace().next()?.split_once('-')?;
    let hex = |text| u64::from_str_radix(text, 16).ok();
    Some((hex(from)?, hex(to)?))
}
