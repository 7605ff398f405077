//! Revoking: terminal, and at once.

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, TenantId, Token, TokenId,
    audit::AuditAction,
    policy::{Authenticated, CallerKind, Permit, WriteTokens},
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
        self.revoke(op, permit.tenant_id(), id).await
    }

    /// Revokes the token that asks for it, which takes no scope: whoever holds a token may always end it.
    ///
    /// # Errors
    /// Not found for a caller without a token of ours; faults of the store.
    pub async fn revoke_current_token(
        &self,
        op: &Op,
        permit: &Permit<Authenticated>,
    ) -> Result<(), AppError> {
        let CallerKind::Token { token_id, .. } = op.caller.kind else {
            return Err(AppError::NOT_FOUND);
        };
        self.revoke(op, permit.tenant_id(), token_id).await
    }

    async fn revoke(&self, op: &Op, tenant: TenantId, id: TokenId) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let token = self.token(op, id).await?;
        if token.revoked_at.is_some() {
            return Ok(());
        }
        let token = self.revoked(op, token);
        let event = self.token_event(op, AuditAction::TokenRevoke, &token, None);
        self.commit(tenant, vec![Change::TokenUpdate(token)], vec![event]).await?;
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
