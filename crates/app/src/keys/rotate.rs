//! Rotating a tenant's key: a new version wraps from now on; the old one unwraps until the rewrap is done.

use super::key_named;
use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, KeyState, TenantKey,
    audit::AuditAction,
    policy::{AdminTenant, Permit},
};
use subrosa_plant::planted;

impl App {
    /// Gives the tenant a new key version. Values are not touched; wraps follow in the background.
    ///
    /// # Errors
    /// [`AppError::Contended`] when another rotation won; faults of store and custody.
    pub async fn rotate_tenant_key(
        &self,
        op: &Op,
        permit: &Permit<AdminTenant>,
    ) -> Result<TenantKey, AppError> {
        let tenant = permit.tenant_id();
        let _turn = self.turn(tenant.as_bytes()).await?;
        let rows = self.tenant(tenant).keys().await?;
        let newest = rows.iter().map(|row| row.version).max().unwrap_or(0);
        let key = self.keyring.create_tenant_key(tenant, newest + 1, op.now()).await?;
        let retire = |mut row: TenantKey| {
            if planted!("rotate-destroys") {
                row.wrapped = Box::default();
            }
            let retired_at = Some(op.now());
            Change::TenantKeyUpdate(TenantKey { state: KeyState::DecryptOnly, retired_at, ..row })
        };
        let active = rows.into_iter().filter(|row| row.state == KeyState::Active);
        let mut changes: Vec<Change> = active.map(retire).collect();
        if planted!("rotate-in-two") {
            self.commit(tenant, std::mem::take(&mut changes), Vec::new()).await?;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        changes.push(Change::TenantKeyInsert(key.clone()));
        let about = key_named(tenant, key.version);
        let event = op.event(&*self.ids, AuditAction::KeyRotate, about);
        self.commit(tenant, changes, vec![event]).await?;
        self.rewrap_wanted.notify_one();
        Ok(key)
    }
}
