//! Events by offset, for surfaces that page so: the newest, as far back as anyone looks for one answer.

use super::Filter;
use crate::{app::App, context::Op, error::AppError, limits};
use std::{collections::HashMap, sync::Arc};
use subrosa_domain::{
    Group, GroupId, GroupName, KeyName, PrincipalId,
    audit::{AuditEvent, ResourceKind},
    policy::{Authenticated, Permit},
};
use subrosa_store::AuditCursor;

/// Which events.
#[derive(Clone, Default, Debug)]
pub struct LogQuery {
    /// What holds for every view of the log.
    pub filter: Filter,
    /// About this kind of thing.
    pub kind: Option<ResourceKind>,
    /// About a thing of this name.
    pub named: Option<String>,
    /// About what a full name means.
    pub about: Option<About>,
    /// By principals of these names.
    pub subjects: Option<Vec<String>>,
    /// How many of the newest to pass over.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// What a full name means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// A group, and those that had its name before.
    Group(GroupName),
    /// The secret that has this key in a group now.
    Secret(GroupName, KeyName),
    /// Nothing of the tenant.
    Nothing,
}

/// A page of events, each with the name of who acted.
#[derive(Debug)]
pub struct Logs {
    /// The events, newest first.
    pub items: Vec<(AuditEvent, Box<str>)>,
    /// How many there are, among the newest [`limits::AUDIT_SCAN_MAX`].
    pub total: u64,
}

impl App {
    /// The tenant's events for its administrators, the caller's own for everybody else.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn list_logs(
        &self,
        op: &Op,
        _permit: &Permit<Authenticated>,
        query: &LogQuery,
    ) -> Result<Logs, AppError> {
        let mut filter = query.filter.clone();
        if !op.caller.is_admin() {
            filter.actor_id = Some(op.caller.actor.id.to_string());
        }
        let (mut items, mut total) = (Vec::new(), 0);
        match &query.about {
            None | Some(About::Group(_)) => {}
            Some(About::Nothing) => return Ok(Logs { items, total }),
            Some(About::Secret(group, key)) => {
                let meant = self.secret_meant(op, group, key).await?;
                let named = &query.filter.resource_ids;
                let Some(id) = meant.filter(|id| named.is_empty() || named.contains(id)) else {
                    return Ok(Logs { items, total });
                };
                filter.resource_ids = vec![id];
            }
        }
        self.flush_for(op.tenant_id).await?;
        self.chain_ready(op).await?;
        let tenant = self.tenant(op.tenant_id);
        let wanted = u64::from(query.offset)..u64::from(query.offset) + u64::from(query.limit);
        let (mut names, mut after, mut looked_at) = (HashMap::new(), None, 0);
        while looked_at < limits::AUDIT_SCAN_MAX {
            let batch = filter.next(&*tenant, after).await?;
            let Some(last) = batch.last() else { break };
            after = Some(AuditCursor { lane: last.lane, seq: last.seq });
            looked_at += limits::PAGE_MAX;
            for stored in &batch {
                let event = stored.event()?;
                if !filter.accepts(&event) || !query.accepts(&event) {
                    continue;
                }
                let name = self.name_of(op, &event, &mut names).await?;
                if !query.is_by(&name) {
                    continue;
                }
                if wanted.contains(&total) {
                    items.push((event, name));
                }
                total += 1;
            }
        }
        Ok(Logs { items, total })
    }

    /// The id of the secret that a full name means, if there is one.
    async fn secret_meant(
        &self,
        op: &Op,
        group: &GroupName,
        key: &KeyName,
    ) -> Result<Option<[u8; 16]>, AppError> {
        let group = match group.as_str() {
            Group::DEFAULT => Some(GroupId::default_of(op.tenant_id)),
            _ => self.group_named(op.tenant_id, group).await?.map(|group| group.id),
        };
        let Some(group) = group else { return Ok(None) };
        let live = self.live_by_key(op.tenant_id, group, key).await?;
        Ok(live.map(|live| *live.secret.id.as_bytes()))
    }

    /// What people know an actor by.
    async fn name_of(
        &self,
        op: &Op,
        event: &AuditEvent,
        names: &mut HashMap<Arc<str>, Box<str>>,
    ) -> Result<Box<str>, AppError> {
        if let Some(known) = names.get(&event.actor.id) {
            return Ok(known.clone());
        }
        let name: Box<str> = match event.actor.id.parse::<PrincipalId>() {
            Ok(id) => self.subject(op.tenant_id, id).await?.name,
            Err(_) => (&*event.actor.id).into(),
        };
        names.insert(Arc::clone(&event.actor.id), name.clone());
        Ok(name)
    }
}

impl LogQuery {
    fn accepts(&self, event: &AuditEvent) -> bool {
        let (kind, key) = (event.resource.kind, event.resource.key.as_deref());
        let group = match &self.about {
            Some(About::Group(name)) => Some(name.as_str()),
            _ => None,
        };
        self.kind.is_none_or(|wanted| wanted == kind)
            && self.named.as_deref().is_none_or(|named| key == Some(named))
            && group.is_none_or(|name| kind == ResourceKind::Group && key == Some(name))
    }

    fn is_by(&self, name: &str) -> bool {
        self.subjects.as_ref().is_none_or(|all| all.iter().any(|one| one == name))
    }
}
