//! Reading a value by its key: the same reveal, found another way.

use super::Revealed;
use crate::{app::App, cache::Live, context::Op, error::AppError};
use std::sync::Arc;
use subrosa_domain::{
    GroupId, KeyName, TenantId,
    audit::Reason,
    policy::{Permit, RevealSecrets},
};

impl App {
    /// Reads the live value of the secret with this key in the group `default`.
    ///
    /// # Errors
    /// As [`Self::reveal_secret`].
    pub async fn reveal_by_key(
        &self,
        op: &Op,
        permit: &Permit<RevealSecrets>,
        key: &KeyName,
        reason: Option<Reason>,
    ) -> Result<Revealed, AppError> {
        let tenant = permit.tenant_id();
        let live = self.live_by_key(tenant, GroupId::default_of(tenant), key).await?;
        let live = live.ok_or_else(|| self.refused_absent(op, None))?;
        self.reveal_live(op, permit, &live, reason).await
    }

    /// The secret with this key in a group, with its live revision.
    ///
    /// Which secret a key means is remembered as a hint. The secret itself is current or read anew, and says which key
    /// and group it has: a hint about a secret that is gone leads to nothing, and the store is asked.
    pub(crate) async fn live_by_key(
        &self,
        tenant: TenantId,
        group: GroupId,
        key: &KeyName,
    ) -> Result<Option<Arc<Live>>, AppError> {
        if let Some(id) = self.caches.named(group, key) {
            let live = self.live(tenant, id).await?;
            let holds = |live: &Arc<Live>| live.secret.group_id == group && live.secret.key == *key;
            if let Some(live) = live.filter(holds) {
                return Ok(Some(live));
            }
        }
        let Some(found) = self.tenant(tenant).secret_by_key(group, key).await? else {
            // One that is there is checked here and, with its revision, once more.
            self.keyring.verify_none(tenant);
            self.no_secret(tenant);
            return Ok(None);
        };
        let id = self.verified(found)?.id;
        self.caches.keep_name(group, key.clone(), id);
        self.live(tenant, id).await
    }
}
