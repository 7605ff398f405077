//! A file's bytes: as processes see them, and as the power going would leave them.

use super::Spared;

/// What a disk writes whole or not at all.
pub(crate) const SECTOR: usize = 512;

/// The bytes of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    /// What processes see.
    now: Vec<u8>,
    /// What the last sync made durable.
    kept: Vec<u8>,
    /// What was done since, in order.
    since: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Content {
    pub(super) const fn len(&self) -> usize {
        self.now.len()
    }

    /// What is there of a stretch.
    pub(super) fn read(&self, at: usize, size: usize) -> &[u8] {
        let end = at.saturating_add(size).min(self.now.len());
        self.now.get(at..end).unwrap_or_default()
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        put(&mut self.now, at, bytes);
        self.since.push(Change::Write(at, bytes.to_vec()));
    }

    pub(super) fn resize(&mut self, length: usize) {
        self.now.resize(length, 0);
        self.since.push(Change::Length(length));
    }

    /// Everything so far is durable.
    pub(super) fn sync(&mut self) {
        self.since.drain(..).for_each(|change| change.apply(&mut self.kept));
    }

    /// What is left. After each write since the last sync, each sector of it reaches the disk as it is by then, or does
    /// not; each change of length likewise. So a sector is as it was at some moment, and no two of the same moment.
    pub(super) fn after_cut(&self, spared: &mut Spared) -> Self {
        let (mut cached, mut left) = (self.kept.clone(), self.kept.clone());
        for change in &self.since {
            change.apply(&mut cached);
            match change {
                Change::Write(at, bytes) => {
                    for start in (at / SECTOR * SECTOR..at + bytes.len()).step_by(SECTOR) {
                        if spared.next() {
                            let end = cached.len().min(start + SECTOR);
                            put(&mut left, start, &cached[start..end]);
                        }
                    }
                }
                Change::Length(length) if spared.next() => left.resize(*length, 0),
                Change::Length(_) => {}
            }
        }
        Self { now: left.clone(), kept: left, since: Vec::new() }
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, new) => put(bytes, *at, new),
            Self::Length(length) => bytes.resize(*length, 0),
        }
    }
}

/// Writes a stretch, and zeros before it where the file was shorter.
fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    let end = at + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(new);
}
