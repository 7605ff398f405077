//! Revealing many values at once: one answer an item, and every strict event durable before the first byte of any.

use super::reveal::{Revealed, on_record};
use crate::{app::App, cache::Live, context::Op, error::AppError, limits};
use std::sync::Arc;
use subrosa_domain::{
    AuditPolicy, GroupId, KeyName, SecretId,
    audit::Reason,
    policy::{Denied, Permit, RevealPermit, RevealSecrets},
};
use subrosa_store::Committed;

/// One thing asked for.
#[derive(Clone, Debug)]
pub enum BatchItem {
    /// By id.
    Id(SecretId),
    /// By key in the group `default`.
    Key(KeyName),
}

/// One answer: the value, or why not. An answer that is not found says the same whatever the reason.
pub type BatchAnswer = Result<Revealed, Denied>;

/// A secret as it was looked up, and leave to open it.
pub(crate) type Leave = (Arc<Live>, RevealPermit);

impl App {
    /// Reads many live values. Items that are refused do not stop the others.
    ///
    /// # Errors
    /// [`AppError::BatchTooLarge`] for more than [`limits::BATCH_ITEMS_MAX`] items or [`limits::BATCH_BYTES_MAX`]
    /// bytes;
    /// [`AppError::AuditUnavailable`]: nothing was opened; faults of store and custody, for the whole batch.
    pub async fn reveal_secrets(
        &self,
        op: &Op,
        permit: &Permit<RevealSecrets>,
        items: &[BatchItem],
        reason: Option<Reason>,
    ) -> Result<Vec<BatchAnswer>, AppError> {
        if items.len() > limits::BATCH_ITEMS_MAX {
            return Err(AppError::BatchTooLarge);
        }
        let mut leaves = Vec::with_capacity(items.len());
        let mut sealed_bytes = 0;
        for item in items {
            let leave = self.leave_for(op, permit, item).await?;
            if let Ok((live, _)) = &leave {
                sealed_bytes += live.sealed_bytes();
            }
            leaves.push(leave);
        }
        if sealed_bytes > limits::BATCH_BYTES_MAX {
            return Err(AppError::BatchTooLarge);
        }
        self.open_all(op, leaves, reason).await
    }

    /// Opens everything there is leave for, once all of it is on record.
    pub(crate) async fn open_all(
        &self,
        op: &Op,
        leaves: Vec<Result<Leave, Denied>>,
        reason: Option<Reason>,
    ) -> Result<Vec<BatchAnswer>, AppError> {
        self.check_current()?;
        let committed = self.record_strict(op, &leaves, reason.as_ref()).await?;
        let mut answers = Vec::with_capacity(leaves.len());
        for leave in leaves {
            answers.push(match leave {
                Ok((live, leave)) => {
                    let receipt = match &committed {
                        Some(committed) if is_strict(&leave) => committed.receipt(),
                        _ => self.count_reveal(op, &live, &leave, reason.clone()),
                    };
                    Ok(self.open(op, &live, &on_record(leave, receipt)?).await?)
                }
                Err(denied) => Err(denied),
            });
        }
        Ok(answers)
    }

    async fn leave_for(
        &self,
        op: &Op,
        permit: &Permit<RevealSecrets>,
        item: &BatchItem,
    ) -> Result<Result<Leave, Denied>, AppError> {
        let tenant = permit.tenant_id();
        let live = match item {
            BatchItem::Id(id) => self.live(tenant, *id).await?,
            BatchItem::Key(key) => {
                self.live_by_key(tenant, GroupId::default_of(tenant), key).await?
            }
        };
        let Some(live) = live else {
            let id = if let BatchItem::Id(id) = item { Some(*id) } else { None };
            let _on_record: AppError = self.refused_absent(op, id);
            return Ok(Err(Denied::NotFound));
        };
        self.leave(op, permit, live).await
    }

    /// Leave to open a secret that was looked up. A refusal is on record.
    pub(crate) async fn leave(
        &self,
        op: &Op,
        permit: &Permit<RevealSecrets>,
        live: Arc<Live>,
    ) -> Result<Result<Leave, Denied>, AppError> {
        let group = self.group_of(&live.secret).await?;
        Ok(match permit.of(&live.secret, group.as_deref(), op.now()) {
            Ok(leave) => Ok((live, leave)),
            Err(denied) => {
                let _on_record: AppError = self.refused(op, &live, denied);
                Err(denied)
            }
        })
    }

    /// Commits the events of every strict item, all in one commit; `None` when there are none.
    async fn record_strict(
        &self,
        op: &Op,
        leaves: &[Result<Leave, Denied>],
        reason: Option<&Reason>,
    ) -> Result<Option<Committed>, AppError> {
        let strict = leaves.iter().flatten().filter(|(_, leave)| is_strict(leave));
        let events: Vec<_> = strict
            .map(|(live, leave)| self.reveal_event(op, live, leave, reason.cloned()))
            .collect();
        if events.is_empty() {
            return Ok(None);
        }
        self.record_first(op, events).await.map(Some)
    }
}

fn is_strict(leave: &RevealPermit) -> bool {
    leave.tier().audit_policy() == AuditPolicy::FailClosed
}

impl Live {
    pub(crate) fn sealed_bytes(&self) -> usize {
        let value = self.revision.as_ref().and_then(|revision| revision.sealed.as_ref());
        value.map_or(0, |sealed| sealed.value.len())
    }
}
