//! Ending a service account: it and every key of it, in one commit.

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, PrincipalId, PrincipalState,
    audit::AuditAction,
    policy::{Permit, WriteTokens},
};

impl App {
    /// Revokes a service account and its keys. One that is revoked already stays as it is.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn revoke_service_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
    ) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let mut account = self.service_account(op, id).await?;
        if account.state != PrincipalState::Active {
            return Ok(());
        }
        account.state = PrincipalState::Revoked;
        account.revoked_at = Some(op.now());
        account.modified_at = op.now();
        account.row_version += 1;
        let account = self.sealed(account);
        let keys = self.keys_of(op, id).await?;
        let (mut changes, mut events) = self.revocations(op, keys);
        events.insert(0, self.account_event(op, AuditAction::ServiceAccountRevoke, &account, None));
        changes.push(Change::PrincipalUpdate(account));
        self.commit(permit.tenant_id(), changes, events).await?;
        Ok(())
    }
}
