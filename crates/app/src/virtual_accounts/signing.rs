//! The keys that sign the tokens, and the tokens made from their rows.

use crate::{app::App, context::Op, error::AppError};
use std::{sync::Arc, time::Duration};
use subrosa_crypto::{AccountClaims, TenantKeys};
use subrosa_domain::{
    Change, KeyId, Principal, PrincipalId, RowSeal, ScopeSet, SealedRow, SigningKey, SigningKeyId,
    TenantId, Timestamp, Token, TokenHash, TokenId, TokenKind,
    audit::{AuditAction, AuditEvent},
};
use subrosa_plaintext::PlainToken;

/// How long a token lives when nothing else is said: ten years.
const LIFE: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Public keys of one answer: a tenant has one, or a few.
const JWKS_MAX: u32 = 10_000;

/// The key a tenant signs with, and what a commit needs when it is a new one.
pub(super) struct Signer {
    pub(super) key: SigningKey,
    pub(super) new: Option<(Change, AuditEvent)>,
}

impl App {
    /// The public keys that tokens of virtual accounts are checked with. They name no tenant.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn public_keys(&self) -> Result<Vec<(SigningKeyId, [u8; 32])>, AppError> {
        let keys = self.all_verified(self.store.all_signing_keys(JWKS_MAX).await?)?;
        Ok(keys.into_iter().map(|key| (key.id, key.public)).collect())
    }

    /// The tenant's newest signing key, or its first.
    pub(super) async fn signer(&self, op: &Op, keys: &TenantKeys) -> Result<Signer, AppError> {
        let known = self.tenant(op.tenant_id).signing_keys().await?;
        if let Some(newest) = known.into_iter().next() {
            return Ok(Signer { key: self.verified(newest)?, new: None });
        }
        let id = SigningKeyId::fresh(&*self.ids);
        let key = self.sealed(keys.create_signing_key(id, op.now())?);
        let event = op.event(&*self.ids, AuditAction::SigningKeyCreate, key.resource());
        Ok(Signer { new: Some((Change::SigningKeyInsert(key.clone()), event)), key })
    }

    /// A sealed row of a new token of an account, not yet committed. Times are whole seconds, as the token says them.
    pub(super) fn account_token(
        &self,
        op: &Op,
        account: PrincipalId,
        ends: Option<Timestamp>,
    ) -> Result<Token, AppError> {
        let id = TokenId::fresh(&*self.ids);
        let issued = Timestamp::from_micros(op.now().as_secs().saturating_mul(1_000_000));
        let longest = issued.plus(LIFE);
        let ends = ends.or(op.caller.expires_at()).unwrap_or(longest).min(longest);
        let ends = Timestamp::from_micros(ends.as_secs().saturating_mul(1_000_000));
        crate::tokens::check_life(op, Some(ends))?;
        let tail = id.uuid().simple().to_string();
        let key_id = KeyId::parse(tail.as_bytes().get(20..).unwrap_or_default());
        Ok(self.sealed(Token {
            id,
            tenant_id: op.tenant_id,
            key_id: key_id.ok_or(AppError::Internal("an id without a tail"))?,
            hash: TokenHash::SIGNED,
            key_prefix: "jwt".into(),
            name: id.to_string().into(),
            kind: TokenKind::VirtualAccount,
            scopes: ScopeSet::NONE,
            principal_id: account,
            created_by: (&*op.caller.name).into(),
            created_at: issued,
            modified_at: issued,
            expires_at: Some(ends),
            disabled_at: None,
            revoked_at: None,
            last_used_at: None,
            row_version: 1,
            seal: RowSeal::UNSEALED,
        }))
    }

    /// The token that a row stands for, signed. Whoever calls this has it on record.
    pub(super) async fn signed(
        &self,
        account: &Principal,
        token: &Token,
        key: &SigningKey,
        keys: &TenantKeys,
    ) -> Result<PlainToken, AppError> {
        let ends = token.expires_at.ok_or(AppError::Internal("a signed token without an end"))?;
        let claims = AccountClaims {
            subject: account.id,
            token: token.id,
            issued_at: token.created_at,
            expires_at: ends,
            tenant: self.tenant_slug(token.tenant_id).await?,
            name: &account.name,
        };
        let signed = keys.issue_account_token(key, &claims);
        Ok(signed.inspect_err(|_| self.record_row(token.tenant_id, key.resource()))?)
    }

    /// The key a token's row was signed with: the newest that is no newer than the row.
    pub(super) async fn signer_of(&self, token: &Token) -> Result<SigningKey, AppError> {
        let known = self.tenant(token.tenant_id).signing_keys().await?;
        let known = self.all_verified(known)?;
        let older =
            known.into_iter().find(|key| key.created_at.as_secs() <= token.created_at.as_secs());
        older.ok_or(AppError::Internal("a signed token without its key"))
    }

    /// A signing key by its id, from memory: it never changes, and is gone with its tenant, which the token's own row
    /// tells.
    pub(crate) async fn signing_key(
        &self,
        id: SigningKeyId,
    ) -> Result<Option<(TenantId, [u8; 32])>, AppError> {
        if let Some(known) = self.caches.signing_key(id) {
            return Ok(Some(known));
        }
        let Some(key) = self.store.signing_key(id).await? else { return Ok(None) };
        let key = Arc::new(self.verified(key)?);
        self.caches.keep_signing_key(id, (key.tenant_id, key.public));
        Ok(Some((key.tenant_id, key.public)))
    }
}
