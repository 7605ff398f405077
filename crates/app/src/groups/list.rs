//! Listing groups: those the caller may see, and nothing else.

use super::GroupView;
use crate::{app::App, error::AppError, limits};
use std::collections::{HashMap, HashSet};
use subrosa_domain::{
    Group, GroupId, GroupName, TenantId,
    policy::{GroupAction, Permit, ReadSecrets},
};

/// Which groups.
#[derive(Clone, Default, Debug)]
pub struct GroupQuery {
    /// The one of this name.
    pub name: Option<GroupName>,
    /// Those whose name, or the key of a secret of theirs, contains this.
    pub search: Option<String>,
    /// How many of the first to pass over.
    pub offset: u32,
    /// How many at most, 1 to [`limits::PAGE_MAX`].
    pub limit: u32,
}

/// A page of groups.
#[derive(Debug)]
pub struct GroupList {
    /// The groups, oldest first. Fewer than asked for when they hold a great many secrets.
    pub items: Vec<GroupView>,
    /// How many there are in all.
    pub total: u64,
}

/// A group in a list: `None` is the group `default`.
pub(super) type Listed = Option<Group>;

impl App {
    /// The groups a caller may see, oldest first. The group `default` is among them while it holds a secret.
    ///
    /// # Errors
    /// [`AppError::UsePaging`] for a caller that may see more than [`limits::GROUPS_MAX`]; faults of the store.
    pub async fn list_groups(
        &self,
        permit: &Permit<ReadSecrets>,
        query: &GroupQuery,
    ) -> Result<GroupList, AppError> {
        let tenant = permit.tenant_id();
        let counts = self.secret_counts(tenant).await?;
        let mut seen = match &query.name {
            Some(name) => self.visible_by_name(permit, name, &counts).await?,
            None => self.visible_groups(permit, &counts).await?,
        };
        if let Some(text) = query.search.as_deref().filter(|text| !text.is_empty()) {
            let holding = self.tenant(tenant).groups_holding(text).await?;
            let holding: HashSet<GroupId> = holding.into_iter().collect();
            let text = text.to_ascii_lowercase();
            let default = GroupId::default_of(tenant);
            seen.retain(|group| {
                let id = group.as_ref().map_or(default, |group| group.id);
                let name = group.as_ref().map_or(Group::DEFAULT, |group| group.name.as_str());
                name.contains(&text) || holding.contains(&id)
            });
        }
        let total = u64::try_from(seen.len()).unwrap_or(u64::MAX);
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit.min(limits::PAGE_MAX)).unwrap_or(usize::MAX);
        let (mut items, mut held) = (Vec::new(), 0);
        for group in seen.into_iter().skip(offset).take(limit) {
            let id = group.as_ref().map_or(GroupId::default_of(tenant), |group| group.id);
            held += counts.get(&id).copied().unwrap_or(0);
            if held > limits::GROUP_PAGE_SECRETS_MAX && !items.is_empty() {
                break;
            }
            items.push(self.view_group(tenant, group.as_ref()).await?);
        }
        Ok(GroupList { items, total })
    }

    /// One group with its secrets.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn show_group(
        &self,
        permit: &Permit<ReadSecrets>,
        id: GroupId,
    ) -> Result<GroupView, AppError> {
        let group = self.permitted_group(permit, id).await?;
        self.view_group(permit.tenant_id(), group.as_deref()).await
    }

    /// How many secrets each group holds that holds any.
    pub(super) async fn secret_counts(
        &self,
        tenant: TenantId,
    ) -> Result<HashMap<GroupId, u64>, AppError> {
        Ok(self.tenant(tenant).secret_counts().await?.into_iter().collect())
    }

    /// Every group the caller may see, the group `default` first.
    pub(super) async fn visible_groups<A: GroupAction>(
        &self,
        permit: &Permit<A>,
        counts: &HashMap<GroupId, u64>,
    ) -> Result<Vec<Listed>, AppError> {
        let tenant = permit.tenant_id();
        let limited = permit.limited_to();
        let of = limited.map(|limited| limited.principal);
        let mut groups = match of {
            Some(None) => Vec::new(),
            Some(principal @ Some(_)) => self.groups_by(tenant, principal).await?,
            None => self.groups_by(tenant, None).await?,
        };
        let claimed =
            limited.iter().flat_map(|limited| limited.claimed.iter().flat_map(|c| c.iter()));
        let claimed: Vec<GroupName> = claimed.map(|(name, _)| name.clone()).collect();
        for name in &claimed {
            if let Some(group) = self.group_named(tenant, name).await?
                && groups.iter().all(|known| known.id != group.id)
            {
                groups.push(group);
            }
        }
        groups.retain(|group| permit.holds_in(Some(group)).is_ok());
        groups.sort_by_key(|group| group.id);
        let default =
            permit.holds_in(None).is_ok() && counts.contains_key(&GroupId::default_of(tenant));
        let default = default.then_some(None);
        Ok(default.into_iter().chain(groups.into_iter().map(Some)).collect())
    }

    /// The group of this name, if the caller may see it.
    pub(super) async fn visible_by_name<A: GroupAction>(
        &self,
        permit: &Permit<A>,
        name: &GroupName,
        counts: &HashMap<GroupId, u64>,
    ) -> Result<Vec<Listed>, AppError> {
        let tenant = permit.tenant_id();
        if name.as_str() == Group::DEFAULT {
            let there = counts.contains_key(&GroupId::default_of(tenant));
            let seen = there && permit.holds_in(None).is_ok();
            return Ok(seen.then_some(None).into_iter().collect());
        }
        let group = self.group_named(tenant, name).await?;
        Ok(group
            .filter(|group| permit.holds_in(Some(group)).is_ok())
            .map(Some)
            .into_iter()
            .collect())
    }

    async fn groups_by(
        &self,
        tenant: TenantId,
        of: Option<subrosa_domain::PrincipalId>,
    ) -> Result<Vec<Group>, AppError> {
        let most = u32::try_from(limits::GROUPS_MAX).unwrap_or(u32::MAX);
        let rows = self.tenant(tenant).groups(of, None, most + 1).await?;
        if rows.len() > limits::GROUPS_MAX {
            return Err(AppError::UsePaging);
        }
        self.all_verified(rows)
    }
}
