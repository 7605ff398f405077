//! The end of retired key versions: once nothing is wrapped under one and the grace is over, its bytes go.

use super::key_named;
use crate::{app::App, error::AppError, limits};
use subrosa_domain::{
    Change, KeyState, SigningKey, TenantId, TenantKey, Unverified, audit::AuditAction,
};

impl App {
    /// Destroys every retired key version that nothing needs any more. Answers how many.
    ///
    /// # Errors
    /// Faults of the store; what was done stays done.
    pub async fn destroy_retired_keys(&self) -> Result<u64, AppError> {
        // Two at once would put one destruction on record twice.
        let _turn = self.turn(TenantId::SYSTEM.as_bytes()).await?;
        let now = self.clock.now();
        let mut destroyed = 0;
        for key in self.store.keys_in_state(KeyState::DecryptOnly).await? {
            let retired = key.retired_at.unwrap_or(key.created_at);
            let next = key.version + 1;
            let over = now.since(retired) >= limits::RETIRED_KEY_GRACE;
            // Anything below the next version is under this one or an older one: neither may go before it.
            let rows = self.tenant(key.tenant_id);
            // A signing key that is not believed may still be under this version, and holds up no other tenant.
            let free = |key: Unverified<SigningKey>| {
                self.verified(key).is_ok_and(|key| key.seed.wrap.key_version >= next)
            };
            let needed = !rows.to_rewrap(next, None, 1).await?.is_empty()
                || !rows.signing_keys().await?.into_iter().all(free);
            if over && !needed {
                self.destroy_key(key).await?;
                destroyed += 1;
            }
        }
        Ok(destroyed)
    }

    async fn destroy_key(&self, key: TenantKey) -> Result<(), AppError> {
        let op = self.keeping(key.tenant_id);
        let about = key_named(key.tenant_id, key.version);
        let event = op.event(&*self.ids, AuditAction::KeyDestroy, about);
        let tenant = key.tenant_id;
        let gone = TenantKey { state: KeyState::Destroyed, wrapped: Box::default(), ..key };
        self.commit(tenant, vec![Change::TenantKeyUpdate(gone)], vec![event]).await?;
        Ok(())
    }
}
