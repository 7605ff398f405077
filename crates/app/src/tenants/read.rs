//! Reading what is known of tenants.

use crate::{
    app::App,
    context::Op,
    error::AppError,
    page::{Page, PageRequest},
};
use subrosa_domain::{
    Tenant, TenantId, TenantSlug,
    policy::{Caller, CallerKind},
};

impl App {
    /// The tenants the caller may see, newest first: all for the operator, its own for a token.
    ///
    /// # Errors
    /// [`AppError::UsePaging`]; faults of the store.
    pub async fn list_tenants(
        &self,
        caller: &Caller,
        page: PageRequest<TenantId>,
    ) -> Result<Page<Tenant>, AppError> {
        let rows = match caller.kind {
            CallerKind::Operator { .. } | CallerKind::System => {
                self.store.tenants(page.after(), page.limit()).await?
            }
            CallerKind::Token { tenant_id, .. } | CallerKind::Issued { tenant_id, .. } => {
                self.tenant(tenant_id).tenant().await?.into_iter().collect()
            }
        };
        page.page(self.all_verified(rows)?, None)
    }

    /// One tenant.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn show_tenant(&self, op: &Op, slug: &TenantSlug) -> Result<Tenant, AppError> {
        let found = self.tenant(op.tenant_id).tenant().await?.ok_or(AppError::NOT_FOUND)?;
        let tenant = self.verified(found)?;
        if tenant.slug == *slug { Ok(tenant) } else { Err(AppError::NOT_FOUND) }
    }
}
