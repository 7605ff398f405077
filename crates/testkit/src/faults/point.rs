//! The points at which the store meets the file system, and what can go wrong at each.

use rusqlite::ffi;
use std::fmt;

/// What is asked of the file system.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Call {
    /// Opens a file, making it where it is to be made.
    Open,
    /// Removes it.
    Delete,
    /// Looks whether it is there.
    Access,
    /// Reads from it.
    Read,
    /// Writes to it.
    Write,
    /// Cuts it.
    Truncate,
    /// Makes what was written to it durable.
    Sync,
    /// Makes the name of a new file durable: the sync of its folder, which goes with the file's first.
    SyncFolder,
    /// Asks how long it is.
    Size,
    /// Locks it.
    Lock,
    /// Maps the index of its log, making it longer where it is to be.
    MapIndex,
    /// Takes a lock of the index together with others: a reader's.
    ShareIndex,
    /// Takes a lock of the index alone: the writer's, and whoever folds the log back.
    OwnIndex,
}

/// Which of the store's files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum File {
    /// The database.
    Store,
    /// Its write-ahead log.
    Log,
    /// Its rollback journal, until it has a log.
    Journal,
    /// One that has no name and is gone when it is closed.
    Nameless,
}

/// A call about a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Point {
    /// What is asked.
    pub call: Call,
    /// Of which file.
    pub file: File,
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// The device fails.
    Io,
    /// There is no space.
    Full,
    /// There is space for half of it.
    Short,
    /// Somebody else holds the lock.
    Busy,
    /// The file system was made read-only.
    ReadOnly,
    /// The device does not answer until it is told to.
    Hang,
}

impl Point {
    /// A call about a file.
    #[must_use]
    pub const fn new(call: Call, file: File) -> Self {
        Self { call, file }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.call, self.file)
    }
}

impl Fault {
    /// What SQLite is told at this point; `None` where it does not happen.
    pub(super) const fn at(self, point: Point) -> Option<i32> {
        match self {
            Self::Io => Some(device_failed(point.call)),
            Self::Full => no_space(point.call),
            Self::Short | Self::Hang => match point.call {
                Call::Write => Some(ffi::SQLITE_FULL),
                _ => None,
            },
            Self::Busy => match point.call {
                Call::Lock | Call::ShareIndex | Call::OwnIndex => Some(ffi::SQLITE_BUSY),
                _ => None,
            },
            Self::ReadOnly => match point.call {
                Call::Write | Call::Truncate | Call::Delete | Call::MapIndex => {
                    Some(ffi::SQLITE_READONLY)
                }
                _ => None,
            },
        }
    }
}

const fn device_failed(call: Call) -> i32 {
    match call {
        Call::Open => ffi::SQLITE_CANTOPEN,
        Call::Delete => ffi::SQLITE_IOERR_DELETE,
        Call::Access => ffi::SQLITE_IOERR_ACCESS,
        Call::Read => ffi::SQLITE_IOERR_READ,
        Call::Write => ffi::SQLITE_IOERR_WRITE,
        Call::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
        Call::Sync => ffi::SQLITE_IOERR_FSYNC,
        Call::SyncFolder => ffi::SQLITE_IOERR_DIR_FSYNC,
        Call::Size => ffi::SQLITE_IOERR_FSTAT,
        Call::Lock => ffi::SQLITE_IOERR_LOCK,
        Call::MapIndex => ffi::SQLITE_IOERR_SHMMAP,
        Call::ShareIndex | Call::OwnIndex => ffi::SQLITE_IOERR_SHMLOCK,
    }
}

const fn no_space(call: Call) -> Option<i32> {
    match call {
        Call::Write | Call::Truncate => Some(ffi::SQLITE_FULL),
        Call::MapIndex => Some(ffi::SQLITE_IOERR_SHMSIZE),
        _ => None,
    }
}
