//! A group as a manifest has it: made or changed by name, its collaborators replaced, its values left alone.

use super::{
    GroupView, SubjectRef,
    subject::is_race,
    view::{introduced, with_an_admin},
};
use crate::{app::App, context::Op, error::AppError, secrets::Tries};
use subrosa_domain::{
    Change, Group, GroupName, MemberSource, Role, Scope,
    audit::AuditAction,
    policy::{AdminGroups, Denied, Permit},
};

/// What a group is to be.
#[derive(Clone, Debug)]
pub struct GroupManifest {
    /// Its name.
    pub name: GroupName,
    /// Its own list of who may do what, replaced whole; unsaid leaves it as it is.
    pub collaborators: Option<Vec<(SubjectRef, Role)>>,
}

/// What a manifest came to.
#[derive(Clone, Debug)]
pub struct Manifested {
    /// The group as it was, if there was one.
    pub before: Option<GroupView>,
    /// The group as it is, or would be.
    pub after: GroupView,
}

impl App {
    /// Makes the group a manifest describes, or changes the one of its name. A dry run says what would come of it.
    ///
    /// # Errors
    /// Not found for a group the caller has no role in; a missing role; a missing `secrets:write` for a new group by a
    /// caller that has roles alone; [`AppError::Invalid`] for the group `default` and for subjects that cannot be;
    /// faults of the store.
    pub async fn put_group(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        manifest: &GroupManifest,
        dry_run: bool,
    ) -> Result<Manifested, AppError> {
        if manifest.name.as_str() == Group::DEFAULT {
            return Err(AppError::invalid("/manifest/name", "must not be default, which is fixed"));
        }
        let mut tries = Tries::default();
        loop {
            match self.try_put_group(op, permit, manifest, dry_run).await {
                Err(error) if is_race(&error) && tries.again() => {}
                Err(AppError::Exists(_)) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_put_group(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        manifest: &GroupManifest,
        dry_run: bool,
    ) -> Result<Manifested, AppError> {
        let tenant = permit.tenant_id();
        let before = self.group_named(tenant, &manifest.name).await?;
        match before.as_ref().map(|group| permit.holds_in(Some(group))) {
            // A group the caller cannot see is refused as one that is not there would be.
            None => check_creates(permit)?,
            Some(Err(Denied::NotFound)) => {
                check_creates(permit)?;
                return Err(AppError::NOT_FOUND);
            }
            Some(seen) => seen?,
        }
        let mut group = match &before {
            Some(group) => group.clone(),
            None => self.new_group(op, &manifest.name).await?,
        };
        let (mut changes, mut events, mut newcomers) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(named) = &manifest.collaborators {
            let subjects: Vec<&SubjectRef> = named.iter().map(|(subject, _)| subject).collect();
            let resolved = self.resolve(op, &subjects).await?;
            newcomers = resolved.newcomers();
            let roles = resolved.ids.into_iter().zip(named.iter().map(|(_, role)| *role));
            let roles = with_an_admin(roles.collect(), group.creator);
            group.give(MemberSource::Collaborators, roles);
            super::roles::check_members(&group)?;
            (changes, events) = (resolved.changes, resolved.events);
        }
        let seen = match &before {
            Some(group) => Some(self.view_group(tenant, Some(group)).await?),
            None => None,
        };
        let changed = before.as_ref().is_none_or(|before| before.members() != group.members());
        if changed && !dry_run {
            if before.is_some() {
                group.touch(op.now());
                group = self.sealed(group);
                events.push(self.group_event(op, AuditAction::GroupRoles, &group));
                changes.push(Change::GroupUpdate(group.clone()));
            } else {
                group = self.sealed(group);
                events.push(self.group_event(op, AuditAction::GroupCreate, &group));
                changes.push(Change::GroupInsert(group.clone()));
            }
        }
        // Looked up before anything is committed: what fails from here on changed nothing.
        let secrets = seen.as_ref().map(|view| view.secrets.clone()).unwrap_or_default();
        let mut after = self.view_with(tenant, Some(&group), secrets).await?;
        after.collaborators = introduced(after.collaborators, &newcomers);
        if changed && !dry_run {
            self.commit(tenant, changes, events).await?;
        }
        Ok(Manifested { before: seen, after })
    }

    /// The group a manifest names, for its deletion.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the group `default`; faults of the store.
    pub async fn delete_group_named(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        name: &GroupName,
    ) -> Result<(), AppError> {
        if name.as_str() == Group::DEFAULT {
            return Err(AppError::invalid("/manifest/name", "must not be default, which is fixed"));
        }
        let group = self.group_named(permit.tenant_id(), name).await?;
        self.delete_group(op, permit, group.ok_or(AppError::NOT_FOUND)?.id).await
    }
}

/// Making a group takes the scope itself: a role in some other group is none here.
fn check_creates(permit: &Permit<AdminGroups>) -> Result<(), AppError> {
    permit.holds_in(None).map_err(|_| Denied::MissingScope(Scope::SECRETS_WRITE).into())
}
