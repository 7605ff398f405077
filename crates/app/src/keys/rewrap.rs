//! The rewrap: every revision key still under a retired version moves to the active one. No value is decrypted.
//!
//! A wrap that does not hold was changed by something without the key: it is on record, left as it is, and holds up no
//! other. Nor does one tenant's fault hold up another tenant.

use crate::{app::App, error::AppError, limits};
use subrosa_crypto::{Binding, TenantKeys};
use subrosa_domain::{
    Change, KeyState, SealedRow, SecretId, Sensitivity, TenantId,
    audit::{Resource, ResourceKind},
    policy::{self, Caller},
};
use subrosa_plant::planted;
use subrosa_store::RewrapItem;

impl App {
    /// Rewraps whatever any tenant has under a retired key version. Answers how many wraps it replaced. It can be
    /// stopped anywhere and begun again: each wrap is replaced only if it still is what was read.
    ///
    /// # Errors
    /// Faults of store and custody, the last of them; what was done stays done.
    pub async fn rewrap_all(&self) -> Result<u64, AppError> {
        let (mut replaced, mut fault) = (0, None);
        let mut last = None;
        for key in self.store.keys_in_state(KeyState::DecryptOnly).await? {
            if last.replace(key.tenant_id) != Some(key.tenant_id) {
                match self.rewrap_tenant(key.tenant_id).await {
                    Ok(count) => replaced += count,
                    Err(error) => fault = Some(error),
                }
            }
        }
        fault.map_or(Ok(replaced), Err)
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
            if planted!("rewrap-opens") {
                let permit = policy::authorize(&Caller::system(), tenant)?;
                self.reveal_secret(&self.keeping(tenant), &permit, last.secret_id, None).await?;
            }
            let renew = |item| self.renewed(tenant, &keys, item);
            let changes: Vec<Change> = items.into_iter().filter_map(renew).collect();
            if changes.is_empty() {
                continue;
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

    /// A wrap under the active version; none for one that does not hold.
    fn renewed(&self, tenant: TenantId, keys: &TenantKeys, item: RewrapItem) -> Option<Change> {
        let new = keys.rewrap(&wrap_binding(tenant, &item), &item.wrap);
        let RewrapItem { secret_id, revision_id, wrap: old, .. } = item;
        let id = Some(*secret_id.as_bytes());
        let secret = Resource { kind: ResourceKind::Secret, id, key: None };
        let new = new.inspect_err(|_| self.record_row(tenant, secret)).ok()?;
        Some(Change::RevisionRewrap { secret_id, revision_id, old, new })
    }

    /// The same for the keys that sign a tenant's tokens: there are few.
    async fn rewrap_signing_keys(&self, tenant: TenantId) -> Result<u64, AppError> {
        let keys = self.keys(tenant).await?;
        let mut changes = Vec::new();
        for key in self.tenant(tenant).signing_keys().await? {
            let Ok(key) = self.verified(key) else { continue };
            if key.seed.wrap.key_version < keys.active_version() {
                let new = keys.rewrap_signing_key(&key);
                if let Ok(new) = new.inspect_err(|_| self.record_row(tenant, key.resource())) {
                    changes.push(Change::SigningKeyRewrap { id: key.id, old: key.seed.wrap, new });
                }
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
