//! What the disk can do at best: 4 KiB written and made durable, one after another.

use crate::failure::Result;
use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

const BLOCK: [u8; 4096] = [0x5a; 4096];

/// Blocks of the file that is written round and round: allocated once, so that only data is made durable.
const BLOCKS: u64 = 4096;

/// A file on the disk that is measured.
pub(crate) struct Disk {
    file: File,
    next: u64,
}

impl Disk {
    /// A file in this folder.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let path = folder.join("fdatasync");
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
        for _ in 0..BLOCKS {
            file.write_all(&BLOCK)?;
        }
        file.sync_all()?;
        Ok(Self { file, next: 0 })
    }

    /// How many blocks were made durable in this time, and how long it really was.
    pub(crate) fn syncs(&mut self, time: Duration) -> Result<(u64, Duration)> {
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < time {
            self.file.seek(SeekFrom::Start(self.next % BLOCKS * 4096))?;
            self.file.write_all(&BLOCK)?;
            self.file.sync_data()?;
            self.next += 1;
            count += 1;
        }
        Ok((count, start.elapsed()))
    }
}
