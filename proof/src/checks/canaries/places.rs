//! Where a server could leave something behind: every file of its home, and what the system tells of its process.

use super::needle::{Marker, Needles, spellings};
use crate::served::Home;
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

/// How much of a file is searched at a time.
const PIECE: usize = 4 << 20;

/// Searches every file below a folder, and says in which one something is.
pub(super) fn files(needles: &Needles, folder: &Path) -> Result<u64, String> {
    let mut bytes = 0;
    for path in all_below(folder) {
        // A server at work may take away a file between its name and its bytes.
        let Ok(file) = File::open(&path) else { continue };
        bytes += whole(needles, file).map_err(|what| format!("{} has {what}", path.display()))?;
    }
    Ok(bytes)
}

/// Searches what the system tells of a process, and files that it has open and that have no name any more.
pub(super) fn process(needles: &Needles, pid: u32) -> Result<(), String> {
    let at = PathBuf::from(format!("/proc/{pid}"));
    for name in ["cmdline", "environ", "comm"] {
        let text = fs::read(at.join(name)).expect("what a process of ours was started with");
        if let Some(what) = needles.found_in(&text) {
            return Err(format!("{name} has {what}"));
        }
    }
    for open in fs::read_dir(at.join("fd")).expect("what a process of ours has open") {
        let open = open.expect("a name").path();
        let link = fs::read_link(&open).unwrap_or_default();
        let nameless = link.to_string_lossy().ends_with("(deleted)");
        let file = fs::metadata(&open).is_ok_and(|found| found.is_file());
        if let (true, true, Ok(file)) = (nameless, file, File::open(&open)) {
            whole(needles, file).map_err(|what| format!("a deleted file has {what}"))?;
        }
    }
    Ok(())
}

/// Whether the search finds a marker in a file, however it is written and wherever it begins. If not, nothing that this
/// check says means anything.
pub(super) fn prove(home: &Home, marker: &Marker) {
    let needles = &Needles::of([("a value", marker.as_str().as_bytes())]);
    let folder = home.path().join("planted");
    fs::create_dir(&folder).expect("a folder");
    for (way, text) in spellings(marker.as_str().as_bytes()) {
        // Over the border between two pieces, which is where a search by pieces could be blind.
        for before in [0, 1, PIECE - text.len() / 2, PIECE - 1] {
            let planted = [vec![b'.'; before], text.clone(), b"...".to_vec()].concat();
            fs::write(folder.join("file"), planted).expect("a file");
            assert!(files(needles, &folder).is_err(), "{way} after {before} bytes is not found");
        }
    }
    let value = marker.text(7, 64);
    for cut in 0..16 {
        let piece = &value[cut..cut + 27];
        assert!(needles.found_in(piece.as_bytes()).is_some(), "a piece from {cut} is not found");
    }
    fs::remove_dir_all(&folder).expect("the folder");
    files(needles, home.path()).expect("no value was sent yet");
}

fn whole(needles: &Needles, mut file: impl Read) -> Result<u64, String> {
    let overlap = needles.longest();
    let mut piece = Vec::with_capacity(PIECE + overlap);
    let mut total = 0;
    loop {
        let read = Read::by_ref(&mut file).take(PIECE as u64).read_to_end(&mut piece);
        let read = read.expect("a file of ours can be read");
        total += read as u64;
        if let Some(what) = needles.found_in(&piece) {
            return Err(what.to_owned());
        }
        if read == 0 {
            return Ok(total);
        }
        let done = piece.len().saturating_sub(overlap);
        piece.drain(..done);
    }
}

fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of ours") {
        let entry = entry.expect("a name");
        match entry.file_type().expect("what it is") {
            kind if kind.is_dir() => all.extend(all_below(&entry.path())),
            kind if kind.is_file() => all.push(entry.path()),
            _ => {}
        }
    }
    all
}
