//! Accepting a store that was set back: what came after it is given up, on record, and it goes on from there.

use super::{
    standing::SetBack,
    start::{Opened, Setup, StartError, open},
};
use crate::context::{Op, Origin};
use std::sync::Arc;
use subrosa_domain::{
    Commit, TenantId,
    audit::{AuditAction, AuditEvent, ChainSealer, Detail, Resource, ResourceKind},
    policy::Caller,
};
use subrosa_plant::planted;

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// The store was set back, like this, and goes on from there.
    Accepted(SetBack),
    /// It goes with its last checkpoint; nothing was changed.
    Current,
    /// No checkpoint of it is kept, so it is served as it is; nothing was changed.
    NothingKept,
}

/// Accepts the store as it is, in the name of the system's user `uid`. The event says both positions; the store goes on
/// from after the later one, so that the checkpoint it was compared with is not ahead of it.
///
/// # Errors
/// See [`StartError`].
pub async fn accept(setup: Setup, uid: u32) -> Result<Acceptance, StartError> {
    let Setup { store, of, root_fingerprint, clock, ids } = setup;
    let opened = open(&*store, of, root_fingerprint, &*clock, &*ids).await?;
    let Opened { keyring, checkpoints, set_back, has_checkpoint, .. } = opened;
    let Some(set_back) = set_back else {
        return Ok(if has_checkpoint { Acceptance::Current } else { Acceptance::NothingKept });
    };
    store.seal_with(keyring as Arc<dyn ChainSealer>).await?;
    let (at, checkpoint) = (set_back.store(), set_back.checkpoint());
    store.advance_to(at.max(checkpoint.unwrap_or(at)) + 1).await?;
    let op = Op {
        origin: Origin::system(&*ids, clock.now()),
        caller: Arc::new(Caller::operator(uid)),
        tenant_id: TenantId::SYSTEM,
    };
    let log = Resource { kind: ResourceKind::Audit, id: None, key: None };
    let detail = Some(Detail::SetBack { store: at, checkpoint });
    let event = AuditEvent { detail, ..op.event(&*ids, AuditAction::RollbackAccept, log) };
    let events = if planted!("acceptance-unrecorded") { vec![] } else { vec![event] };
    let commit = Commit { tenant_id: TenantId::SYSTEM, changes: Vec::new(), events };
    store.commit(commit).await?;
    let (_, note) = store.checkpoint().await?;
    checkpoints.keep(&note).map_err(StartError::Checkpoint)?;
    Ok(Acceptance::Accepted(set_back))
}
