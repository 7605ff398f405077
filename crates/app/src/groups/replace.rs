//! Replacing a group's set of secrets, whole, in one commit: whoever lists it sees the old set or the new one.

use super::{GroupView, create::check_keys};
use crate::{
    app::App,
    cache::Live,
    context::Op,
    error::AppError,
    limits,
    secrets::{CreateSecret, Tries, check_value},
};
use std::{collections::HashMap, sync::Arc};
use subrosa_crypto::TenantKeys;
use subrosa_domain::{
    Change, GroupId, KeyName, Secret, TenantId,
    audit::{AuditAction, AuditEvent},
    policy::{Permit, WriteSecrets},
};
use subrosa_plaintext::Plaintext;

/// One secret of the new set.
pub enum GroupItem {
    /// It stays as it is, value and all.
    Kept(KeyName),
    /// It has this value: a new version if that is another than it has, a new secret if there is none.
    Set(CreateSecret),
}

/// What a replacement comes to.
#[derive(Default)]
struct Plan {
    changes: Vec<Change>,
    events: Vec<AuditEvent>,
    /// What the group holds then.
    secrets: Vec<Secret>,
}

impl GroupItem {
    /// What an entry with this key and maybe a value means.
    #[must_use]
    pub fn new(key: KeyName, value: Option<Plaintext>) -> Self {
        match value {
            None => Self::Kept(key),
            Some(value) => Self::Set(CreateSecret::readable(key, value)),
        }
    }

    const fn key(&self) -> &KeyName {
        match self {
            Self::Kept(key) | Self::Set(CreateSecret { key, .. }) => key,
        }
    }
}

impl App {
    /// Replaces the set of a group's secrets: a changed value is a new version, an equal one none; a key that is not
    /// named is deleted. What is already so is no change.
    ///
    /// # Errors
    /// Not found; a missing role; [`AppError::Invalid`] for an empty set, a key twice, or a new key without a value;
    /// [`AppError::ValueTooLarge`]; [`AppError::Contended`]; faults of store and custody.
    pub async fn replace_secrets(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: GroupId,
        items: Vec<GroupItem>,
    ) -> Result<GroupView, AppError> {
        self.check_group(permit, id).await?;
        if items.is_empty() {
            return Err(AppError::invalid("/secrets", "must name at least one secret"));
        }
        check_keys(items.iter().map(GroupItem::key))?;
        for item in &items {
            if let GroupItem::Set(new) = item {
                check_value(&new.value)?;
            }
        }
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_replace(op, permit, id, &items).await {
                Err(AppError::Contended | AppError::Exists(_)) if tries.again() => {}
                Err(AppError::Exists(_)) => return Err(AppError::Contended),
                done => return done,
            }
        }
    }

    async fn try_replace(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        id: GroupId,
        items: &[GroupItem],
    ) -> Result<GroupView, AppError> {
        let tenant = permit.tenant_id();
        let group = self.permitted_group(permit, id).await?;
        let lives = self.group_lives(tenant, id, 0, limits::COUNT_MAX).await?;
        if lives.len() > limits::LIST_MAX as usize {
            return Err(AppError::UsePaging);
        }
        let keys = self.keys(tenant).await?;
        let mut plan = self.plan(op, &keys, id, lives, items)?;
        if plan.changes.is_empty() {
            return self.view_group(tenant, group.as_deref()).await;
        }
        let mut after = group.as_deref().cloned();
        if let Some(row) = after.take() {
            let mut row = row;
            row.touch(op.now());
            let row = self.sealed(row);
            plan.events.push(self.group_event(op, AuditAction::GroupReplace, &row));
            plan.changes.push(Change::GroupUpdate(row.clone()));
            after = Some(row);
        }
        plan.secrets.sort_by(|a, b| a.key.cmp(&b.key));
        plan.secrets.truncate(limits::LIST_MAX as usize);
        // Looked up before anything is committed: what fails until then changed nothing.
        let view = self.view_with(tenant, after.as_ref(), plan.secrets).await?;
        self.commit(tenant, plan.changes, plan.events).await?;
        Ok(view)
    }

    fn plan(
        &self,
        op: &Op,
        keys: &TenantKeys,
        group: GroupId,
        lives: Vec<Arc<Live>>,
        items: &[GroupItem],
    ) -> Result<Plan, AppError> {
        let known = lives.into_iter().map(|live| (live.secret.key.clone(), live));
        let mut known: HashMap<KeyName, Arc<Live>> = known.collect();
        let mut plan = Plan::default();
        for item in items {
            let drafted = match (item, known.remove(item.key())) {
                (GroupItem::Kept(_), None) => {
                    let message = "must have a value where the key is new";
                    return Err(AppError::invalid("/secrets", message));
                }
                (GroupItem::Kept(_), Some(live)) => {
                    plan.secrets.push(live.secret.clone());
                    continue;
                }
                (GroupItem::Set(new), None) => self.draft_new(op, keys, group, new)?,
                (GroupItem::Set(new), Some(live)) => {
                    let secret = live.secret.clone();
                    if self.holds(op, keys, &live, &new.value)? {
                        plan.secrets.push(secret);
                        continue;
                    }
                    self.draft_value(op, keys, secret, &new.value, None)?.1
                }
            };
            plan.changes.extend(drafted.changes);
            plan.events.push(drafted.event);
            plan.secrets.push(drafted.secret);
        }
        let mut gone: Vec<Arc<Live>> = known.into_values().collect();
        gone.sort_by(|a, b| a.secret.key.cmp(&b.secret.key));
        for live in gone {
            plan.changes.push(Change::SecretErase(live.secret.id));
            plan.events.push(self.secret_event(op, AuditAction::SecretDelete, &live.secret));
        }
        Ok(plan)
    }

    /// A group's secrets with their live revisions, by key, as one snapshot.
    pub(crate) async fn group_lives(
        &self,
        tenant: TenantId,
        group: GroupId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Arc<Live>>, AppError> {
        let read = self.caches.feed.mark();
        let rows = self.tenant(tenant).group_lives(group, offset, limit).await?;
        let whole = rows
            .into_iter()
            .map(|(secret, revision)| self.whole(secret, revision, read).map(Arc::new));
        whole.collect()
    }
}
