//! A group's secrets as one reading of them all, and which groups hold what.

use super::{secrets, sql::many};
use crate::port::Result;
use rusqlite::{Connection, params};
use subrosa_domain::{GroupId, KeyName, Secret, TenantId, Unverified};

const WHAT: &str = "secret";

/// A page in key order, by one statement and so of one moment.
pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    group: GroupId,
    offset: u32,
    limit: u32,
) -> Result<Vec<Unverified<Secret>>> {
    const SQL: &str = concat!(
        "SELECT ",
        secrets::columns!(),
        secrets::tables!(),
        "WHERE s.tenant_id = ?1 AND s.group_id = ?2 ORDER BY s.key LIMIT ?3 OFFSET ?4"
    );
    many(
        conn,
        WHAT,
        SQL,
        params![tenant.as_bytes(), group.as_bytes(), limit, offset],
        secrets::read,
    )
}

/// The groups with a secret whose key contains the text, whatever its case.
pub(super) fn holding(conn: &Connection, tenant: TenantId, text: &str) -> Result<Vec<GroupId>> {
    const SQL: &str = "SELECT DISTINCT group_id FROM secrets \
         WHERE tenant_id = ?1 AND lower(key) LIKE ?2 ESCAPE '!' ORDER BY group_id";
    // A part of a key is a key, so what is none is in none: of what LIKE gives a meaning, '_' alone is left.
    if !text.is_empty() && text.parse::<KeyName>().is_err() {
        return Ok(Vec::new());
    }
    let pattern = format!("%{}%", text.to_ascii_lowercase().replace('_', "!_"));
    many(conn, WHAT, SQL, params![tenant.as_bytes(), pattern], |cells| {
        cells.bytes().map(GroupId::from_bytes)
    })
}

/// How many secrets each group holds that holds any.
pub(super) fn counts(conn: &Connection, tenant: TenantId) -> Result<Vec<(GroupId, u64)>> {
    const SQL: &str = "SELECT group_id, COUNT(*) FROM secrets WHERE tenant_id = ?1 \
         GROUP BY group_id ORDER BY group_id";
    many(conn, WHAT, SQL, params![tenant.as_bytes()], |cells| {
        Ok((GroupId::from_bytes(cells.bytes()?), cells.uint()?))
    })
}
