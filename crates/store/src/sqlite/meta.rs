//! What the store knows of itself: the deployment it belongs to, and the runs that were not closed.

use super::sql::{execute, int, one, write_one};
use crate::{
    error::{Noun, StoreError},
    port::{Deployment, Result},
};
use rusqlite::{Connection, params};
use subrosa_domain::{DeploymentId, Timestamp};

/// Whether the schema was ever made.
pub(super) fn is_there(conn: &Connection) -> Result<bool> {
    const SQL: &str =
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'deployment'";
    let tables: Option<u64> = one(conn, "schema", SQL, [], |cells| cells.uint())?;
    Ok(tables.is_some_and(|tables| tables > 0))
}

pub(super) fn deployment(conn: &Connection) -> Result<Option<Deployment>> {
    const SQL: &str = "SELECT id, root_fingerprint, created_at FROM deployment";
    one(conn, "deployment", SQL, [], |cells| {
        Ok(Deployment {
            id: DeploymentId::from_bytes(cells.bytes()?),
            root_fingerprint: cells.bytes()?,
            created_at: cells.time()?,
        })
    })
}

/// A store is initialised once.
pub(super) fn initialise(conn: &Connection, deployment: &Deployment) -> Result<()> {
    const SQL: &str = "INSERT INTO deployment (one, id, root_fingerprint, created_at) \
         VALUES (1, ?1, ?2, ?3) ON CONFLICT (one) DO NOTHING";
    write_one(
        conn,
        Noun::Tenant,
        SQL,
        params![
            deployment.id.as_bytes(),
            deployment.root_fingerprint,
            deployment.created_at.as_micros(),
        ],
    )
}

/// A stretch of time in which one process writes the store: from [`begin_run`] to [`end_run`], or to its sudden end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Rises with every run of the store.
    pub(super) number: u64,
    /// When it began.
    pub(super) opened_at: Timestamp,
    /// The latest run before this one that was not closed.
    pub(super) unclosed: Option<u64>,
}

/// Opens a run on record. Nothing is counted before it begins, so its beginning is its first flush.
pub(super) fn begin_run(conn: &Connection, lane: u32, now: Timestamp) -> Result<Run> {
    const UNCLOSED: &str = "SELECT run FROM runs ORDER BY run DESC LIMIT 1";
    const SQL: &str = "INSERT INTO runs (lane, opened_at, flushed_at) VALUES (?1, ?2, ?2) \
         RETURNING run";
    let unclosed = one(conn, "run", UNCLOSED, [], |cells| cells.uint())?;
    let number = one(conn, "run", SQL, params![lane, now.as_micros()], |cells| cells.uint())?
        .ok_or(StoreError::Corrupt("run"))?;
    Ok(Run { number, opened_at: now, unclosed })
}

/// Everything counted in `run` before `at` is written.
pub(super) fn flushed(conn: &Connection, run: u64, at: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE runs SET flushed_at = ?2 WHERE run = ?1 AND flushed_at < ?2";
    execute(conn, SQL, params![int(run), at.as_micros()]).map(|_| ())
}

/// Closes a run on record: nothing that it counted is missing.
pub(super) fn end_run(conn: &Connection, run: u64) -> Result<()> {
    const SQL: &str = "DELETE FROM runs WHERE run = ?1";
    execute(conn, SQL, params![int(run)]).map(|_| ())
}

/// Up to when nothing is missing from a chain last written in `run`, given that a run since was not closed.
pub(super) fn complete_until(conn: &Connection, run: u64) -> Result<Option<Timestamp>> {
    const SQL: &str = "SELECT flushed_at FROM runs WHERE run >= ?1 ORDER BY run LIMIT 1";
    one(conn, "run", SQL, params![int(run)], |cells| cells.time())
}
