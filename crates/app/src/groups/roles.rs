//! Who may do what in a group: given and taken one by one, or by a named binding over several groups.

use super::{
    Collaborator, SubjectRef,
    subject::is_race,
    view::{introduced, with_an_admin},
};
use crate::{app::App, context::Op, error::AppError, limits, secrets::Tries};
use subrosa_domain::{
    Change, Group, GroupId, Member, MemberSource, Role,
    audit::AuditAction,
    policy::{AdminGroups, Permit, ReadSecrets},
};

/// A change of a group's own list.
#[derive(Clone, Debug)]
pub enum RoleChange {
    /// These are the whole list.
    Replace(Vec<(SubjectRef, Role)>),
    /// These have exactly these roles; others are left alone.
    Give(Vec<(SubjectRef, Role)>),
    /// These are on the list no more.
    Take(Vec<SubjectRef>),
}

impl App {
    /// Who may do what in a group, by whichever way. The group `default` has no such list.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn group_roles(
        &self,
        permit: &Permit<ReadSecrets>,
        id: GroupId,
    ) -> Result<Vec<Collaborator>, AppError> {
        match self.permitted_group(permit, id).await? {
            Some(group) => self.collaborators(&group).await,
            None => Ok(Vec::new()),
        }
    }

    /// Changes a group's own list. The creator stays on it as administrator when nobody else is.
    ///
    /// # Errors
    /// Not found; a missing role; [`AppError::Invalid`] for the group `default` and for subjects that cannot be; faults
    /// of the store.
    pub async fn change_roles(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        id: GroupId,
        change: &RoleChange,
    ) -> Result<Vec<Collaborator>, AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_change_roles(op, permit, id, change).await {
                Err(error) if is_race(&error) && tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_change_roles(
        &self,
        op: &Op,
        permit: &Permit<AdminGroups>,
        id: GroupId,
        change: &RoleChange,
    ) -> Result<Vec<Collaborator>, AppError> {
        let Some(before) = self.permitted_group(permit, id).await? else {
            return Err(AppError::invalid("/", "scopes decide in the group default, not roles"));
        };
        let mut group = Group::clone(&before);
        let named: Vec<&SubjectRef> = match change {
            RoleChange::Replace(all) | RoleChange::Give(all) => {
                all.iter().map(|(who, _)| who).collect()
            }
            RoleChange::Take(all) => all.iter().collect(),
        };
        let mut resolved = self.resolve(op, &named).await?;
        let newcomers = resolved.newcomers();
        let source = MemberSource::Collaborators;
        match change {
            RoleChange::Replace(all) => {
                let roles = all.iter().map(|(_, role)| *role);
                group.give(source, resolved.ids.into_iter().zip(roles));
            }
            RoleChange::Give(all) => {
                for (principal_id, (_, role)) in resolved.ids.into_iter().zip(all) {
                    group.take(source, principal_id);
                    group.give_one(Member { principal_id, source, role: *role });
                }
            }
            RoleChange::Take(_) => {
                resolved.ids.into_iter().for_each(|id| group.take(source, id));
                // Whoever was nobody has nothing to be taken, and becomes no user by it.
                resolved.changes.clear();
                resolved.events.clear();
            }
        }
        let own = group.members().iter().filter(|member| member.source == source);
        let own = own.map(|member| (member.principal_id, member.role)).collect();
        let own = with_an_admin(own, group.creator);
        group.give(source, own);
        check_members(&group)?;
        if group.members() != before.members() {
            group.touch(op.now());
            group = self.sealed(group);
        }
        // Looked up before anything is committed: what fails until then changed nothing.
        let collaborators = introduced(self.collaborators(&group).await?, &newcomers);
        if group.members() != before.members() {
            let mut events = resolved.events;
            events.push(self.group_event(op, AuditAction::GroupRoles, &group));
            let mut changes = resolved.changes;
            changes.push(Change::GroupUpdate(group.clone()));
            self.commit(permit.tenant_id(), changes, events).await?;
        }
        Ok(collaborators)
    }
}

/// Refuses a list that is too long to be checked with every request.
pub(crate) fn check_members(group: &Group) -> Result<(), AppError> {
    if group.members().len() > limits::MEMBERS_MAX {
        return Err(AppError::invalid("/collaborators", "must be at most 1,000 in all"));
    }
    Ok(())
}
