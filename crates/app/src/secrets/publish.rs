//! Publishing: a new revision, and the pointer on it, in one commit.

use super::{Drafted, Tries, check_text, check_value};
use crate::{app::App, context::Op, error::AppError};
use subrosa_crypto::TenantKeys;
use subrosa_domain::{
    Change, Revision, Secret, SecretId,
    audit::AuditAction,
    policy::{Permit, WriteSecrets},
};
use subrosa_plaintext::Plaintext;
use subrosa_plant::planted;

/// A new value of a secret.
pub struct PublishSecret {
    /// The value: up to [`VALUE_BYTES_MAX`](crate::limits::VALUE_BYTES_MAX) bytes. An equal one is a new revision too.
    pub value: Plaintext,
    /// Why.
    pub note: Option<String>,
}

impl App {
    /// Publishes a new revision of a secret. Concurrent publishes all succeed, numbered without gaps.
    ///
    /// # Errors
    /// Not found; [`AppError::ValueTooLarge`]; [`AppError::Contended`] when others kept winning; faults of store and
    /// custody.
    pub async fn publish_secret(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        new: PublishSecret,
    ) -> Result<Revision, AppError> {
        check_value(&new.value)?;
        check_text("/note", new.note.as_deref())?;
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_publish(op, permit, id, &new).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_publish(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        new: &PublishSecret,
    ) -> Result<Revision, AppError> {
        let tenant_id = permit.tenant_id();
        let keys = self.keys(tenant_id).await?;
        let live = self.live(tenant_id, id).await?.ok_or(AppError::NOT_FOUND)?;
        self.check_group(permit, live.secret.group_id).await?;
        let secret = live.secret.clone();
        let (mut revision, mut drafted) =
            self.draft_value(op, &keys, secret, &new.value, new.note.as_deref())?;
        if planted!("publish-in-two-steps") {
            self.commit(tenant_id, vec![drafted.changes.remove(1)], Vec::new()).await?;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        self.commit(tenant_id, drafted.changes, vec![drafted.event]).await?;
        revision.sealed = None;
        Ok(revision)
    }

    /// A new value of a secret, which was read a moment ago, not yet committed.
    pub(crate) fn draft_value(
        &self,
        op: &Op,
        keys: &TenantKeys,
        mut secret: Secret,
        value: &Plaintext,
        note: Option<&str>,
    ) -> Result<(Revision, Drafted), AppError> {
        let revision = self.next_revision(op, keys, &secret, value, note)?;
        secret.touch(op.now());
        let publication = secret.point_at(&revision, &op.caller.name, op.now());
        let secret = self.sealed(secret);
        let event = self.secret_event(op, AuditAction::SecretPublish, &secret);
        let changes = vec![
            Change::SecretUpdate(secret.clone()),
            Change::RevisionInsert(revision.clone()),
            Change::PublicationInsert(publication),
        ];
        Ok((revision, Drafted { secret, changes, event }))
    }
}
