//! Groups: secrets that belong together, and who may do what with them.
//!
//! Every use-case that touches a secret asks here whether the caller may do so in the secret's group; in the group
//! `default`, which has no row, that is already decided.

mod create;
mod delete;
mod list;
mod manifest;
mod replace;
mod roles;
mod subject;
mod values;
mod view;

pub use create::CreateGroup;
pub use list::{GroupList, GroupQuery};
pub use manifest::{GroupManifest, Manifested};
pub use replace::GroupItem;
pub use roles::RoleChange;
pub(crate) use roles::check_members;
pub(crate) use subject::is_race;
pub use subject::{Subject, SubjectRef};
pub use values::{SecretList, SecretQuery, ShownSecret};
pub use view::{Collaborator, GroupView};

use crate::{app::App, context::Op, error::AppError};
use std::sync::Arc;
use subrosa_domain::{
    Group, GroupId, GroupName, Secret, TenantId,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
    policy::{GroupAction, Permit},
};

impl App {
    /// A group's row, from memory if the feed says it is current.
    pub(crate) async fn group_row(
        &self,
        tenant: TenantId,
        id: GroupId,
    ) -> Result<Option<Arc<Group>>, AppError> {
        if let Some(group) = self.caches.group(tenant, id) {
            return Ok(Some(group));
        }
        let read = self.caches.feed.mark();
        let Some(group) = self.tenant(tenant).group(id).await? else {
            self.keyring.verify_none(tenant);
            return Ok(None);
        };
        let group = Arc::new(self.verified(group)?);
        self.caches.keep_group(Arc::clone(&group), read);
        Ok(Some(group))
    }

    /// The group of a secret; `None` for the group `default`.
    pub(crate) async fn group_of(&self, secret: &Secret) -> Result<Option<Arc<Group>>, AppError> {
        if secret.group_id == GroupId::default_of(secret.tenant_id) {
            return Ok(None);
        }
        self.group_row(secret.tenant_id, secret.group_id).await
    }

    /// Whether the caller may do `A` in a group. A group that is gone is as good as one the caller has no role in.
    pub(crate) async fn check_group<A: GroupAction>(
        &self,
        permit: &Permit<A>,
        id: GroupId,
    ) -> Result<(), AppError> {
        self.permitted_group(permit, id).await.map(|_| ())
    }

    /// The group with this id, if the caller may do `A` in it; `None` is the group `default`.
    pub(crate) async fn permitted_group<A: GroupAction>(
        &self,
        permit: &Permit<A>,
        id: GroupId,
    ) -> Result<Option<Arc<Group>>, AppError> {
        let tenant = permit.tenant_id();
        let group = if id == GroupId::default_of(tenant) {
            None
        } else {
            Some(self.group_row(tenant, id).await?.ok_or(AppError::NOT_FOUND)?)
        };
        permit.holds_in(group.as_deref()).inspect_err(|_| {
            if group.is_none() {
                self.keyring.verify_none(tenant);
            }
        })?;
        Ok(group)
    }

    /// The group with this name, if the tenant has it. Nobody is asked whether the caller may see it.
    pub(crate) async fn group_named(
        &self,
        tenant: TenantId,
        name: &GroupName,
    ) -> Result<Option<Group>, AppError> {
        let found = self.tenant(tenant).group_by_name(name).await?;
        found.map(|group| self.verified(group)).transpose()
    }

    /// The event of a change of a group.
    pub(crate) fn group_event(&self, op: &Op, action: AuditAction, group: &Group) -> AuditEvent {
        self.group_event_named(op, action, group.id, group.name.as_str())
    }

    pub(crate) fn group_event_named(
        &self,
        op: &Op,
        action: AuditAction,
        id: GroupId,
        name: &str,
    ) -> AuditEvent {
        let about = Resource::named(ResourceKind::Group, id.as_bytes(), name);
        op.event(&*self.ids, action, about)
    }
}
