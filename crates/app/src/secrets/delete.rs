//! Deleting a secret: ciphertext, wraps and grants go; the key is free; the audit stays; the id never returns.

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, SecretId,
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
        let secret = self.secret(op, id).await?;
        let event = self.secret_event(op, AuditAction::SecretDelete, &secret);
        self.commit(permit.tenant_id(), vec![Change::SecretErase(id)], vec![event]).await?;
        Ok(())
    }
}
