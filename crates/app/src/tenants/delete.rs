//! Erasing a tenant: keys, rows and shred salt. Its audit chain stays; nothing it names can be opened again.

use super::check_operator;
use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{Change, TenantSlug, TenantState, audit::AuditAction};
use subrosa_plant::planted;

impl App {
    /// Erases a tenant.
    ///
    /// The commit destroys the wrapped keys in the store; destroying the salt outside it makes their copies in backups
    /// useless as well. A crash between the two is mended by the next start.
    ///
    /// # Errors
    /// [`AppError::OperatorOnly`]; not found; faults of store and custody. When the salt alone could not be destroyed
    /// the tenant is gone nevertheless, and the next start tries again.
    pub async fn delete_tenant(&self, op: &Op, slug: &TenantSlug) -> Result<(), AppError> {
        check_operator(&op.caller)?;
        let found = self.store.tenant_by_slug(slug).await?.ok_or(AppError::NOT_FOUND)?;
        let mut tenant = self.verified(found)?;
        tenant.state = TenantState::Deleted;
        tenant.modified_at = op.now();
        tenant.row_version += 1;
        let tenant = self.sealed(tenant);
        let events = self.tenant_events(op, AuditAction::TenantDelete, &tenant);
        let id = tenant.id;
        let changes = vec![Change::TenantUpdate(tenant), Change::TenantErase(id)];
        self.commit(id, changes, events).await?;
        if !planted!("salt-kept") {
            self.keyring.shred(id)?;
        }
        Ok(())
    }
}
