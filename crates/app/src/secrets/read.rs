//! Reading what is known of secrets. Never a value.

use crate::{
    app::App,
    error::AppError,
    limits,
    page::{Page, PageRequest},
};
use subrosa_domain::{
    GroupId, KeyName, Publication, Revision, RevisionId, Secret, SecretId,
    policy::{Permit, ReadSecrets},
};

impl App {
    /// One secret.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn show_secret(
        &self,
        permit: &Permit<ReadSecrets>,
        id: SecretId,
    ) -> Result<Secret, AppError> {
        Ok(self.last_used(self.secret(permit, id).await?))
    }

    /// The row with its last use as it is known now, written or not.
    fn last_used(&self, mut secret: Secret) -> Secret {
        let waiting = self.ledger.secret_last_used(secret.tenant_id, secret.id);
        secret.last_used_at = secret.last_used_at.max(waiting);
        secret
    }

    /// The secret with this key in the group `default`, if there is one.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn find_secret(
        &self,
        permit: &Permit<ReadSecrets>,
        key: &KeyName,
    ) -> Result<Option<Secret>, AppError> {
        permit.holds_in(None)?;
        let tenant = permit.tenant_id();
        let found = self.tenant(tenant).secret_by_key(GroupId::default_of(tenant), key).await?;
        found.map(|secret| self.verified(secret).map(|secret| self.last_used(secret))).transpose()
    }

    /// The secrets of the group `default`, newest first.
    ///
    /// # Errors
    /// [`AppError::UsePaging`]; faults of the store.
    pub async fn list_secrets(
        &self,
        permit: &Permit<ReadSecrets>,
        page: PageRequest<SecretId>,
    ) -> Result<Page<Secret>, AppError> {
        permit.holds_in(None)?;
        let tenant = self.tenant(permit.tenant_id());
        let group = GroupId::default_of(permit.tenant_id());
        let rows = tenant.secrets(group, page.after(), page.limit()).await?;
        let total = tenant.counted().await?.secrets;
        let secrets = self.all_verified(rows)?.into_iter().map(|secret| self.last_used(secret));
        page.page(secrets.collect(), Some(total))
    }

    /// The keys of the group `default`, sorted; those of expired secrets too.
    ///
    /// # Errors
    /// [`AppError::UsePaging`]; faults of the store.
    pub async fn list_keys(&self, permit: &Permit<ReadSecrets>) -> Result<Vec<KeyName>, AppError> {
        permit.holds_in(None)?;
        let tenant = permit.tenant_id();
        let group = GroupId::default_of(tenant);
        let rows = self.tenant(tenant).group_secrets(group, 0, limits::COUNT_MAX).await?;
        if rows.len() > limits::LIST_MAX as usize {
            return Err(AppError::UsePaging);
        }
        Ok(self.all_verified(rows)?.into_iter().map(|secret| secret.key).collect())
    }

    /// A secret's revisions, newest first.
    ///
    /// # Errors
    /// Not found; [`AppError::UsePaging`]; faults of the store.
    pub async fn list_revisions(
        &self,
        permit: &Permit<ReadSecrets>,
        id: SecretId,
        page: PageRequest<u64>,
    ) -> Result<Page<Revision>, AppError> {
        let secret = self.secret(permit, id).await?;
        let tenant = self.tenant(permit.tenant_id());
        let rows = tenant.revisions(id, page.after(), page.limit()).await?;
        page.page(rows, Some(secret.latest_version))
    }

    /// One revision of a secret.
    ///
    /// # Errors
    /// Not found, for a revision of another secret as well; faults of the store.
    pub async fn show_revision(
        &self,
        permit: &Permit<ReadSecrets>,
        id: SecretId,
        revision: RevisionId,
    ) -> Result<Revision, AppError> {
        self.secret(permit, id).await?;
        self.tenant(permit.tenant_id()).revision(id, revision).await?.ok_or(AppError::NOT_FOUND)
    }

    /// When which revision of a secret was live, newest first.
    ///
    /// # Errors
    /// Not found; [`AppError::UsePaging`]; faults of the store.
    pub async fn list_publications(
        &self,
        permit: &Permit<ReadSecrets>,
        id: SecretId,
        page: PageRequest<u64>,
    ) -> Result<Page<Publication>, AppError> {
        self.secret(permit, id).await?;
        let tenant = self.tenant(permit.tenant_id());
        let rows = tenant.publications(id, page.after(), page.limit()).await?;
        let total = page.total_by(tenant.publications(id, None, limits::COUNT_MAX)).await?;
        page.page(rows, total)
    }
}
