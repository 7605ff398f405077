//! The schema's numbered steps and what applies them.
//!
//! A runner of our own, because the known one commits a step apart from the record that it was applied, creates its
//! table before it looks whether it should touch the database at all, and panics on a damaged record. Here each step
//! and its record are one transaction, and a database from a newer build is refused untouched. A released step never
//! changes; what comes later is a new one.

use super::sql::failed;
use crate::{error::StoreError, port::Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use subrosa_domain::Timestamp;

/// Every step, in order; the first is number 1.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_groups.sql"),
    include_str!("migrations/0003_states.sql"),
    include_str!("migrations/0004_shared_rows.sql"),
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (\
     version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT";

/// Looks whether this build can have anything to do with a database. It changes nothing.
///
/// # Errors
/// [`StoreError::Corrupt`] when a newer build wrote it.
pub(super) fn check(conn: &Connection) -> Result<()> {
    applied(conn, STEPS).map(|_| ())
}

/// Brings a database to the schema of this build.
pub(super) fn migrate(conn: &mut Connection, now: Timestamp) -> Result<()> {
    migrate_by(conn, STEPS, now)
}

fn migrate_by(conn: &mut Connection, steps: &[&str], now: Timestamp) -> Result<()> {
    const RECORD: &str = "INSERT INTO migrations (version, applied_at) VALUES (?1, ?2)";
    let done = applied(conn, steps)?;
    for (version, step) in (1_i64..).zip(steps).skip(done) {
        let txn = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|txn| {
                txn.execute_batch(TABLE)?;
                txn.execute_batch(step)?;
                txn.execute(RECORD, params![version, now.as_micros()])?;
                Ok(txn)
            })
            .map_err(failed)?;
        txn.commit().map_err(failed)?;
    }
    Ok(())
}

/// How many of the steps the database has seen.
fn applied(conn: &Connection, steps: &[&str]) -> Result<usize> {
    const THERE: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'";
    const LAST: &str = "SELECT COALESCE(MAX(version), 0) FROM migrations";
    let there = conn.query_row(THERE, [], |_| Ok(())).optional().map_err(failed)?;
    if there.is_none() {
        return Ok(0);
    }
    let last: i64 = conn.query_row(LAST, [], |row| row.get(0)).map_err(failed)?;
    match usize::try_from(last) {
        Ok(done) if done <= steps.len() => Ok(done),
        _ => Err(StoreError::Corrupt("schema, from a newer build,")),
    }
}

/// Rows as each schema held them, for the test that opens every one with today's code.
#[cfg(test)]
pub(super) const ROWS: [&str; STEPS.len()] = [
    include_str!("migrations/rows/0001.sql"),
    include_str!("migrations/rows/0002.sql"),
    concat!(include_str!("migrations/rows/0002.sql"), include_str!("migrations/rows/0003.sql")),
    // Events alone are kept otherwise since the fourth, and the test makes those itself.
    concat!(include_str!("migrations/rows/0002.sql"), include_str!("migrations/rows/0003.sql")),
];

/// A database as the build of that schema would have left it.
#[cfg(test)]
pub(super) fn migrate_up_to(conn: &mut Connection, version: usize) -> Result<()> {
    migrate_by(conn, &STEPS[..version], Timestamp::EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(conn: &Connection, steps: &[&str]) -> usize {
        applied(conn, steps).unwrap()
    }

    #[test]
    fn each_step_is_applied_once_and_in_order() {
        let steps = ["CREATE TABLE a (x INTEGER)", "ALTER TABLE a RENAME TO b"];
        let mut conn = Connection::open_in_memory().unwrap();
        for upto in [1, 1, 2, 2] {
            migrate_by(&mut conn, &steps[..upto], Timestamp::EPOCH).unwrap();
            assert_eq!(seen(&conn, &steps), upto);
        }
        conn.execute_batch("SELECT x FROM b").unwrap();
    }

    #[test]
    fn a_step_that_fails_half_way_is_taken_back_whole() {
        let steps =
            ["CREATE TABLE a (x INTEGER)", "CREATE TABLE b (x INTEGER); SELECT x FROM nowhere"];
        let mut conn = Connection::open_in_memory().unwrap();
        assert!(migrate_by(&mut conn, &steps, Timestamp::EPOCH).is_err());
        assert_eq!(seen(&conn, &steps), 1);
        assert!(conn.execute_batch("SELECT x FROM b").is_err());
    }
}
