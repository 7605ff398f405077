//! Putting a value under a key: made when it is not there, replaced when it is.

use super::{CreateSecret, Tries};
use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, GroupId, Secret, SecretId,
    audit::AuditAction,
    policy::{Denied, Permit, WriteSecrets},
};
use subrosa_store::Noun;

impl App {
    /// Puts a value under a key of a group. One that is there keeps what it is: only its value
    /// and its window, which is replaced whole, are as said. An equal value makes no revision, and with an equal
    /// window nothing changes at all. Answers the secret as it then is.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a window that is over; [`AppError::Broken`] for one that holds no moment;
    /// [`AppError::ValueTooLarge`]; [`AppError::Contended`]; faults of store and custody.
    pub async fn put_secret(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        group: GroupId,
        put: CreateSecret,
    ) -> Result<Secret, AppError> {
        put.check()?;
        if put.validity.expires_on.is_some_and(|end| end <= op.now()) {
            return Err(AppError::invalid("/expiresOn", "must be in the future"));
        }
        self.check_group(permit, group).await?;
        let mut tries = Tries::default();
        loop {
            let found = self.live_by_key(permit.tenant_id(), group, &put.key).await?;
            let done = match found {
                None => self.try_create(op, permit.tenant_id(), group, &put).await,
                Some(live) => self.put_over(op, permit, live.secret.id, &put).await,
            };
            match done {
                // Made or deleted by another in the meantime.
                Err(
                    AppError::Contended
                    | AppError::Exists(Noun::Secret)
                    | AppError::Denied(Denied::NotFound),
                ) if tries.again() => {}
                Err(AppError::Exists(_) | AppError::Denied(Denied::NotFound)) => {
                    return Err(AppError::Contended);
                }
                done => return done,
            }
        }
    }

    async fn put_over(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: SecretId,
        put: &CreateSecret,
    ) -> Result<Secret, AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let tenant_id = permit.tenant_id();
        let live = self.live(tenant_id, id).await?.ok_or(AppError::NOT_FOUND)?;
        self.check_group(permit, live.secret.group_id).await?;
        let keys = self.keys(tenant_id).await?;
        let same_value = self.holds(op, &keys, &live, &put.value)?;
        let mut secret = live.secret.clone();
        secret.limit(put.validity)?;
        let same_window = secret.validity == live.secret.validity;
        if same_value && same_window {
            return Ok(secret);
        }
        secret.touch(op.now());
        let mut changes = Vec::new();
        if !same_value {
            let revision = self.next_revision(op, &keys, &secret, &put.value, None)?;
            let publication = secret.point_at(&revision, &op.caller.name, op.now());
            changes.push(Change::RevisionInsert(revision));
            changes.push(Change::PublicationInsert(publication));
        }
        let secret = self.sealed(secret);
        changes.push(Change::SecretUpdate(secret.clone()));
        let update = (!same_window).then_some(AuditAction::SecretUpdate);
        let publish = (!same_value).then_some(AuditAction::SecretPublish);
        let done = update.into_iter().chain(publish);
        let events = done.map(|action| self.secret_event(op, action, &secret)).collect();
        self.commit(tenant_id, changes, events).await?;
        Ok(secret)
    }
}
