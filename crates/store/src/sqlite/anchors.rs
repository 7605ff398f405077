//! Anchors and checkpoints as rows.

use super::sql::{Cells, execute, int, many, one, until};
use crate::port::{KeptCheckpoint, Result};
use rusqlite::{Connection, params};
use subrosa_domain::{
    RowSeal, TenantId, Timestamp,
    audit::{Anchor, ChainHead, Covered, Note},
};

const ANCHOR: &str = "anchor";
const NOTE: &str = "checkpoint";

/// A lane's anchor; `None` before the lane's first run with one.
pub(super) fn anchor(conn: &Connection, lane: u32) -> Result<Option<Anchor>> {
    const SQL: &str = "SELECT lane, position, state, at, seal FROM anchors WHERE lane = ?1";
    one(conn, ANCHOR, SQL, params![lane], |cells| {
        Ok(Anchor {
            lane: cells.uint()?,
            position: cells.uint()?,
            state: Covered(cells.bytes()?),
            time: cells.time()?,
            seal: RowSeal(cells.bytes()?),
        })
    })
}

pub(super) fn write(conn: &Connection, anchor: &Anchor) -> Result<()> {
    const SQL: &str = "INSERT INTO anchors (lane, position, state, at, seal) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (lane) DO UPDATE SET \
         position = excluded.position, state = excluded.state, at = excluded.at, \
         seal = excluded.seal";
    let Anchor { lane, position, state, time, seal } = anchor;
    execute(conn, SQL, params![lane, int(*position), state.0, time.as_micros(), seal.0]).map(|_| ())
}

/// Keeps the checkpoint of an anchor.
pub(super) fn note_anchor(conn: &Connection, anchor: &Anchor, note: &Note) -> Result<()> {
    const SQL: &str = "INSERT INTO anchor_checkpoints (lane, position, at, note) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (lane, position) DO NOTHING";
    let Anchor { lane, position, time, .. } = anchor;
    execute(conn, SQL, params![lane, int(*position), time.as_micros(), note.0]).map(|_| ())
}

/// The checkpoint that was made of a lane at a position.
pub(super) fn kept(conn: &Connection, lane: u32, position: u64) -> Result<KeptCheckpoint> {
    const AT: &str = "SELECT note FROM anchor_checkpoints WHERE lane = ?1 AND position = ?2";
    const OLDEST: &str =
        "SELECT position FROM anchor_checkpoints WHERE lane = ?1 ORDER BY position LIMIT 1";
    if let Some(note) = one(conn, NOTE, AT, params![lane, int(position)], read_note)? {
        return Ok(KeptCheckpoint::Kept(note));
    }
    let oldest: Option<u64> = one(conn, NOTE, OLDEST, params![lane], |cells| cells.uint())?;
    let forgotten = oldest.is_some_and(|oldest| position < oldest);
    Ok(if forgotten { KeptCheckpoint::Forgotten } else { KeptCheckpoint::Never })
}

/// Drops each lane's oldest checkpoints, up to the first that is not from before `before`, and `limit` of them at most;
/// says how many. A lane's last one stays. Nothing is dropped from behind one that stays, whatever its time: a position
/// that is missing above the oldest one is taken for one that was never noted.
pub(super) fn prune(conn: &Connection, before: Timestamp, limit: u32) -> Result<usize> {
    const LANES: &str = "SELECT lane FROM anchors";
    const DROP: &str = "DELETE FROM anchor_checkpoints WHERE lane = ?1 AND position < ?2";
    let lanes = many(conn, ANCHOR, LANES, [], |cells| cells.signed())?;
    lanes.into_iter().try_fold(0, |dropped, lane| {
        let stays = oldest_to_stay(conn, lane, before, limit)?;
        Ok(dropped + execute(conn, DROP, params![lane, stays])?)
    })
}

/// The position of a lane's oldest checkpoint that stays, when `limit` of them may go.
fn oldest_to_stay(conn: &Connection, lane: i64, before: Timestamp, limit: u32) -> Result<i64> {
    const OLDEST: &str = "SELECT position, at FROM anchor_checkpoints WHERE lane = ?1 \
         ORDER BY position LIMIT ?2";
    let mut stays = 0;
    until(conn, NOTE, OLDEST, params![lane, i64::from(limit) + 1], |cells| {
        stays = cells.signed()?;
        Ok(cells.time()? >= before)
    })?;
    Ok(stays)
}

/// Keeps the checkpoint of a chain.
pub(super) fn note_head(conn: &Connection, head: &ChainHead, note: &Note) -> Result<()> {
    const SQL: &str = "INSERT INTO checkpoints (tenant_id, lane, seq, note) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant_id, lane, seq) DO NOTHING";
    let params = params![head.tenant_id.as_bytes(), head.lane, int(head.seq), note.0];
    execute(conn, SQL, params).map(|_| ())
}

/// A lane's checkpoints of a tenant after `seq`, in order.
pub(super) fn notes(
    conn: &Connection,
    tenant: TenantId,
    lane: u32,
    seq: u64,
    limit: u32,
) -> Result<Vec<(u64, Note)>> {
    const SQL: &str = "SELECT seq, note FROM checkpoints \
         WHERE tenant_id = ?1 AND lane = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4";
    many(conn, NOTE, SQL, params![tenant.as_bytes(), lane, int(seq), limit], |cells| {
        Ok((cells.uint()?, read_note(cells)?))
    })
}

/// How many checkpoints of a tenant there are of a lane's places up to `seq`.
pub(super) fn counted(conn: &Connection, tenant: TenantId, lane: u32, seq: u64) -> Result<u64> {
    const SQL: &str =
        "SELECT COUNT(*) FROM checkpoints WHERE tenant_id = ?1 AND lane = ?2 AND seq <= ?3";
    let params = params![tenant.as_bytes(), lane, int(seq)];
    Ok(one(conn, NOTE, SQL, params, |cells| cells.uint())?.unwrap_or_default())
}

fn read_note(cells: &mut Cells<'_, '_>) -> Result<Note> {
    cells.text().map(Note)
}
