//! Rotating: the same token, a new secret; the old one is dead with the commit.

use super::{Expiry, Minted, check_life, check_name, check_width, in_days, mint::prefix};
use crate::{api_keys, app::App, context::Op, error::AppError};
use subrosa_crypto::NewToken;
use subrosa_domain::{
    Change, ScopeSet, Timestamp, Token, TokenId, TokenKind,
    audit::{AuditAction, Detail},
    policy::{Permit, WriteTokens},
};
use subrosa_plant::planted;

/// What changes together with the secret.
#[derive(Clone, Debug)]
pub struct RotateToken {
    /// A new name.
    pub name: Option<String>,
    /// Other scopes, presets already expanded.
    pub scopes: Option<ScopeSet>,
    /// Another life; unsaid keeps the window it had, counted from now.
    pub expiry: Expiry,
}

impl App {
    /// Gives a token a new secret.
    ///
    /// Whoever rotates a token gets to hold it, so the rules of minting hold for the outcome.
    ///
    /// # Errors
    /// Not found; [`AppError::Revoked`]; [`AppError::Widens`]; [`AppError::Outlives`]; faults of shape and store.
    pub async fn rotate_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: TokenId,
        change: RotateToken,
    ) -> Result<Minted, AppError> {
        if let Some(name) = &change.name {
            check_name(name)?;
        }
        let _turn = self.turn(id.as_bytes()).await?;
        let mut token = self.token(op, id).await?;
        if token.revoked_at.is_some() {
            return Err(AppError::Revoked);
        }
        // Those have no secret to replace, and no scopes to be given any.
        if token.kind == TokenKind::VirtualAccount
            || (token.kind == TokenKind::Member && change.scopes.is_some())
        {
            return Err(AppError::Conflict);
        }
        if let (TokenKind::ApiKey, Some(name)) = (token.kind, &change.name) {
            api_keys::check_name(name)?;
        }
        self.check_speaks_for(op, token.principal_id, token.kind).await?;
        let scopes = change.scopes.unwrap_or(token.scopes);
        check_width(op, scopes)?;
        let expires_at = match change.expiry {
            Expiry::Unsaid => same_window(op, &token),
            Expiry::Never => None,
            Expiry::Days(days) => Some(in_days(op, days)?),
        };
        check_life(op, expires_at)?;
        let NewToken { plain, key_id, hash, key_prefix } =
            self.keyring.generate_token(prefix(token.kind));
        if !planted!("rotate-keeps-old-token") {
            (token.key_id, token.hash, token.key_prefix) = (key_id, hash, key_prefix);
        }
        token.name = change.name.map_or(token.name, Into::into);
        token.scopes = scopes;
        token.expires_at = expires_at;
        token.modified_at = op.now();
        token.row_version += 1;
        let token = self.sealed(token);
        let detail = Some(Detail::Prefix(token.key_prefix.clone()));
        let event = self.token_event(op, AuditAction::TokenRotate, &token, detail);
        let changes = vec![Change::TokenUpdate(token.clone())];
        self.commit(permit.tenant_id(), changes, vec![event]).await?;
        Ok(Minted { token, plain })
    }
}

/// The end that gives the token the life it had, but none beyond the caller's own.
fn same_window(op: &Op, token: &Token) -> Option<Timestamp> {
    let ends = token.expires_at.map(|end| op.now().plus(end.since(token.modified_at)));
    match (ends, op.caller.expires_at()) {
        (Some(ends), Some(own)) => Some(ends.min(own)),
        (ends, own) => ends.or(own),
    }
}
