//! Creating a secret: its row, its first revision and its publication, in one commit.

use super::{Drafted, Tries, check_text, check_value};
use crate::{app::App, context::Op, error::AppError};
use subrosa_crypto::TenantKeys;
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
        permit.holds_in(None)?;
        new.check()?;
        let tenant = permit.tenant_id();
        let mut tries = Tries::default();
        loop {
            match self.try_create(op, tenant, GroupId::default_of(tenant), &new).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    pub(super) async fn try_create(
        &self,
        op: &Op,
        tenant_id: TenantId,
        group: GroupId,
        new: &CreateSecret,
    ) -> Result<Secret, AppError> {
        let keys = self.keys(tenant_id).await?;
        let drafted = self.draft_new(op, &keys, group, new)?;
        self.commit(tenant_id, drafted.changes, vec![drafted.event]).await?;
        Ok(drafted.secret)
    }

    /// A new secret in a group with its first revision, not yet committed.
    pub(crate) fn draft_new(
        &self,
        op: &Op,
        keys: &TenantKeys,
        group_id: GroupId,
        new: &CreateSecret,
    ) -> Result<Drafted, AppError> {
        let mut secret = Secret {
            id: SecretId::fresh(&*self.ids),
            tenant_id: op.tenant_id,
            group_id,
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
        let revision = self.next_revision(op, keys, &secret, &new.value, new.note.as_deref())?;
        let publication = secret.point_at(&revision, &op.caller.name, op.now());
        let secret = self.sealed(secret);
        let event = self.secret_event(op, AuditAction::SecretCreate, &secret);
        let changes = vec![
            Change::SecretInsert(secret.clone()),
            Change::RevisionInsert(revision),
            Change::PublicationInsert(publication),
        ];
        Ok(Drafted { secret, changes, event })
    }
}

impl CreateSecret {
    /// What a surface without words for the rest makes: READABLE, STANDARD, always resolvable.
    #[must_use]
    pub const fn readable(key: KeyName, value: Plaintext) -> Self {
        Self {
            key,
            value,
            description: None,
            sensitivity: Sensitivity::Standard,
            disclosure: Disclosure::Readable,
            validity: Validity::ALWAYS,
            note: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), AppError> {
        check_value(&self.value)?;
        check_text("/description", self.description.as_deref())?;
        check_text("/note", self.note.as_deref())
    }
}
