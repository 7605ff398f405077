//! Deleting a group with everything in it: ciphertext, wraps and grants go; its name is free; the audit stays.

use crate::{app::App, context::Op, error::AppError, limits, secrets::Tries};
use subrosa_domain::{
    Change, GroupId,
    audit::AuditAction,
    policy::{AdminGroups, Permit},
};

impl App {
    /// Deletes a group.
    ///
    /// # Errors
    /// Not found; [`Denied::MissingRole`](subrosa_domain::policy::Denied::MissingRole); [`AppError::Invalid`] for the
    /// group `default`; [`AppError::UsePaging`] for one too large to delete in one commit; faults of the store.
    pub async fn delete_group(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        id: GroupId,
    ) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_delete_group(op, permit, id).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_delete_group(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        id: GroupId,
    ) -> Result<(), AppError> {
        let tenant = permit.tenant_id();
        let Some(group) = self.permitted_group(permit, id).await? else {
            return Err(AppError::invalid("/", "the group default cannot be deleted"));
        };
        let secrets = self.tenant(tenant).group_secrets(id, 0, limits::COUNT_MAX).await?;
        let secrets = self.all_verified(secrets)?;
        if secrets.len() > limits::LIST_MAX as usize {
            return Err(AppError::UsePaging);
        }
        let erased = |secret| self.secret_event(op, AuditAction::SecretDelete, secret);
        let mut events: Vec<_> = secrets.iter().map(erased).collect();
        events.push(self.group_event(op, AuditAction::GroupDelete, &group));
        let mut changes: Vec<Change> =
            secrets.iter().map(|secret| Change::SecretErase(secret.id)).collect();
        changes.push(Change::GroupErase(id, group.row_version));
        self.commit(tenant, changes, events).await.map(|_| ())
    }
}
