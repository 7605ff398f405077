//! API keys: tokens known by a name, switched on and off, their scopes replaced. What the walletcrew surface
//! administers.

use crate::{
    app::App,
    context::Op,
    error::AppError,
    limits,
    tokens::{Minted, check_width},
};
use subrosa_domain::{
    Change, ScopeSet, Token, TokenKind,
    audit::{AuditAction, Detail},
    policy::{Permit, ReadTokens, WriteTokens},
};

/// What a new API key is to be.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    /// Its name: unique among the tenant's living API keys.
    pub name: String,
    /// Whether it works at once.
    pub enabled: bool,
    /// What it may do.
    pub scopes: ScopeSet,
}

/// What is to change of an API key; what is `None` stays.
#[derive(Clone, Copy, Default, Debug)]
pub struct ChangeApiKey {
    /// Whether it works.
    pub enabled: Option<bool>,
    /// What it may do.
    pub scopes: Option<ScopeSet>,
}

impl App {
    /// The tenant's API keys, by name.
    ///
    /// # Errors
    /// [`AppError::UsePaging`]; faults of the store.
    pub async fn list_api_keys(&self, permit: &Permit<ReadTokens>) -> Result<Vec<Token>, AppError> {
        let tenant = self.tenant(permit.tenant_id());
        let rows = tenant.tokens(&[TokenKind::ApiKey], None, limits::COUNT_MAX).await?;
        if rows.len() > limits::LIST_MAX as usize {
            return Err(AppError::UsePaging);
        }
        let mut keys = self.all_verified(rows)?;
        keys.retain(|key| key.revoked_at.is_none());
        keys.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(keys)
    }

    /// The API key of this name.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn show_api_key(
        &self,
        permit: &Permit<ReadTokens>,
        name: &str,
    ) -> Result<Token, AppError> {
        let found = self.tenant(permit.tenant_id()).token_by_name(TokenKind::ApiKey, name).await?;
        self.verified(found.ok_or(AppError::NOT_FOUND)?)
    }

    /// Makes an API key that speaks for the caller. It has no end but the caller's own.
    ///
    /// # Errors
    /// [`AppError::Exists`] when the name is taken; [`AppError::Widens`]; faults of shape and store.
    pub async fn create_api_key(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        new: CreateApiKey,
    ) -> Result<Minted, AppError> {
        check_name(&new.name)?;
        check_width(op, new.scopes)?;
        let principal = self.own_principal(op).await?;
        let (name, ends) = (Some(new.name), op.caller.expires_at());
        let mut minted = self.new_token(op, principal, name, TokenKind::ApiKey, new.scopes, ends);
        if !new.enabled {
            minted.token.disabled_at = Some(op.now());
            minted.token = self.sealed(minted.token);
        }
        let detail = Some(Detail::Scopes(new.scopes));
        let event = self.token_event(op, AuditAction::TokenMint, &minted.token, detail);
        let changes = vec![Change::TokenInsert(minted.token.clone())];
        self.commit(permit.tenant_id(), changes, vec![event]).await?;
        Ok(minted)
    }

    /// Changes the API key of this name. What is already as asked is no change.
    ///
    /// # Errors
    /// Not found; [`AppError::Widens`]; [`AppError::Contended`]; faults of the store.
    pub async fn change_api_key(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        name: &str,
        change: ChangeApiKey,
    ) -> Result<Token, AppError> {
        let mut token = self.living_api_key(permit, name).await?;
        let _turn = self.turn(token.id.as_bytes()).await?;
        token = self.token(op, token.id).await?;
        if token.revoked_at.is_some() {
            return Err(AppError::NOT_FOUND);
        }
        let before = token.clone();
        token.scopes = change.scopes.unwrap_or(token.scopes);
        // Switching a key on gives it what it may do, as much as saying so does.
        let turns_on = change.enabled == Some(true) && token.disabled_at.is_some();
        if change.scopes.is_some() || turns_on {
            check_width(op, token.scopes)?;
        }
        match change.enabled {
            Some(true) => token.disabled_at = None,
            Some(false) if token.disabled_at.is_none() => token.disabled_at = Some(op.now()),
            Some(false) | None => {}
        }
        if token == before {
            return Ok(token);
        }
        token.modified_at = op.now();
        token.row_version += 1;
        let token = self.sealed(token);
        let detail = Some(Detail::Scopes(token.scopes));
        let event = self.token_event(op, AuditAction::TokenUpdate, &token, detail);
        let changes = vec![Change::TokenUpdate(token.clone())];
        self.commit(permit.tenant_id(), changes, vec![event]).await?;
        Ok(token)
    }

    /// Revokes the API key of this name. The name is free again.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn delete_api_key(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        name: &str,
    ) -> Result<(), AppError> {
        let token = self.living_api_key(permit, name).await?;
        self.revoke_token(op, permit, token.id).await
    }

    async fn living_api_key(
        &self,
        permit: &Permit<WriteTokens>,
        name: &str,
    ) -> Result<Token, AppError> {
        let found = self.tenant(permit.tenant_id()).token_by_name(TokenKind::ApiKey, name).await?;
        self.verified(found.ok_or(AppError::NOT_FOUND)?)
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), AppError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    // A path with only dots for a segment has a second reading, and is refused before any route.
    let reachable = name != "." && name != "..";
    if (1..=128).contains(&name.len()) && name.bytes().all(fits) && reachable {
        Ok(())
    } else {
        Err(AppError::invalid("/name", "must be 1 to 128 letters, digits, '-', '_' or '.'"))
    }
}
