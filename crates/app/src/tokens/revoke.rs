//! Revoking: terminal, and at once.

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, Token, TokenId,
    audit::AuditAction,
    policy::{Permit, WriteTokens},
};

impl App {
    /// Revokes a token. One that is revoked already stays as it is.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn revoke_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: TokenId,
    ) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let token = self.token(op, id).await?;
        if token.revoked_at.is_some() {
            return Ok(());
        }
        let token = self.revoked(op, token);
        let event = self.token_event(op, AuditAction::TokenRevoke, &token, None);
        self.commit(permit.tenant_id(), vec![Change::TokenUpdate(token)], vec![event]).await?;
        Ok(())
    }

    /// The row of a token, revoked now and sealed anew.
    pub(crate) fn revoked(&self, op: &Op, mut token: Token) -> Token {
        token.revoked_at = Some(op.now());
        token.modified_at = op.now();
        token.row_version += 1;
        self.sealed(token)
    }
}
