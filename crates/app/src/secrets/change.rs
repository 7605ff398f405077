//! Changing a secret's metadata; and opening a USE_ONLY secret, which takes a new value in the same commit.

use super::{Tries, check_text, check_value};
use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, Disclosure, Secret, SecretId, Sensitivity, Timestamp, Validity,
    audit::AuditAction,
    policy::{Permit, WriteSecrets},
};
use subrosa_plaintext::Plaintext;
use subrosa_plant::planted;

/// What is to change; what is `None` stays.
#[derive(Default)]
pub struct ChangeSecret {
    /// For people. Empty clears it.
    pub description: Option<String>,
    /// Only rises.
    pub sensitivity: Option<Sensitivity>,
    /// USE_ONLY to READABLE only with a new `value`.
    pub disclosure: Option<Disclosure>,
    /// The first moment at which it resolves; `Some(None)` clears it.
    pub not_before: Option<Option<Timestamp>>,
    /// The first moment at which it no longer does; `Some(None)` clears it.
    pub expires_on: Option<Option<Timestamp>>,
    /// A new value, published in the same commit.
    pub value: Option<Plaintext>,
    /// On the new revision.
    pub note: Option<String>,
}

impl ChangeSecret {
    fn apply(&self, secret: &mut Secret) -> Result<(), AppError> {
        if let Some(description) = &self.description {
            let said = Some(description.as_str()).filter(|text| !text.is_empty());
            secret.description = said.map(Into::into);
        }
        if let Some(sensitivity) = self.sensitivity {
            secret.raise(sensitivity)?;
        }
        if let Some(disclosure) = self.disclosure {
            secret.disclose(disclosure, self.value.is_some())?;
        }
        secret.limit(Validity {
            not_before: self.not_before.unwrap_or(secret.validity.not_before),
            expires_on: self.expires_on.unwrap_or(secret.validity.expires_on),
        })?;
        Ok(())
    }
}

impl App {
    /// Changes a secret. What is already as asked is no change, and leaves no trace but the answer.
    ///
    /// # Errors
    /// Not found; [`AppError::Broken`] with the rule; [`AppError::ValueTooLarge`]; faults of store and custody.
    pub async fn change_secret(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        change: ChangeSecret,
    ) -> Result<Secret, AppError> {
        check_text("/description", change.description.as_deref())?;
        check_text("/note", change.note.as_deref())?;
        change.value.as_ref().map_or(Ok(()), check_value)?;
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_change(op, permit, id, &change).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_change(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        change: &ChangeSecret,
    ) -> Result<Secret, AppError> {
        let tenant_id = permit.tenant_id();
        let before = self.secret(permit, id).await?;
        let mut secret = before.clone();
        change.apply(&mut secret)?;
        let has_changed = secret != before;
        if change.value.is_none() && !has_changed {
            return Ok(secret);
        }
        secret.touch(op.now());
        let mut changes = Vec::new();
        if let Some(value) = &change.value {
            let keys = self.keys(tenant_id).await?;
            let note = change.note.as_deref();
            let revision = self.next_revision(op, &keys, &secret, value, note)?;
            let publication = secret.point_at(&revision, &op.caller.name, op.now());
            changes.push(Change::RevisionInsert(revision));
            changes.push(Change::PublicationInsert(publication));
        }
        let secret = self.sealed(secret);
        changes.push(Change::SecretUpdate(secret.clone()));
        let told = has_changed && !planted!("event-skipped-for-patch");
        let update = told.then_some(AuditAction::SecretUpdate);
        let publish = change.value.is_some().then_some(AuditAction::SecretPublish);
        let done = update.into_iter().chain(publish);
        let events = done.map(|action| self.secret_event(op, action, &secret)).collect();
        self.commit(tenant_id, changes, events).await?;
        Ok(secret)
    }
}
