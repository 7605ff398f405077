//! Reading a value by its key: the same reveal, found another way.

use super::{Revealed, reveal::is_not_found};
use crate::{app::App, cache::Live, context::Op, error::AppError};
use std::sync::Arc;
use subrosa_domain::{
    GroupId, KeyName, SecretId, TenantId,
    audit::Reason,
    policy::{Permit, RevealSecrets},
};
use subrosa_plant::planted;

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
        let group = GroupId::default_of(tenant);
        let Some((live, known)) = self.known_by_key(tenant, group, key).await? else {
            // One that is there is looked for twice: by its key, and with its revision.
            self.tenant(tenant).live(SecretId::fresh(&*self.ids)).await?;
            return Err(self.refused_absent(op, None));
        };
        let revealed = self.reveal_live(op, permit, &live, reason).await;
        if known && is_not_found(&revealed) && !planted!("key-refused-from-memory") {
            self.read_by_key(tenant, group, key).await?;
            self.looks_again(tenant, live.secret.id).await?;
        }
        revealed
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
        Ok(self.known_by_key(tenant, group, key).await?.map(|(live, _)| live))
    }

    /// The same, and whether it was in memory.
    async fn known_by_key(
        &self,
        tenant: TenantId,
        group: GroupId,
        key: &KeyName,
    ) -> Result<Option<(Arc<Live>, bool)>, AppError> {
        if let Some(id) = self.caches.named(group, key) {
            let found = self.live_known(tenant, id).await?;
            let holds = |live: &Arc<Live>| live.secret.group_id == group && live.secret.key == *key;
            if let Some(found) = found.filter(|(live, _)| holds(live)) {
                return Ok(Some(found));
            }
        }
        let Some(id) = self.read_by_key(tenant, group, key).await? else {
            self.no_secret(tenant);
            return Ok(None);
        };
        self.caches.keep_name(group, key.clone(), id);
        self.live_known(tenant, id).await
    }

    /// Which secret has this key in a group, by the store, whatever is in memory.
    async fn read_by_key(
        &self,
        tenant: TenantId,
        group: GroupId,
        key: &KeyName,
    ) -> Result<Option<SecretId>, AppError> {
        let Some(found) = self.tenant(tenant).secret_by_key(group, key).await? else {
            // One that is there is checked here and, with its revision, once more.
            self.keyring.verify_none(tenant);
            return Ok(None);
        };
        Ok(Some(self.verified(found)?.id))
    }
}
