//! Audit events and heads as rows. What links them is `chains`' business, how several events are one row `shared`'s.

use super::{
    shared,
    sql::{Cells, execute, int, many, one, until, write_one},
};
use crate::{
    error::{Noun, StoreError},
    port::{AuditCursor, Result, StoredEvent},
};
use rusqlite::{Connection, params};
use subrosa_domain::{
    RowSeal, TenantId, Timestamp,
    audit::{ChainHead, Covered},
};

const EVENT: &str = "audit event";
const HEAD: &str = "audit head";

/// The events of a row, the oldest first.
fn read_events(cells: &mut Cells<'_, '_>) -> Result<Vec<StoredEvent>> {
    let (lane, first) = (cells.uint()?, cells.uint()?);
    let (canonical, hash) = (cells.blob()?, cells.blob()?);
    Ok(shared::events(lane, first, canonical, &hash, cells.maybe_blob()?.as_deref()))
}

fn read_whole_head(cells: &mut Cells<'_, '_>) -> Result<(ChainHead, Beside)> {
    let head = read_head(cells)?;
    let (run, noted_seq) = (cells.uint()?, cells.uint()?);
    Ok((head, Beside { run, noted_seq, noted_at: cells.time()? }))
}

fn read_head(cells: &mut Cells<'_, '_>) -> Result<ChainHead> {
    Ok(ChainHead {
        tenant_id: TenantId::from_bytes(cells.bytes()?),
        lane: cells.uint()?,
        seq: cells.uint()?,
        hash: cells.bytes()?,
        time: cells.time()?,
        state: cells.maybe_bytes()?.map_or(Covered::NONE, Covered),
        seal: RowSeal(cells.bytes()?),
    })
}

/// Appends events that follow each other, as one row. That its place is taken means that the head was not the end of
/// the chain.
pub(super) fn append(conn: &Connection, tenant: TenantId, events: &[StoredEvent]) -> Result<()> {
    const SQL: &str = "INSERT INTO audit_events (tenant_id, lane, seq, canonical, hash, ends) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let Some(first) = events.first() else { return Ok(()) };
    let row = shared::row(events);
    let params =
        params![tenant.as_bytes(), first.lane, int(first.seq), row.canonical, row.hash, row.ends,];
    match write_one(conn, Noun::Tenant, SQL, params) {
        Err(StoreError::Exists(_)) => Err(StoreError::Corrupt(HEAD)),
        other => other,
    }
}

/// What is kept beside a head that its seal does not cover: the run that wrote it last, and the last place and time
/// that a checkpoint was made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) run: u64,
    pub(super) noted_seq: u64,
    pub(super) noted_at: Timestamp,
}

/// A lane's head and what is kept beside it.
pub(super) fn head(
    conn: &Connection,
    tenant: TenantId,
    lane: u32,
) -> Result<Option<(ChainHead, Beside)>> {
    const SQL: &str = "SELECT tenant_id, lane, seq, hash, at, state, seal, \
         run, noted_seq, noted_at FROM audit_heads WHERE tenant_id = ?1 AND lane = ?2";
    one(conn, HEAD, SQL, params![tenant.as_bytes(), lane], read_whole_head)
}

pub(super) fn write_head(conn: &Connection, head: &ChainHead, beside: Beside) -> Result<()> {
    const SQL: &str = "INSERT INTO audit_heads \
         (tenant_id, lane, seq, hash, at, state, seal, run, noted_seq, noted_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (tenant_id, lane) DO UPDATE SET \
         seq = excluded.seq, hash = excluded.hash, at = excluded.at, state = excluded.state, \
         seal = excluded.seal, run = excluded.run, noted_seq = excluded.noted_seq, \
         noted_at = excluded.noted_at";
    execute(
        conn,
        SQL,
        params![
            head.tenant_id.as_bytes(),
            head.lane,
            int(head.seq),
            head.hash,
            head.time.as_micros(),
            head.state.0,
            head.seal.0,
            int(beside.run),
            int(beside.noted_seq),
            beside.noted_at.as_micros(),
        ],
    )
    .map(|_| ())
}

pub(super) fn heads(conn: &Connection, tenant: TenantId) -> Result<Vec<ChainHead>> {
    const SQL: &str = "SELECT tenant_id, lane, seq, hash, at, state, seal FROM audit_heads \
         WHERE tenant_id = ?1 ORDER BY lane";
    many(conn, HEAD, SQL, params![tenant.as_bytes()], read_head)
}

/// Every head of a lane and what is kept beside it.
pub(super) fn heads_of(conn: &Connection, lane: u32) -> Result<Vec<(ChainHead, Beside)>> {
    const SQL: &str = "SELECT tenant_id, lane, seq, hash, at, state, seal, \
         run, noted_seq, noted_at FROM audit_heads WHERE lane = ?1";
    many(conn, HEAD, SQL, params![lane], read_whole_head)
}

/// Newest first. An embedded store writes one lane; should a file hold others, because it once was another node's, they
/// are older than what `own` has and come after it.
pub(super) fn newest(
    conn: &Connection,
    tenant: TenantId,
    own: u32,
    before: Option<AuditCursor>,
    limit: u32,
) -> Result<Vec<StoredEvent>> {
    const LANES: &str = "SELECT lane FROM audit_heads WHERE tenant_id = ?1 \
         ORDER BY CASE WHEN lane = ?2 THEN 0 ELSE 1 END, lane DESC";
    const EVENTS: &str = "SELECT lane, seq, canonical, hash, ends FROM audit_events \
         WHERE tenant_id = ?1 AND lane = ?2 AND seq < ?3 ORDER BY seq DESC";
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let lanes: Vec<u32> =
        many(conn, HEAD, LANES, params![tenant.as_bytes(), own], |cells| cells.uint())?;
    let from = match before {
        None => 0,
        Some(cursor) => lanes.iter().position(|lane| *lane == cursor.lane).unwrap_or(lanes.len()),
    };
    let mut found = Vec::new();
    for lane in lanes.into_iter().skip(from) {
        if found.len() >= limit {
            break;
        }
        let below = before.filter(|cursor| cursor.lane == lane).map_or(u64::MAX, |c| c.seq);
        let params = params![tenant.as_bytes(), lane, int(below)];
        until(conn, EVENT, EVENTS, params, |cells| {
            let events = read_events(cells)?.into_iter().rev();
            found.extend(events.filter(|event| event.seq < below));
            Ok(found.len() >= limit)
        })?;
    }
    found.truncate(limit);
    Ok(found)
}

/// Notes where an event about a thing is.
pub(super) fn note_subject(
    conn: &Connection,
    tenant: TenantId,
    resource: &[u8; 16],
    at: AuditCursor,
) -> Result<()> {
    const SQL: &str = "INSERT INTO audit_subjects (tenant_id, resource_id, lane, seq) \
         VALUES (?1, ?2, ?3, ?4)";
    execute(conn, SQL, params![tenant.as_bytes(), resource, at.lane, int(at.seq)]).map(|_| ())
}

/// Events about any of these things, newest first.
pub(super) fn about(
    conn: &Connection,
    tenant: TenantId,
    resources: &[[u8; 16]],
    before: Option<AuditCursor>,
    limit: u32,
) -> Result<Vec<StoredEvent>> {
    const SQL: &str = "SELECT e.lane, e.seq, e.canonical, e.hash, e.ends FROM audit_subjects s \
         JOIN audit_events e ON e.tenant_id = s.tenant_id AND e.lane = s.lane AND e.seq = s.seq \
         WHERE s.tenant_id = ?1 AND s.resource_id = ?2 \
         AND (s.lane < ?3 OR (s.lane = ?3 AND s.seq < ?4)) \
         ORDER BY s.lane DESC, s.seq DESC LIMIT ?5";
    let (lane, below) =
        before.map_or((i64::MAX, i64::MAX), |cursor| (cursor.lane.into(), int(cursor.seq)));
    let mut found = Vec::new();
    for resource in resources {
        let params = params![tenant.as_bytes(), resource, lane, below, limit];
        found.extend(many(conn, EVENT, SQL, params, read_events)?.into_iter().flatten());
    }
    found.sort_by_key(|event| std::cmp::Reverse((event.lane, event.seq)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

pub(super) fn from(
    conn: &Connection,
    tenant: TenantId,
    lane: u32,
    seq: u64,
    limit: u32,
) -> Result<Vec<StoredEvent>> {
    // The row that has the event may begin before it.
    const SQL: &str = "SELECT lane, seq, canonical, hash, ends FROM audit_events \
         WHERE tenant_id = ?1 AND lane = ?2 AND seq >= COALESCE((SELECT MAX(seq) FROM audit_events \
         WHERE tenant_id = ?1 AND lane = ?2 AND seq <= ?3), ?3) ORDER BY seq";
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    until(conn, EVENT, SQL, params![tenant.as_bytes(), lane, int(seq)], |cells| {
        found.extend(read_events(cells)?.into_iter().filter(|event| event.seq >= seq));
        Ok(found.len() >= limit)
    })?;
    found.truncate(limit);
    Ok(found)
}
