//! Activities: what tokens' requests looked like, kept for a while.

use super::sql::{Cells, execute, many, one};
use crate::port::Result;
use rusqlite::{Connection, params};
use subrosa_domain::{Activity, RequestId, TenantId, Timestamp, TokenId};

const WHAT: &str = "activity";

fn read(cells: &mut Cells<'_, '_>) -> Result<Activity> {
    Ok(Activity {
        tenant_id: TenantId::from_bytes(cells.bytes()?),
        token_id: TokenId::from_bytes(cells.bytes()?),
        id: RequestId::from_bytes(cells.bytes()?),
        time: cells.time()?,
        method: cells.text()?,
        path: cells.text()?,
        status: cells.uint()?,
        latency_ms: cells.uint()?,
        remote_ip: cells.maybe_text()?,
        tool: cells.maybe_parsed(|text| text.parse().ok())?,
    })
}

/// Adds an activity. One that is known changes nothing, nor does one of a token that is gone.
pub(super) fn insert(conn: &Connection, activity: &Activity) -> Result<()> {
    const THERE: &str = "SELECT 1 FROM tokens WHERE tenant_id = ?1 AND id = ?2";
    // Apart, for an INSERT that selects keeps a journal of its own, and to end that takes the longer the more rows were
    // written before in the same commit.
    const SQL: &str = "INSERT INTO activities \
         (tenant_id, token_id, id, at, method, path, status, latency_ms, remote_ip, tool) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (tenant_id, token_id, id) DO NOTHING";
    let token = params![activity.tenant_id.as_bytes(), activity.token_id.as_bytes()];
    if one(conn, WHAT, THERE, token, |_| Ok(()))?.is_none() {
        return Ok(());
    }
    execute(
        conn,
        SQL,
        params![
            activity.tenant_id.as_bytes(),
            activity.token_id.as_bytes(),
            activity.id.as_bytes(),
            activity.time.as_micros(),
            activity.method,
            activity.path,
            activity.status,
            activity.latency_ms,
            activity.remote_ip,
            activity.tool.as_ref().map(|tool| tool.as_str()),
        ],
    )
    .map(|_| ())
}

/// The newest of several tokens. Each token is walked on its own, along the index, and the results are merged.
pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    tokens: &[TokenId],
    before: Option<RequestId>,
    limit: u32,
) -> Result<Vec<Activity>> {
    const SQL: &str = "SELECT tenant_id, token_id, id, at, method, path, status, latency_ms, \
         remote_ip, tool FROM activities \
         WHERE tenant_id = ?1 AND token_id = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
    // No UUID has every bit set.
    let before = before.unwrap_or(RequestId::from_bytes([255; 16]));
    let mut found = Vec::new();
    for token in tokens {
        let params = params![tenant.as_bytes(), token.as_bytes(), before.as_bytes(), limit];
        found.extend(many(conn, WHAT, SQL, params, read)?);
    }
    found.sort_unstable_by_key(|activity| std::cmp::Reverse(activity.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Drops up to `limit` of the oldest that are from before `before`; says how many.
pub(super) fn prune(conn: &Connection, before: Timestamp, limit: u32) -> Result<usize> {
    const SQL: &str = "DELETE FROM activities WHERE at < ?1 \
         AND seq IN (SELECT seq FROM activities ORDER BY seq LIMIT ?2)";
    execute(conn, SQL, params![before.as_micros(), limit])
}
