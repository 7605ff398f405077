//! Creating a secret: its row, its first revision and its publication, in one commit.

use super::{Tries, check_text, check_value};
use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, Disclosure, GroupId, KeyName, RowSeal, Secret, SecretId, Sensitivity, TenantId,
    Validity,
    audit::AuditAction,
    policy::{Permit, WriteSecrets},
};
use subrosa_plaintext::Plaintext;

/// What a new secret is to be.
pub struct CreateSecret {
    /// Its key; free in its group.
    pub key: KeyName,
    /// Its value: up to [`VALUE_BYTES_MAX`](crate::limits::VALUE_BYTES_MAX) bytes.
    pub value: Plaintext,
    /// For people.
    pub description: Option<String>,
    /// Its tier.
    pub sensitivity: Sensitivity,
    /// Whether it can be read.
    pub disclosure: Disclosure,
    /// When it resolves.
    pub validity: Validity,
    /// On its first revision.
    pub note: Option<String>,
}

impl App {
    /// Creates a secret in the group `default` and publishes its first revision.
    ///
    /// # Errors
    /// [`AppError::Exists`] when the key is taken; [`AppError::ValueTooLarge`]; faults of shape, store and custody.
    pub async fn create_secret(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        new: CreateSecret,
    ) -> Result<Secret, AppError> {
        check_value(&new.value)?;
        check_text("/description", new.description.as_deref())?;
        check_text("/note", new.note.as_deref())?;
        let mut tries = Tries::default();
        loop {
            match self.try_create(op, permit.tenant_id(), &new).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_create(
        &self,
        op: &Op,
        tenant_id: TenantId,
        new: &CreateSecret,
    ) -> Result<Secret, AppError> {
        let mut secret = Secret {
            id: SecretId::fresh(&*self.ids),
            tenant_id,
            group_id: GroupId::default_of(tenant_id),
            key: new.key.clone(),
            description: new.description.as_deref().map(Into::into),
            sensitivity: new.sensitivity,
            disclosure: new.disclosure,
            validity: Validity::ALWAYS,
            published: None,
            latest_version: 0,
            readable_from: 1,
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            modified_at: op.now(),
            last_used_at: None,
            row_version: 1,
            seal: RowSeal::UNSEALED,
        };
        secret.limit(new.validity)?;
        let keys = self.keys(tenant_id).await?;
        let revision = self.next_revision(op, &keys, &secret, &new.value, new.note.as_deref())?;
        let publication = secret.point_at(&revision, &op.caller.name, op.now());
        let secret = self.sealed(secret);
        let event = self.secret_event(op, AuditAction::SecretCreate, &secret);
        let changes = vec![
            Change::SecretInsert(secret.clone()),
            Change::RevisionInsert(revision),
            Change::PublicationInsert(publication),
        ];
        self.commit(tenant_id, changes, vec![event]).await?;
        Ok(secret)
    }
}
