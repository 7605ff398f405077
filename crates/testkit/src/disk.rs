//! What is on disk: looking at the rows beside the server, changing them behind its back, and the disk as a kill
//! leaves it.

use crate::{Stopped, TestServer};
use rusqlite::{Connection, OpenFlags, types::Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Tables that a refusal may write to: its own record, the notes that a credential was presented, and where the
/// record stood when the deployment last looked, which it does by itself every second.
const NOTES: [&str; 10] = [
    "activities",
    "anchor_checkpoints",
    "anchors",
    "audit_events",
    "audit_heads",
    "audit_subjects",
    "checkpoints",
    "runs",
    "sqlite_sequence",
    "token_uses",
];

/// Tables that a reveal notes its reader in, as a row begins.
const READERS: [&str; 2] = ["secret_readers ", "secret_uses "];

impl TestServer {
    /// Every row but those of [`NOTES`], as text: two equal answers mean that nothing changed in between.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let conn =
            Connection::open_with_flags(self.store_file(), OpenFlags::SQLITE_OPEN_READ_WRITE)
                .unwrap();
        conn.execute_batch("PRAGMA query_only = ON").unwrap();
        let mut tables =
            conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let tables = tables.map(Result::unwrap).filter(|name| !NOTES.contains(&name.as_str()));
        let mut all: Vec<String> = tables.flat_map(|table| rows_of(&conn, &table)).collect();
        all.sort();
        all
    }

    /// The same without those that note who read what: they decide nothing, and a read writes them.
    #[must_use]
    pub fn deciding_rows(&self) -> Vec<String> {
        let mut rows = self.rows();
        rows.retain(|row| !READERS.iter().any(|table| row.starts_with(table)));
        rows
    }

    /// The one number that a query gives.
    #[must_use]
    pub fn number(&self, sql: &str) -> i64 {
        let conn = Connection::open(self.store_file()).unwrap();
        conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Stops it, runs a statement that must change something in its store, and starts it again.
    pub async fn tampered(self, sql: &str) -> Self {
        let stopped = self.stop().await;
        let conn = Connection::open(stopped.store_file()).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        assert!(conn.execute(sql, []).unwrap() > 0, "nothing was tampered with: {sql}");
        drop(conn);
        stopped.start().await
    }

    /// Locks the store as another process would, until the answer is dropped: nothing can be written.
    #[must_use]
    pub fn locked(&self) -> Lock {
        let conn = Connection::open(self.store_file()).unwrap();
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        Lock { _held: conn }
    }

    /// Runs statements in the store as another process would, while the server runs.
    pub fn executes(&self, sql: &str) {
        Connection::open(self.store_file()).unwrap().execute_batch(sql).unwrap();
    }

    /// A server on the disk as it is now, as after a kill; the one that ran is not told.
    pub async fn killed(self) -> Self {
        let image = self.image();
        drop(self);
        image.start().await
    }

    /// The disk as it is now, as after a kill. The server goes on.
    #[must_use]
    pub fn image(&self) -> Stopped {
        let image = tempfile::tempdir().unwrap();
        copy(self.folder(), image.path());
        self.stopped_in(image)
    }
}

impl Stopped {
    /// Runs statements in the store.
    pub fn executes(&self, sql: &str) {
        Connection::open(self.store_file()).unwrap().execute_batch(sql).unwrap();
    }

    /// The same disk once more.
    #[must_use]
    pub fn again(&self) -> Self {
        let image = tempfile::tempdir().unwrap();
        copy(self.folder(), image.path());
        self.in_another(image)
    }
}

/// A lock on a store.
pub struct Lock {
    _held: Connection,
}

/// An id as SQL spells it.
#[must_use]
pub fn blob(id: &str) -> String {
    format!("X'{}'", id.replace('-', ""))
}

fn rows_of(conn: &Connection, table: &str) -> Vec<String> {
    let mut rows = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = rows.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let cells: Vec<Value> = (0..columns).map(|at| row.get(at).unwrap()).collect();
        Ok(format!("{table} {cells:?}"))
    };
    rows.query_map([], row).unwrap().map(Result::unwrap).collect()
}

/// Copies a directory. The socket is not a file, and the shared-memory index does not survive a crash of the machine.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, target): (_, PathBuf) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        let is_index = entry.file_name().to_string_lossy().ends_with("-shm");
        if kind.is_dir() {
            fs::create_dir(&target).unwrap();
            fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
            copy(&entry.path(), &target);
        } else if kind.is_file() && !is_index {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
