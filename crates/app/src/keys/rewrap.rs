//! The rewrap: every revision key still under a retired version moves to the active one. No value is decrypted.

use crate::{app::App, error::AppError, limits};
use subrosa_crypto::Binding;
use subrosa_domain::{Change, KeyState, SecretId, Sensitivity, TenantId};
use subrosa_store::RewrapItem;

impl App {
    /// Rewraps whatever any tenant has under a retired key version. Answers how many wraps it replaced. It can be
    /// stopped anywhere and begun again: each wrap is replaced only if it still is what was read.
    ///
    /// # Errors
    /// Faults of store and custody; what was done stays done.
    pub async fn rewrap_all(&self) -> Result<u64, AppError> {
        let mut replaced = 0;
        let mut last = None;
        for key in self.store.keys_in_state(KeyState::DecryptOnly).await? {
            if last.replace(key.tenant_id) != Some(key.tenant_id) {
                replaced += self.rewrap_tenant(key.tenant_id).await?;
            }
        }
        Ok(replaced)
    }

    async fn rewrap_tenant(&self, tenant: TenantId) -> Result<u64, AppError> {
        let (mut replaced, mut after): (u64, Option<(SecretId, u64)>) = (0, None);
        loop {
            let keys = self.keys(tenant).await?;
            let active = keys.active_version();
            let rows = self.tenant(tenant);
            let items = rows.to_rewrap(active, after, limits::REWRAP_BATCH).await?;
            let Some(last) = items.last() else {
                return Ok(replaced + self.rewrap_signing_keys(tenant).await?);
            };
            after = Some((last.secret_id, last.version));
            let mut changes = Vec::with_capacity(items.len());
            for item in items {
                let new = keys.rewrap(&wrap_binding(tenant, &item), &item.wrap)?;
                let RewrapItem { secret_id, revision_id, wrap: old, .. } = item;
                changes.push(Change::RevisionRewrap { secret_id, revision_id, old, new });
            }
            let batch = u64::try_from(changes.len()).unwrap_or(0);
            match self.commit(tenant, changes, Vec::new()).await {
                Ok(_) => replaced += batch,
                // A revision of the batch was deleted or rewrapped meanwhile: read the batch again.
                Err(AppError::Contended) => after = None,
                Err(error) => return Err(error),
            }
        }
    }

    /// The same for the keys that sign a tenant's tokens: there are few.
    async fn rewrap_signing_keys(&self, tenant: TenantId) -> Result<u64, AppError> {
        let keys = self.keys(tenant).await?;
        let mut changes = Vec::new();
        for key in self.all_verified(self.tenant(tenant).signing_keys().await?)? {
            if key.seed.wrap.key_version < keys.active_version() {
                let new = keys.rewrap_signing_key(&key)?;
                changes.push(Change::SigningKeyRewrap { id: key.id, old: key.seed.wrap, new });
            }
        }
        let replaced = u64::try_from(changes.len()).unwrap_or(0);
        if replaced > 0 {
            self.commit(tenant, changes, Vec::new()).await?;
        }
        Ok(replaced)
    }
}

/// A wrap is bound to its revision's identity alone; the tier belongs to the value's binding.
fn wrap_binding(tenant: TenantId, item: &RewrapItem) -> Binding {
    Binding {
        tenant_id: tenant,
        secret_id: item.secret_id,
        revision_id: item.revision_id,
        version: item.version,
        sensitivity: Sensitivity::Standard,
    }
}
