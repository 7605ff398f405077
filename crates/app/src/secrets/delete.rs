//! Deleting a secret: ciphertext, wraps and grants go; the key is free; the audit stays; the id never returns.

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, GroupId, KeyName, SecretId,
    audit::AuditAction,
    policy::{Permit, WriteSecrets},
};

impl App {
    /// Deletes a secret with all its revisions and grants.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn delete_secret(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
    ) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let secret = self.secret(permit, id).await?;
        let event = self.secret_event(op, AuditAction::SecretDelete, &secret);
        self.commit(permit.tenant_id(), vec![Change::SecretErase(id)], vec![event]).await?;
        Ok(())
    }

    /// Deletes the secret of this key in the group `default`.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn delete_by_key(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        key: &KeyName,
    ) -> Result<(), AppError> {
        let tenant = permit.tenant_id();
        let found = self.tenant(tenant).secret_by_key(GroupId::default_of(tenant), key).await?;
        let secret = self.verified(found.ok_or(AppError::NOT_FOUND)?)?;
        self.delete_secret(op, permit, secret.id).await
    }
}
