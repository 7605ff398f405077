//! Connections and their settings, and the files they keep, which only their owner may read.

use super::sql::failed;
use crate::{error::StoreError, port::Result};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use subrosa_plant::planted;

/// How long to wait for a lock. The data directory has one owner, so nobody should hold one: what does, is reported.
const LOCK_WAIT: Duration = Duration::from_millis(250);

/// Prepared statements kept per connection: all there are.
const STATEMENTS: usize = 128;

/// The owner alone.
const MODE: u32 = 0o600;

/// The settings of every connection. `trusted_schema` off: a tampered schema runs no function of ours.
/// `cell_size_check` on: damage is found where it is read.
const SETTINGS: &str = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
     PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;";

/// The committer's. `synchronous` FULL: what was answered survives the power going. `secure_delete` on: erased wraps
/// and values are overwritten in the file, not merely unlinked. The log is folded back every 16 MiB and cut to 64 MiB.
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4096; \
     PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384;";

/// A reader's: a small cache each, because what is hot is answered from memory before it comes here.
const READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -4096;";

/// A connection that changes nothing by being opened, to look at a file before deciding about it.
pub(super) fn inspect(path: &Path) -> Result<Connection> {
    if planted!("log-dropped-at-start") {
        let _ = fs::remove_file(path.with_extension("db-wal"));
    }
    let created = create(path).map_err(io_failed)?;
    let conn = open(path)?;
    if created {
        // The file's name must be as durable as what will be in it.
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_failed)?;
    }
    Ok(conn)
}

/// A connection for a look at a file that may turn out not to be ours to touch: it makes no file, and what is in the
/// write-ahead log stays there. `None` when there is no file.
pub(super) fn glance(path: &Path) -> Result<Option<Connection>> {
    if !path.try_exists().map_err(io_failed)? {
        return Ok(None);
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let keep_log = PathBuf::from(log).try_exists().map_err(io_failed)?;
    let conn = open(path)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep_log).map_err(failed)?;
    Ok(Some(conn))
}

/// Makes a connection the one that writes.
pub(super) fn make_writer(conn: &Connection, path: &Path) -> Result<()> {
    conn.execute_batch(WRITER).map_err(failed)?;
    if planted!("delete-insecure") {
        conn.execute_batch("PRAGMA secure_delete = OFF").map_err(failed)?;
    }
    if planted!("synchronous-normal") {
        conn.execute_batch("PRAGMA synchronous = NORMAL").map_err(failed)?;
    }
    if planted!("synchronous-off") {
        conn.execute_batch("PRAGMA synchronous = OFF").map_err(failed)?;
    }
    protect(path).map_err(io_failed)
}

/// A connection that can only read.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let conn = open(path)?;
    conn.execute_batch(READER).map_err(failed)?;
    Ok(conn)
}

/// Folds the write-ahead log back and empties it, unless a reader is in the way; says whether it did.
pub(super) fn empty_log(conn: &Connection) -> bool {
    let waiting = conn.busy_timeout(Duration::ZERO);
    let busy = conn
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        .unwrap_or(1);
    waiting.and_then(|()| conn.busy_timeout(LOCK_WAIT)).is_ok() && busy == 0
}

fn open(path: &Path) -> Result<Connection> {
    // Each connection belongs to one thread, so SQLite's own mutexes are of no use.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    conn.busy_timeout(LOCK_WAIT).map_err(failed)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(failed)?;
    // A plan does not depend on what is bound; otherwise some statements would be planned anew with every value.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    conn.execute_batch(SETTINGS).map_err(failed)?;
    Ok(conn)
}

/// Creates the file, readable by its owner from its first moment; says whether it was not there.
fn create(path: &Path) -> io::Result<bool> {
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sets the mode of the database and its two companions, whatever the umask or an earlier copy left.
fn protect(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::set_permissions(PathBuf::from(name), Permissions::from_mode(MODE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn io_failed(error: io::Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}
