//! Rotating a service account: a new key goes live and the others die, in one commit.

use super::Provisioned;
use crate::{
    app::App,
    context::Op,
    error::AppError,
    tokens::{Expiry, check_life, check_width, in_days},
};
use subrosa_domain::{
    Change, PrincipalId, PrincipalState, TokenKind,
    audit::{AuditAction, Detail},
    policy::{Permit, WriteTokens},
};

impl App {
    /// Gives a service account a new key and revokes its others.
    ///
    /// # Errors
    /// Not found; [`AppError::Revoked`]; [`AppError::Widens`]; [`AppError::Outlives`]; faults of shape and store.
    pub async fn rotate_service_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
        expiry: Expiry,
    ) -> Result<Provisioned, AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let account = self.service_account(op, id).await?;
        if account.state != PrincipalState::Active {
            return Err(AppError::Revoked);
        }
        self.check_speaks_for(op, id, TokenKind::ServiceAccount).await?;
        check_width(op, account.scopes)?;
        let ends = match expiry {
            Expiry::Unsaid => op.caller.expires_at(),
            Expiry::Never => None,
            Expiry::Days(days) => Some(in_days(op, days)?),
        };
        check_life(op, ends)?;
        let key_name = Some(format!("{}-key", account.name));
        let kind = TokenKind::ServiceAccount;
        let key = self.new_token(op, account.id, key_name, kind, account.scopes, ends);
        let old = self.keys_of(op, id).await?;
        let (mut changes, mut events) = self.revocations(op, old);
        changes.insert(0, Change::TokenInsert(key.token.clone()));
        let detail = Some(Detail::Prefix(key.token.key_prefix.clone()));
        let rotated = AuditAction::ServiceAccountRotate;
        let scopes = Some(Detail::Scopes(key.token.scopes));
        events.insert(0, self.account_event(op, rotated, &account, detail));
        events.insert(1, self.token_event(op, AuditAction::TokenMint, &key.token, scopes));
        self.commit(permit.tenant_id(), changes, events).await?;
        Ok(Provisioned { account, key })
    }
}
