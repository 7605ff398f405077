//! A virtual account by its token: the signature proves the row, and the row says whether it works.

use crate::{app::App, auth, cache::TokenRecord, context::Origin, error::AppError};
use std::sync::Arc;
use subrosa_crypto::PresentedJwt;
use subrosa_domain::{TenantId, TokenHash, TokenId, TokenKind, policy::Caller};

impl App {
    pub(super) async fn authenticate_account(
        &self,
        origin: &Origin,
        presented: &PresentedJwt,
        tenant: TenantId,
        public: &[u8; 32],
    ) -> Result<Arc<Caller>, AppError> {
        let verified = presented.verify(public).ok_or(AppError::Unauthenticated)?;
        let record = self.signed_record(tenant, verified.token).await?;
        let record = record.ok_or(AppError::Unauthenticated)?;
        if record.principal.id != verified.subject || verified.expires_at <= origin.now {
            return Err(AppError::Unauthenticated);
        }
        self.accept(origin, &record)
    }

    /// The row of a token that is proved by a signature, with the account it speaks for.
    async fn signed_record(
        &self,
        tenant: TenantId,
        id: TokenId,
    ) -> Result<Option<Arc<TokenRecord>>, AppError> {
        if let Some(record) = self.caches.signed_token(id) {
            return Ok(Some(record).filter(|record| record.token.tenant_id == tenant));
        }
        let read = self.caches.feed.mark();
        let Some(token) = self.tenant(tenant).token(id).await? else { return Ok(None) };
        let token = self.verified(token)?;
        if token.kind != TokenKind::VirtualAccount || token.hash != TokenHash::SIGNED {
            return Ok(None);
        }
        let principal = self.tenant(tenant).principal(token.principal_id).await?;
        let principal = self.verified(principal.ok_or(AppError::Integrity)?)?;
        let record = Arc::new(auth::record(token, principal, read));
        self.caches.keep_signed_token(Arc::clone(&record));
        Ok(Some(record))
    }
}
