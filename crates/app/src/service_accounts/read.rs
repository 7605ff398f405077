//! Reading what is known of service accounts.

use crate::{
    app::App,
    audit::{Events, Filter},
    context::Op,
    error::AppError,
    page::{Page, PageRequest},
};
use subrosa_domain::{
    Activity, Principal, PrincipalId, PrincipalKind, RequestId, Token, TokenId,
    audit::AuditAction,
    policy::{Permit, ReadTokens},
};
use subrosa_store::AuditCursor;

impl App {
    /// The tenant's service accounts, newest first, revoked ones included.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn list_service_accounts(
        &self,
        permit: &Permit<ReadTokens>,
        page: PageRequest<PrincipalId>,
    ) -> Result<Page<Principal>, AppError> {
        let tenant = self.tenant(permit.tenant_id());
        let kind = PrincipalKind::ServiceAccount;
        let rows = tenant.principals(kind, page.after(), page.limit()).await?;
        let total = tenant.counted().await?.service_accounts;
        page.page(self.all_verified(rows)?, Some(total))
    }

    /// The events of these actions of a service account and its keys, newest first.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn service_account_events(
        &self,
        op: &Op,
        _permit: &Permit<ReadTokens>,
        id: PrincipalId,
        actions: Vec<AuditAction>,
        page: PageRequest<AuditCursor>,
    ) -> Result<Events, AppError> {
        let account = self.service_account(op, id).await?;
        let keys = self.keys_of(op, account.id).await?;
        let keys = keys.iter().map(|key| *key.id.as_bytes());
        let resource_ids = std::iter::once(*account.id.as_bytes()).chain(keys).collect();
        self.events_about(op, &Filter { actions, resource_ids, ..Filter::default() }, page).await
    }

    /// A service account's keys, and what they were used for lately, newest first.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn service_account_activity(
        &self,
        op: &Op,
        _permit: &Permit<ReadTokens>,
        id: PrincipalId,
        page: PageRequest<RequestId>,
    ) -> Result<(Vec<Token>, Page<Activity>), AppError> {
        let account = self.service_account(op, id).await?;
        let keys = self.keys_of(op, account.id).await?;
        let ids: Vec<TokenId> = keys.iter().map(|token| token.id).collect();
        let activities = self.activities_of(op, &ids, page).await?;
        Ok((keys, activities))
    }
}
