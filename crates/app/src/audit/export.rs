//! Exporting a tenant's chains as they are stored, with the checkpoints that vouch for them, for whoever checks them
//! elsewhere.

use crate::{app::App, context::Op, error::AppError, limits};
use subrosa_crypto::checkpoint::{CheckpointKey, LaneEnd};
use subrosa_domain::{
    audit::{ChainHead, ChainSealer, Note},
    policy::{Permit, ReadAudit},
};
use subrosa_store::StoredEvent;

/// What an export is to hold: the chains as they stand now.
#[derive(Debug)]
pub struct ExportBegun {
    /// The key that its checkpoints are checked with.
    pub key: CheckpointKey,
    /// Where each lane ends.
    pub lanes: Vec<LaneEnd>,
    /// The signed end of the export.
    pub end: Note,
}

/// A part of a lane.
#[derive(Debug)]
pub struct ExportPart {
    /// Its events in order, as they are stored.
    pub events: Vec<StoredEvent>,
    /// The checkpoints that were made of places among them.
    pub checkpoints: Vec<(u64, Note)>,
}

impl App {
    /// Begins an export: says where every lane ends, signed, once all that waits is written.
    ///
    /// # Errors
    /// [`AppError::Integrity`] when an end is not the server's own or there is none; faults of the store.
    pub async fn begin_export(
        &self,
        op: &Op,
        _permit: &Permit<ReadAudit>,
    ) -> Result<ExportBegun, AppError> {
        self.flush_for(op.tenant_id).await?;
        self.chain_ready(op).await?;
        let tenant = self.tenant(op.tenant_id);
        let heads = tenant.heads().await?;
        // A tenant's first event is that it was made: a log without any was taken away.
        if heads.is_empty() || !heads.iter().all(|head| self.keyring.head_holds(head)) {
            return Err(AppError::Integrity);
        }
        let mut lanes = Vec::with_capacity(heads.len());
        for ChainHead { lane, seq, hash: link, .. } in heads {
            let checkpoints = tenant.checkpoint_count(lane, seq).await?;
            lanes.push(LaneEnd { lane, seq, link, checkpoints });
        }
        let end = self.keyring.note_export(op.tenant_id, &lanes, op.now());
        let keys = self.keyring.checkpoint_keys();
        let key = keys.into_iter().next().ok_or(AppError::Internal("there is no active key"))?;
        Ok(ExportBegun { key, lanes, end })
    }

    /// The next part of a lane, after the event at `after`.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn export_part(
        &self,
        op: &Op,
        _permit: &Permit<ReadAudit>,
        lane: u32,
        after: u64,
    ) -> Result<ExportPart, AppError> {
        let tenant = self.tenant(op.tenant_id);
        let events = tenant.events_from(lane, after.saturating_add(1), limits::PAGE_MAX).await?;
        let last = events.last().map_or(after, |event| event.seq);
        let mut checkpoints = tenant.checkpoints(lane, after, limits::PAGE_MAX).await?;
        checkpoints.retain(|(seq, _)| *seq <= last);
        Ok(ExportPart { events, checkpoints })
    }
}
