//! Groups as their readers see them: never with a value.

use super::Subject;
use crate::{app::App, error::AppError, limits};
use std::sync::Arc;
use subrosa_domain::{
    Group, GroupId, MemberSource, PrincipalId, Role, Secret, Tenant, TenantId, TenantSlug,
    Timestamp,
};

/// A group, whoever may see it, and what it holds.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: Box<str>,
    /// The tenant's name in paths and references.
    pub tenant: TenantSlug,
    /// Who made it; `None` for the group `default`, which came with the tenant.
    pub creator: Option<Subject>,
    /// The same, as people know them.
    pub created_by: Box<str>,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// Its own list of who may do what.
    pub collaborators: Vec<Collaborator>,
    /// Its secrets by key, at most [`limits::LIST_MAX`].
    pub secrets: Vec<Secret>,
}

/// A role of somebody in a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collaborator {
    /// Who.
    pub subject: Subject,
    /// Which role.
    pub role: Role,
    /// Whether by the group's own list; otherwise by a binding or a virtual account's manifest.
    pub own: bool,
}

impl App {
    /// The tenant's row, from memory if the feed says it is current.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn tenant_row(&self, id: TenantId) -> Result<Arc<Tenant>, AppError> {
        if let Some(tenant) = self.caches.tenant_row(id) {
            return Ok(tenant);
        }
        let read = self.caches.feed.mark();
        let tenant = self.tenant(id).tenant().await?.ok_or(AppError::NOT_FOUND)?;
        let tenant = Arc::new(self.verified(tenant)?);
        self.caches.keep_tenant_row(Arc::clone(&tenant), read);
        Ok(tenant)
    }

    /// The name of the only tenant there is; `default` when there are others.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn only_tenant(&self) -> Result<String, AppError> {
        let two = self.store.tenants(None, 2).await?;
        let two = self.all_verified(two)?;
        match two.as_slice() {
            [only] => Ok(only.slug.to_string()),
            _ => Ok("default".to_owned()),
        }
    }

    /// A tenant's name in paths and references.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn tenant_slug(&self, id: TenantId) -> Result<TenantSlug, AppError> {
        Ok(self.tenant_row(id).await?.slug.clone())
    }

    /// A group with its secrets; `None` is the group `default`.
    pub(crate) async fn view_group(
        &self,
        tenant: TenantId,
        group: Option<&Group>,
    ) -> Result<GroupView, AppError> {
        let id = group.map_or(GroupId::default_of(tenant), |group| group.id);
        let secrets = self.tenant(tenant).group_secrets(id, 0, limits::LIST_MAX).await?;
        self.view_with(tenant, group, self.all_verified(secrets)?).await
    }

    /// A group with these secrets.
    pub(crate) async fn view_with(
        &self,
        tenant: TenantId,
        group: Option<&Group>,
        secrets: Vec<Secret>,
    ) -> Result<GroupView, AppError> {
        let row = self.tenant_row(tenant).await?;
        let Some(group) = group else {
            return Ok(GroupView {
                id: GroupId::default_of(tenant),
                name: Group::DEFAULT.into(),
                tenant: row.slug.clone(),
                creator: None,
                created_by: row.created_by.clone(),
                created_at: row.created_at,
                modified_at: row.created_at,
                collaborators: Vec::new(),
                secrets,
            });
        };
        Ok(GroupView {
            id: group.id,
            name: group.name.as_str().into(),
            tenant: row.slug.clone(),
            creator: Some(self.subject(tenant, group.creator).await?),
            created_by: group.created_by.clone(),
            created_at: group.created_at,
            modified_at: group.modified_at,
            collaborators: self.collaborators(group).await?,
            secrets,
        })
    }

    /// Who may do what in a group, by whichever way.
    pub(crate) async fn collaborators(&self, group: &Group) -> Result<Vec<Collaborator>, AppError> {
        let mut all = Vec::with_capacity(group.members().len());
        for member in group.members() {
            let subject = self.subject(group.tenant_id, member.principal_id).await?;
            let own = member.source == MemberSource::Collaborators;
            all.push(Collaborator { subject, role: member.role, own });
        }
        Ok(all)
    }
}

/// The same collaborators, those by name who are only about to be users: no row says yet who they are.
pub(super) fn introduced(all: Vec<Collaborator>, newcomers: &[Subject]) -> Vec<Collaborator> {
    let introduce = |mut member: Collaborator| {
        if let Some(user) = newcomers.iter().find(|user| user.id == member.subject.id) {
            member.subject = user.clone();
        }
        member
    };
    all.into_iter().map(introduce).collect()
}

/// The roles a group's own list is to have: the creator stays its administrator when it names none.
pub(super) fn with_an_admin(
    roles: Vec<(PrincipalId, Role)>,
    creator: PrincipalId,
) -> Vec<(PrincipalId, Role)> {
    let has_admin = roles.iter().any(|(_, role)| *role == Role::Admin);
    let kept = (!has_admin).then_some((creator, Role::Admin));
    roles.into_iter().chain(kept).collect()
}
