//! Rolling back: the pointer moves to an older revision. No new number, nothing re-sealed.

use super::Tries;
use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, Revision, RevisionId, SecretId,
    audit::AuditAction,
    policy::{Permit, WriteSecrets},
};
use subrosa_plant::planted;

impl App {
    /// Makes an older revision the live one. The one that is live already stays, and nothing changes.
    ///
    /// # Errors
    /// Not found, for a revision of another secret as well; [`AppError::Contended`]; faults of the store.
    pub async fn rollback_secret(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        to: RevisionId,
    ) -> Result<Revision, AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_rollback(op, permit, id, to).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_rollback(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        to: RevisionId,
    ) -> Result<Revision, AppError> {
        let tenant_id = permit.tenant_id();
        let mut secret = self.secret(permit, id).await?;
        let revision = self.tenant(tenant_id).revision(id, to).await?;
        let revision = revision.ok_or(AppError::NOT_FOUND)?;
        if secret.published.is_some_and(|live| live.revision_id == to) {
            return Ok(revision);
        }
        secret.check_return_to(&revision)?;
        secret.touch(op.now());
        let publication = secret.point_at(&revision, &op.caller.name, op.now());
        let secret = self.sealed(secret);
        let event = self.secret_event(op, AuditAction::SecretRollback, &secret);
        let mut changes =
            vec![Change::SecretUpdate(secret), Change::PublicationInsert(publication)];
        if planted!("rollback-unpublished") {
            changes.pop();
        }
        self.commit(tenant_id, changes, vec![event]).await?;
        Ok(revision)
    }
}
