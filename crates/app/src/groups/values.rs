//! Secrets of groups as the callers of groups see them: with the value, where role, disclosure and validity allow it.
//!
//! A value that is not allowed is left out, and nothing says which of the three it was.

use super::list::Listed;
use crate::{
    app::App,
    cache::Live,
    context::Op,
    error::AppError,
    limits,
    secrets::{BatchAnswer, Leave},
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};
use subrosa_domain::{
    Group, GroupId, GroupName, KeyName, Revision, Secret, SecretId, TenantSlug,
    policy::{self, Denied, Permit, ReadSecrets, RevealSecrets},
};
use subrosa_plaintext::Plaintext;

/// A secret of a group.
pub struct ShownSecret {
    /// The secret.
    pub secret: Secret,
    /// The tenant's name in references.
    pub tenant: TenantSlug,
    /// The group's.
    pub group: Box<str>,
    /// Its live value, if it was asked for and the caller may have it.
    pub value: Option<Plaintext>,
    /// How many have read or used it in the last 30 days.
    pub readers: u64,
}

/// Which secrets.
#[derive(Clone, Default, Debug)]
pub struct SecretQuery {
    /// Those of one group.
    pub group: Option<GroupId>,
    /// Those of these names, as far as there are any.
    pub named: Option<Vec<(GroupName, KeyName)>>,
    /// With their values.
    pub with_value: bool,
    /// How many of the first to pass over.
    pub offset: u32,
    /// How many at most, 1 to [`limits::PAGE_MAX`].
    pub limit: u32,
}

/// A page of secrets.
pub struct SecretList {
    /// The secrets: group by group, by key. Fewer than asked for where their values would be more than
    /// [`limits::BATCH_BYTES_MAX`] bytes.
    pub items: Vec<ShownSecret>,
    /// How many there are in all.
    pub total: u64,
}

impl App {
    /// One secret of any group, with its value if the caller may have it.
    ///
    /// # Errors
    /// Not found; [`AppError::AuditUnavailable`], in which case nothing was opened; faults of store and custody.
    pub async fn show_value(
        &self,
        op: &Op,
        permit: &Permit<ReadSecrets>,
        id: SecretId,
    ) -> Result<ShownSecret, AppError> {
        let tenant = permit.tenant_id();
        let live = self.live(tenant, id).await?.ok_or(AppError::NOT_FOUND)?;
        let group = self.permitted_group(permit, live.secret.group_id).await?;
        let name = name_of(group.as_deref());
        let readers = self.readers_of(op, id).await?;
        let shown = self.shown(op, &[(name, live)], true).await?;
        let shown = shown.into_iter().next().ok_or(AppError::NOT_FOUND)?;
        Ok(ShownSecret { readers, ..shown })
    }

    /// A page of the secrets a caller may see.
    ///
    /// # Errors
    /// Not found, for the group; [`AppError::AuditUnavailable`]; faults of store and custody.
    pub async fn list_values(
        &self,
        op: &Op,
        permit: &Permit<ReadSecrets>,
        query: &SecretQuery,
    ) -> Result<SecretList, AppError> {
        let (found, total) = match &query.named {
            Some(named) => self.find_named(permit, named, query).await?,
            None => self.find_in_groups(permit, query).await?,
        };
        let found = if query.with_value { within_bytes(found) } else { found };
        let mut items = self.shown(op, &found, query.with_value).await?;
        let groups: BTreeSet<GroupId> = items.iter().map(|item| item.secret.group_id).collect();
        let mut readers: HashMap<SecretId, u64> = HashMap::new();
        for group in groups {
            readers.extend(self.tenant(permit.tenant_id()).readers(group, since(op)).await?);
        }
        for item in &mut items {
            item.readers = readers.get(&item.secret.id).copied().unwrap_or(0);
        }
        Ok(SecretList { items, total })
    }

    /// The versions of a secret, newest first, without values, and the secret itself.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn list_versions(
        &self,
        permit: &Permit<ReadSecrets>,
        id: SecretId,
        offset: u32,
        limit: u32,
    ) -> Result<(ShownSecret, Vec<Revision>, u64), AppError> {
        let tenant = permit.tenant_id();
        let secret = self.secret(permit, id).await?;
        let group = self.group_of(&secret).await?;
        // Numbers have no gaps, so an offset from the newest is a number to start below.
        let below = (secret.latest_version + 1).saturating_sub(u64::from(offset));
        let total = secret.latest_version;
        let versions = self.tenant(tenant).revisions(id, Some(below), limit).await?;
        let shown = ShownSecret {
            tenant: self.tenant_slug(tenant).await?,
            group: name_of(group.as_deref()),
            secret,
            value: None,
            readers: 0,
        };
        Ok((shown, versions, total))
    }

    /// How many have read or used a secret lately, from memory if nobody has since it was counted.
    async fn readers_of(&self, op: &Op, id: SecretId) -> Result<u64, AppError> {
        if let Some(count) = self.caches.readers(id, op.now()) {
            return Ok(count);
        }
        let count = self.tenant(op.tenant_id).readers_of(id, since(op)).await?;
        self.caches.keep_readers(id, count, op.now());
        Ok(count)
    }

    async fn find_named(
        &self,
        permit: &Permit<ReadSecrets>,
        named: &[(GroupName, KeyName)],
        query: &SecretQuery,
    ) -> Result<(Vec<Found>, u64), AppError> {
        let tenant = permit.tenant_id();
        let counts = self.secret_counts(tenant).await?;
        let (mut found, mut asked) = (Vec::new(), HashSet::new());
        for (group, key) in named {
            if !asked.insert((group, key)) {
                continue;
            }
            for listed in self.visible_by_name(permit, group, &counts).await? {
                let id = id_of(permit, &listed);
                let asked_for = query.group.is_none_or(|only| only == id);
                let live = self.live_by_key(tenant, id, key).await?.filter(|_| asked_for);
                found.extend(live.map(|live| (name_of(listed.as_ref()), live)));
            }
        }
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit.min(limits::PAGE_MAX)).unwrap_or(usize::MAX);
        Ok((found.into_iter().skip(offset).take(limit).collect(), total))
    }

    async fn find_in_groups(
        &self,
        permit: &Permit<ReadSecrets>,
        query: &SecretQuery,
    ) -> Result<(Vec<Found>, u64), AppError> {
        let tenant = permit.tenant_id();
        let counts = self.secret_counts(tenant).await?;
        let groups = match query.group {
            Some(id) => {
                vec![self.permitted_group(permit, id).await?.map(|group| Group::clone(&group))]
            }
            None => self.visible_groups(permit, &counts).await?,
        };
        let (mut found, mut total) = (Vec::new(), 0);
        let mut skip = u64::from(query.offset);
        let mut room = u64::from(query.limit.min(limits::PAGE_MAX));
        for listed in groups {
            let id = id_of(permit, &listed);
            let count = counts.get(&id).copied().unwrap_or(0);
            total += count;
            let passed = skip.min(count);
            skip -= passed;
            if room == 0 || passed == count {
                continue;
            }
            let (offset, limit) = (narrow(passed), narrow(room));
            let lives = self.group_lives(tenant, id, offset, limit).await?;
            room = room.saturating_sub(u64::try_from(lives.len()).unwrap_or(u64::MAX));
            let name = name_of(listed.as_ref());
            found.extend(lives.into_iter().map(|live| (name.clone(), live)));
        }
        Ok((found, total))
    }

    /// What was found, opened where it is asked for and allowed.
    async fn shown(
        &self,
        op: &Op,
        found: &[Found],
        with_value: bool,
    ) -> Result<Vec<ShownSecret>, AppError> {
        let tenant = self.tenant_slug(op.tenant_id).await?;
        let permit = policy::authorize_by_role::<RevealSecrets>(&op.caller, op.tenant_id);
        let mut leaves = Vec::with_capacity(found.len());
        for (_, live) in found {
            leaves.push(
                self.quiet_leave(op, permit.as_ref().ok().filter(|_| with_value), live).await?,
            );
        }
        let values: Vec<BatchAnswer> = self.open_all(op, leaves, None).await?;
        let shown = found.iter().zip(values).map(|((group, live), value)| ShownSecret {
            secret: live.secret.clone(),
            tenant: tenant.clone(),
            group: group.clone(),
            value: value.ok().map(|revealed| revealed.value),
            readers: 0,
        });
        Ok(shown.collect())
    }

    /// Leave to open a secret that is being shown. Leaving a value out is no refusal, and none is recorded.
    async fn quiet_leave(
        &self,
        op: &Op,
        permit: Option<&Permit<RevealSecrets>>,
        live: &Arc<Live>,
    ) -> Result<Result<Leave, Denied>, AppError> {
        let Some(permit) = permit else { return Ok(Err(Denied::NotFound)) };
        let group = self.group_of(&live.secret).await?;
        let leave = permit.of(&live.secret, group.as_deref(), op.now());
        Ok(leave.map(|leave| (Arc::clone(live), leave)))
    }
}

/// A secret and its group's name.
type Found = (Box<str>, Arc<Live>);

/// The first of what was found whose values fit an answer.
fn within_bytes(found: Vec<Found>) -> Vec<Found> {
    let mut bytes = 0;
    let fits = |(_, live): &Found| {
        bytes += live.sealed_bytes();
        bytes <= limits::BATCH_BYTES_MAX
    };
    found.into_iter().take_while(fits).collect()
}

fn id_of(permit: &Permit<ReadSecrets>, listed: &Listed) -> GroupId {
    listed.as_ref().map_or(GroupId::default_of(permit.tenant_id()), |group| group.id)
}

fn name_of(group: Option<&Group>) -> Box<str> {
    group.map_or(Group::DEFAULT, |group| group.name.as_str()).into()
}

fn narrow(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn since(op: &Op) -> subrosa_domain::Timestamp {
    op.now().minus(limits::READERS_SINCE)
}
