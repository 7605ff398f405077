//! Reading what is known of tokens.

use crate::{
    app::App,
    audit::{Events, Filter},
    context::Op,
    error::AppError,
    limits,
    page::{Page, PageRequest},
};
use subrosa_domain::{
    Activity, PrincipalKind, RequestId, Token, TokenId, TokenKind,
    audit::AuditAction,
    policy::{Authenticated, CallerKind, Permit, ReadTokens},
};
use subrosa_store::AuditCursor;

/// Which tokens a list is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bucket {
    /// Every token.
    All,
    /// People's: USER and CLI.
    Owned,
    /// The platform's: SYSTEM and SERVICE_ACCOUNT.
    System,
}

impl Bucket {
    const fn kinds(self) -> &'static [TokenKind] {
        match self {
            Self::All => &[
                TokenKind::User,
                TokenKind::Cli,
                TokenKind::System,
                TokenKind::ServiceAccount,
                TokenKind::VirtualAccount,
                TokenKind::Personal,
                TokenKind::ApiKey,
                TokenKind::Member,
            ],
            Self::Owned => &[
                TokenKind::User,
                TokenKind::Cli,
                TokenKind::Personal,
                TokenKind::ApiKey,
                TokenKind::Member,
            ],
            Self::System => {
                &[TokenKind::System, TokenKind::ServiceAccount, TokenKind::VirtualAccount]
            }
        }
    }
}

impl App {
    /// The tenant's tokens, newest first, revoked ones included.
    ///
    /// # Errors
    /// [`AppError::UsePaging`]; faults of the store.
    pub async fn list_tokens(
        &self,
        permit: &Permit<ReadTokens>,
        bucket: Bucket,
        page: PageRequest<TokenId>,
    ) -> Result<Page<Token>, AppError> {
        let tenant = self.tenant(permit.tenant_id());
        let rows = tenant.tokens(bucket.kinds(), page.after(), page.limit()).await?;
        let total = match bucket {
            Bucket::All => Some(tenant.counted().await?.tokens),
            Bucket::Owned | Bucket::System => {
                page.total_by(tenant.tokens(bucket.kinds(), None, limits::COUNT_MAX)).await?
            }
        };
        let tokens = self.all_verified(rows)?.into_iter().map(|token| self.fresh_use(token));
        page.page(tokens.collect(), total)
    }

    /// The token the caller came with, and what kind of principal it speaks for; `None` for a caller without one.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn current_token(
        &self,
        op: &Op,
        _permit: &Permit<Authenticated>,
    ) -> Result<Option<(Token, PrincipalKind)>, AppError> {
        let CallerKind::Token { token_id, principal_id, .. } = op.caller.kind else {
            return Ok(None);
        };
        let token = self.fresh_use(self.token(op, token_id).await?);
        let principal = self.tenant(op.tenant_id).principal(principal_id).await?;
        let principal = self.verified(principal.ok_or(AppError::NOT_FOUND)?)?;
        Ok(Some((token, principal.kind)))
    }

    /// One token.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn show_token(
        &self,
        op: &Op,
        _permit: &Permit<ReadTokens>,
        id: TokenId,
    ) -> Result<Token, AppError> {
        Ok(self.fresh_use(self.token(op, id).await?))
    }

    /// A token's own events of these actions, newest first.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn token_events(
        &self,
        op: &Op,
        _permit: &Permit<ReadTokens>,
        id: TokenId,
        actions: Vec<AuditAction>,
        page: PageRequest<AuditCursor>,
    ) -> Result<(Token, Events), AppError> {
        let token = self.token(op, id).await?;
        let resource_ids = vec![*id.as_bytes()];
        let filter = Filter { actions, resource_ids, ..Filter::default() };
        Ok((token, self.events_about(op, &filter, page).await?))
    }

    /// What a token was used for lately, newest first.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn token_activity(
        &self,
        op: &Op,
        _permit: &Permit<ReadTokens>,
        id: TokenId,
        page: PageRequest<RequestId>,
    ) -> Result<(Token, Page<Activity>), AppError> {
        let token = self.token(op, id).await?;
        let activities = self.activities_of(op, &[id], page).await?;
        Ok((token, activities))
    }

    pub(crate) async fn activities_of(
        &self,
        op: &Op,
        tokens: &[TokenId],
        page: PageRequest<RequestId>,
    ) -> Result<Page<Activity>, AppError> {
        self.flush_for(op.tenant_id).await?;
        let tenant = self.tenant(op.tenant_id);
        let rows = tenant.activities(tokens, page.after(), page.limit()).await?;
        let total = page.total_by(tenant.activities(tokens, None, limits::COUNT_MAX)).await?;
        page.page(rows, total)
    }

    /// The row with its last use as it is known now, written or not.
    pub(crate) fn fresh_use(&self, mut token: Token) -> Token {
        let waiting = self.ledger.token_last_used(token.tenant_id, token.id);
        token.last_used_at = token.last_used_at.max(waiting);
        token
    }
}
