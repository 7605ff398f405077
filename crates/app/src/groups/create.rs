//! Making a group with its first secrets, in one commit.

use super::{GroupView, view::with_an_admin};
use crate::{
    app::App,
    context::Op,
    error::AppError,
    limits,
    secrets::{CreateSecret, Tries},
};
use std::collections::HashSet;
use subrosa_domain::{
    Change, Group, GroupId, GroupName, KeyName, MemberSource, PrincipalId,
    audit::AuditAction,
    policy::{Permit, WriteSecrets},
};
use subrosa_plaintext::Plaintext;
use subrosa_plant::planted;
use subrosa_store::Noun;

/// What a new group is to be.
pub struct CreateGroup {
    /// Its name, free in the tenant.
    pub name: GroupName,
    /// Its secrets: READABLE and STANDARD, each at its first version.
    pub secrets: Vec<(KeyName, Plaintext)>,
}

impl App {
    /// Makes a group; whoever makes it is its administrator.
    ///
    /// A request that was made before and whose answer was lost is answered with the group as it is: the same creator,
    /// the same keys and values, nothing changed since, within [`limits::REPEATED_WITHIN`]. The group `default` can be
    /// made as long as it holds nothing.
    ///
    /// # Errors
    /// [`AppError::Exists`] when the name is taken; a missing `secrets:write` for callers that have roles alone;
    /// [`AppError::ValueTooLarge`]; a key twice; faults of store and custody.
    pub async fn create_group(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        new: CreateGroup,
    ) -> Result<GroupView, AppError> {
        let secrets = new.secrets.into_iter();
        let secrets = secrets.map(|(key, value)| CreateSecret::readable(key, value));
        let secrets: Vec<CreateSecret> = secrets.collect();
        secrets.iter().try_for_each(CreateSecret::check)?;
        check_keys(secrets.iter().map(|secret| &secret.key))?;
        let mut tries = Tries::default();
        loop {
            match self.try_create_group(op, permit, &new.name, &secrets).await {
                Err(AppError::Contended) if tries.again() => {}
                Err(AppError::Exists(noun)) => {
                    let repeated = self.repeated(op, permit, &new.name, &secrets).await?;
                    return repeated.ok_or(AppError::Exists(noun));
                }
                done => return done,
            }
        }
    }

    async fn try_create_group(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        name: &GroupName,
        new: &[CreateSecret],
    ) -> Result<GroupView, AppError> {
        let tenant = permit.tenant_id();
        let (mut changes, mut events) = (Vec::new(), Vec::new());
        let group = if name.as_str() == Group::DEFAULT {
            let held = self.tenant(tenant).group_secrets(GroupId::default_of(tenant), 0, 1).await?;
            if !held.is_empty() {
                return Err(AppError::Exists(Noun::Group));
            }
            None
        } else {
            let group = self.sealed(self.new_group(op, name).await?);
            events.push(self.group_event(op, AuditAction::GroupCreate, &group));
            changes.push(Change::GroupInsert(group.clone()));
            Some(group)
        };
        let id = group.as_ref().map_or(GroupId::default_of(tenant), |group| group.id);
        let keys = self.keys(tenant).await?;
        let mut secrets = Vec::with_capacity(new.len());
        for one in new {
            let drafted = self.draft_new(op, &keys, id, one)?;
            changes.extend(drafted.changes);
            events.push(drafted.event);
            secrets.push(drafted.secret);
        }
        secrets.sort_by(|a, b| a.key.cmp(&b.key));
        // Looked up before anything is committed: what fails until then changed nothing.
        let view = self.view_with(tenant, group.as_ref(), secrets).await?;
        if planted!("group-made-by-halves") {
            let half = changes.split_off(1);
            self.commit(tenant, std::mem::replace(&mut changes, half), Vec::new()).await?;
        }
        self.commit(tenant, changes, events).await?;
        Ok(view)
    }

    /// A new group of the caller's, with nobody else in it, not yet sealed.
    pub(super) async fn new_group(&self, op: &Op, name: &GroupName) -> Result<Group, AppError> {
        let creator = self.own_principal(op).await?;
        let by = (creator, &*op.caller.name);
        let id = GroupId::fresh(&*self.ids);
        let mut group = Group::new(id, op.tenant_id, name.clone(), by, op.now());
        group.give(MemberSource::Collaborators, with_an_admin(Vec::new(), creator));
        Ok(group)
    }

    /// The group as it is, if this request made it a moment ago.
    async fn repeated(
        &self,
        op: &Op,
        permit: &Permit<WriteSecrets>,
        name: &GroupName,
        secrets: &[CreateSecret],
    ) -> Result<Option<GroupView>, AppError> {
        let tenant = permit.tenant_id();
        let Some(group) = self.group_named(tenant, name).await? else { return Ok(None) };
        let creator: PrincipalId = self.own_principal(op).await?;
        let recent = op.now().since(group.created_at) < limits::REPEATED_WITHIN;
        if group.creator != creator || !recent || group.row_version != 1 {
            return Ok(None);
        }
        let lives = self.group_lives(tenant, group.id, 0, limits::COUNT_MAX).await?;
        let keys = self.keys(tenant).await?;
        if lives.len() != secrets.len() {
            return Ok(None);
        }
        for live in &lives {
            let said = secrets.iter().find(|secret| secret.key == live.secret.key);
            let same = match said {
                Some(said) => {
                    live.secret.latest_version == 1 && self.holds(op, &keys, live, &said.value)?
                }
                None => false,
            };
            if !same {
                return Ok(None);
            }
        }
        let secrets = lives.iter().map(|live| live.secret.clone()).collect();
        self.view_with(tenant, Some(&group), secrets).await.map(Some)
    }
}

/// Refuses a key that is named twice.
pub(super) fn check_keys<'k>(keys: impl IntoIterator<Item = &'k KeyName>) -> Result<(), AppError> {
    let mut seen = HashSet::new();
    if keys.into_iter().all(|key| seen.insert(key)) {
        Ok(())
    } else {
        Err(AppError::invalid("/secrets", "must name each key once"))
    }
}
