//! Personal access tokens: a user's own, or made for a user by an administrator.
//!
//! One that is made for oneself carries the maker's scopes. One that is made for somebody else carries none: it acts by
//! that user's roles in groups, so that handing it out opens nothing but what the roles say.

use crate::{
    app::App,
    context::Op,
    error::AppError,
    groups::SubjectRef,
    tokens::{Minted, check_life},
};
use std::str::FromStr;
use subrosa_domain::{
    Change, Email, PrincipalId, PrincipalKind, ScopeSet, Timestamp, Token, TokenId, TokenKind,
    audit::{AuditAction, Detail},
    policy::{AdminTenant, Authenticated, Caller, CallerKind, Permit, WriteTokens},
};

/// What a personal access token may be called: `^[a-z][a-z0-9-]{1,34}[a-z0-9]$`.
#[derive(Clone, Debug)]
pub struct PersonalTokenName(String);

/// What a new personal access token is to be.
#[derive(Clone, Debug)]
pub struct CreatePersonalToken {
    /// Its name, unique among its owner's living ones.
    pub name: PersonalTokenName,
    /// When it ends; `None` for no end but its maker's.
    pub expires_at: Option<Timestamp>,
}

impl App {
    /// The caller's own personal access tokens, oldest first, and those made for them.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn list_personal_tokens(
        &self,
        op: &Op,
        _permit: &Permit<Authenticated>,
    ) -> Result<Vec<Token>, AppError> {
        let owner = self.own_principal(op).await?;
        let mut own = self.personal_tokens_of(op, owner).await?;
        own.sort_by_key(|token| token.id);
        Ok(own.into_iter().map(|token| self.fresh_use(token)).collect())
    }

    /// Mints a personal access token that speaks for the caller with all the caller's scopes.
    ///
    /// # Errors
    /// [`AppError::ByPersonalToken`] when the caller came with one; [`AppError::Exists`]; [`AppError::Outlives`];
    /// faults of shape and store.
    pub async fn create_personal_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        new: CreatePersonalToken,
    ) -> Result<Minted, AppError> {
        let owner = self.own_principal(op).await?;
        let scopes = op.caller.scopes;
        self.mint_personal(op, permit.tenant_id(), owner, TokenKind::Personal, scopes, new).await
    }

    /// Mints a personal access token for a user, which acts by that user's roles.
    ///
    /// # Errors
    /// Not found for a user that is not there; [`AppError::Exists`]; [`AppError::Outlives`]; faults of shape and store.
    pub async fn create_personal_token_for(
        &self,
        op: &Op,
        permit: &Permit<AdminTenant>,
        user: &Email,
        new: CreatePersonalToken,
    ) -> Result<Minted, AppError> {
        let owner = self.user_named(op, user).await?;
        let (kind, scopes) = (TokenKind::Member, ScopeSet::NONE);
        self.mint_personal(op, permit.tenant_id(), owner, kind, scopes, new).await
    }

    /// Revokes every personal access token of a user. Answers how many.
    ///
    /// # Errors
    /// Not found for a user that is not there; faults of the store.
    pub async fn revoke_personal_tokens_of(
        &self,
        op: &Op,
        permit: &Permit<AdminTenant>,
        user: &Email,
    ) -> Result<usize, AppError> {
        let owner = self.user_named(op, user).await?;
        let living = self.personal_tokens_of(op, owner).await?;
        let count = living.len();
        let (changes, events) = self.revocations(op, living);
        if count > 0 {
            self.commit(permit.tenant_id(), changes, events).await?;
        }
        Ok(count)
    }

    /// Revokes one of the caller's own personal access tokens; an administrator revokes anybody's.
    ///
    /// # Errors
    /// Not found, for another's as well; faults of the store.
    pub async fn delete_personal_token(
        &self,
        op: &Op,
        permit: &Permit<Authenticated>,
        id: TokenId,
    ) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let token = self.token(op, id).await?;
        let own = Some(token.principal_id) == op.caller.principal_id() || op.caller.is_admin();
        if !own || !is_personal(&token) || token.revoked_at.is_some() {
            return Err(AppError::NOT_FOUND);
        }
        let (changes, events) = self.revocations(op, vec![token]);
        self.commit(permit.tenant_id(), changes, events).await.map(|_| ())
    }

    async fn mint_personal(
        &self,
        op: &Op,
        tenant: subrosa_domain::TenantId,
        owner: PrincipalId,
        kind: TokenKind,
        scopes: ScopeSet,
        new: CreatePersonalToken,
    ) -> Result<Minted, AppError> {
        if by_personal_token(&op.caller) {
            return Err(AppError::ByPersonalToken);
        }
        if new.expires_at.is_some_and(|end| end <= op.now()) {
            return Err(AppError::invalid("/expirationDate", "must be in the future"));
        }
        let ends = new.expires_at.or(op.caller.expires_at());
        check_life(op, ends)?;
        let minted = self.new_token(op, owner, Some(new.name.0), kind, scopes, ends);
        let detail = Some(Detail::Scopes(scopes));
        let event = self.token_event(op, AuditAction::TokenMint, &minted.token, detail);
        self.commit(tenant, vec![Change::TokenInsert(minted.token.clone())], vec![event]).await?;
        Ok(minted)
    }

    async fn personal_tokens_of(
        &self,
        op: &Op,
        owner: PrincipalId,
    ) -> Result<Vec<Token>, AppError> {
        let rows = self.tenant(op.tenant_id).tokens_of(owner).await?;
        let mut tokens = self.all_verified(rows)?;
        tokens.retain(|token| is_personal(token) && token.revoked_at.is_none());
        Ok(tokens)
    }

    async fn user_named(&self, op: &Op, user: &Email) -> Result<PrincipalId, AppError> {
        let SubjectRef { kind, name } =
            SubjectRef { kind: PrincipalKind::User, name: user.as_str().into() };
        let found = self.tenant(op.tenant_id).principal_by_name(kind, &name).await?;
        Ok(self.verified(found.ok_or(AppError::NOT_FOUND)?)?.id)
    }
}

/// Whether a caller came with a personal access token, which makes none of its kind.
pub(crate) const fn by_personal_token(caller: &Caller) -> bool {
    matches!(
        caller.kind,
        CallerKind::Token { token_kind: TokenKind::Personal | TokenKind::Member, .. }
    )
}

const fn is_personal(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Personal | TokenKind::Member)
}

impl FromStr for PersonalTokenName {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        let bytes = name.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        let fits = (3..=36).contains(&bytes.len())
            && bytes.iter().all(inner)
            && bytes.first().is_some_and(u8::is_ascii_lowercase)
            && bytes.last().is_some_and(|b| *b != b'-');
        if !fits {
            let message =
                "must be 3 to 36 lower-case letters, digits or '-', from a letter to no '-'";
            return Err(AppError::invalid("/name", message));
        }
        Ok(Self(name.to_owned()))
    }
}
