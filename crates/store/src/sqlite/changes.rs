//! The `changes` sequence, by which caches learn what to drop.

use super::sql::{execute, int, many};
use crate::port::Result;
use rusqlite::{Connection, params};
use subrosa_domain::{ChangeRef, TenantId, Timestamp};

pub(super) fn append(conn: &Connection, change: ChangeRef, at: Timestamp) -> Result<()> {
    const SQL: &str = "INSERT INTO changes (tenant_id, kind, id, at) VALUES (?1, ?2, ?3, ?4)";
    let (kind, id) = change.to_parts();
    execute(conn, SQL, params![change.tenant_id().as_bytes(), kind, id, at.as_micros()]).map(|_| ())
}

pub(super) fn after(conn: &Connection, seq: u64, limit: u32) -> Result<Vec<(u64, ChangeRef)>> {
    const SQL: &str =
        "SELECT seq, tenant_id, kind, id FROM changes WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    many(conn, "change", SQL, params![int(seq), limit], |cells| {
        let seq = cells.uint()?;
        let tenant = TenantId::from_bytes(cells.bytes()?);
        let kind = cells.signed()?;
        Ok((seq, ChangeRef::from_parts(tenant, kind, cells.bytes()?)))
    })
}

/// Drops up to `limit` of the oldest that are from before `before`; says how many.
pub(super) fn prune(conn: &Connection, before: Timestamp, limit: u32) -> Result<usize> {
    const SQL: &str = "DELETE FROM changes WHERE at < ?1 \
         AND seq IN (SELECT seq FROM changes ORDER BY seq LIMIT ?2)";
    execute(conn, SQL, params![before.as_micros(), limit])
}
