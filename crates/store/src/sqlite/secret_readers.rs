//! Who revealed or used which secret, and when last: what a secret's readers are counted by.

use super::sql::{execute, many, one};
use crate::port::Result;
use rusqlite::{Connection, params};
use subrosa_domain::{GroupId, SecretId, TenantId, Timestamp};

const WHAT: &str = "reader";

/// Records a use; an earlier one than is known changes nothing, nor does one of a secret that is gone.
pub(super) fn used(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    actor: &str,
    at: Timestamp,
) -> Result<()> {
    const THERE: &str = "SELECT 1 FROM secrets WHERE tenant_id = ?1 AND id = ?2";
    // Apart, for an INSERT that selects keeps a journal of its own, and to end that takes the longer the more rows were
    // written before in the same commit.
    const SQL: &str = "INSERT INTO secret_readers (tenant_id, secret_id, actor, used_at) \
         VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant_id, secret_id, actor) DO UPDATE SET used_at = excluded.used_at \
         WHERE excluded.used_at > secret_readers.used_at";
    let there = one(conn, WHAT, THERE, params![tenant.as_bytes(), secret.as_bytes()], |_| Ok(()))?;
    if there.is_none() {
        return Ok(());
    }
    let params = params![tenant.as_bytes(), secret.as_bytes(), actor, at.as_micros()];
    execute(conn, SQL, params).map(|_| ())
}

pub(super) fn of_group(
    conn: &Connection,
    tenant: TenantId,
    group: GroupId,
    since: Timestamp,
) -> Result<Vec<(SecretId, u64)>> {
    const SQL: &str = "SELECT s.id, COUNT(*) FROM secrets s \
         JOIN secret_readers r ON r.tenant_id = s.tenant_id AND r.secret_id = s.id \
         WHERE s.tenant_id = ?1 AND s.group_id = ?2 AND r.used_at >= ?3 \
         GROUP BY s.id ORDER BY s.id";
    let params = params![tenant.as_bytes(), group.as_bytes(), since.as_micros()];
    many(conn, WHAT, SQL, params, |cells| Ok((SecretId::from_bytes(cells.bytes()?), cells.uint()?)))
}

pub(super) fn of_secret(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    since: Timestamp,
) -> Result<u64> {
    const SQL: &str = "SELECT COUNT(*) FROM secret_readers \
         WHERE tenant_id = ?1 AND secret_id = ?2 AND used_at >= ?3";
    let params = params![tenant.as_bytes(), secret.as_bytes(), since.as_micros()];
    Ok(one(conn, WHAT, SQL, params, |cells| cells.uint())?.unwrap_or_default())
}

/// Drops up to `limit` that are from before `before`; says how many.
pub(super) fn prune(conn: &Connection, before: Timestamp, limit: u32) -> Result<usize> {
    const SQL: &str = "DELETE FROM secret_readers WHERE (tenant_id, secret_id, actor) IN \
         (SELECT tenant_id, secret_id, actor FROM secret_readers WHERE used_at < ?1 LIMIT ?2)";
    execute(conn, SQL, params![before.as_micros(), limit])
}
