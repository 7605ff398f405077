//! Exact counts of STANDARD reveals, one for each (who, what, why) and second.

use crate::{cache::Live, context::Op};
use foldhash::quality::RandomState as Folded;
use hashbrown::HashTable;
use parking_lot::Mutex;
use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};
use subrosa_domain::{
    EventId, Ids, SecretId, Sensitivity, TenantId, Timestamp, ToolName,
    audit::{Actor, AuditAction, AuditEvent, Decision, Reason, Resource, ResourceKind, Surface},
};

/// What is counted together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct CountKey {
    pub(crate) tenant_id: TenantId,
    pub(crate) secret_id: SecretId,
    pub(crate) version: u64,
    pub(crate) surface: Surface,
    pub(crate) actor: Actor,
    pub(crate) reason: Option<Reason>,
}

/// A count that was not written yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Count {
    name: Box<str>,
    times: u64,
    first: Timestamp,
    last: Timestamp,
}

/// Enough that two cores seldom meet at one lock.
const SHARDS: usize = 16;

/// A reveal that is to be counted, out of what the request has at hand.
#[derive(Clone, Copy)]
pub(crate) struct Counted<'r> {
    pub(crate) op: &'r Op,
    pub(crate) live: &'r Live,
    pub(crate) version: u64,
    pub(crate) reason: Option<&'r Reason>,
}

/// All counts.
pub(crate) struct Counts {
    /// For ids, which we made.
    by_id: Folded,
    /// For what the caller may have chosen.
    by_text: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

type Shard = HashTable<(CountKey, Count)>;

impl Default for Counts {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(HashTable::new())).collect();
        Self { by_id: Folded::default(), by_text: RandomState::new(), shards }
    }
}

impl Counts {
    /// Counts one. Nothing is copied when it was counted within the second before.
    pub(crate) fn add(&self, counted: Counted<'_>) {
        let Counted { op, live, version, reason } = counted;
        let (actor, tool) = (&op.caller.actor, op.origin.tool.as_ref());
        let hash = self.hash(live.secret.id, actor, version, op.origin.surface, (reason, tool));
        let Some(shard) = self.shard(hash) else { return };
        let now = op.now();
        let mut counts = shard.lock();
        let same = |(key, _): &(CountKey, Count)| key.is_of(&counted);
        if let Some((_, count)) = counts.find_mut(hash, same) {
            count.times += 1;
            count.first = count.first.min(now);
            count.last = count.last.max(now);
            return;
        }
        let key = CountKey {
            tenant_id: op.tenant_id,
            secret_id: live.secret.id,
            version,
            surface: op.origin.surface,
            actor: op.actor(),
            reason: reason.cloned(),
        };
        let name = live.secret.key.as_str().into();
        let count = Count { name, times: 1, first: now, last: now };
        counts.insert_unique(hash, (key, count), |(key, _)| self.hash_of(key));
    }

    /// Takes everything out.
    pub(crate) fn take(&self) -> Vec<(CountKey, Count)> {
        self.shards.iter().flat_map(|shard| std::mem::take(&mut *shard.lock())).collect()
    }

    /// Puts back what could not be written; what was counted meanwhile is added to.
    pub(crate) fn put_back(&self, counts: Vec<(CountKey, Count)>) {
        for (key, count) in counts {
            let hash = self.hash_of(&key);
            let Some(shard) = self.shard(hash) else { continue };
            let mut counts = shard.lock();
            if let Some((_, known)) = counts.find_mut(hash, |(known, _)| *known == key) {
                known.times += count.times;
                known.first = known.first.min(count.first);
                known.last = known.last.max(count.last);
            } else {
                counts.insert_unique(hash, (key, count), |(key, _)| self.hash_of(key));
            }
        }
    }

    fn hash_of(&self, key: &CountKey) -> u64 {
        let CountKey { secret_id, version, surface, actor, reason, .. } = key;
        let chosen = (reason.as_ref(), actor.tool.as_ref());
        self.hash(*secret_id, actor, *version, *surface, chosen)
    }

    /// `chosen` is what the caller may have said: a reason and a tool. The actor's own tool is not looked at.
    fn hash(
        &self,
        secret_id: SecretId,
        actor: &Actor,
        version: u64,
        surface: Surface,
        chosen: (Option<&Reason>, Option<&ToolName>),
    ) -> u64 {
        let ids = (secret_id, &*actor.id, actor.token, version, surface);
        let chosen = if chosen == (None, None) { 0 } else { self.by_text.hash_one(chosen) };
        self.by_id.hash_one(ids) ^ chosen
    }

    fn shard(&self, hash: u64) -> Option<&Mutex<Shard>> {
        // The table looks at the lowest bits and the highest seven.
        self.shards.get(usize::try_from(hash >> 40).unwrap_or(0) % SHARDS)
    }
}

impl CountKey {
    fn is_of(&self, counted: &Counted<'_>) -> bool {
        let Counted { op, live, version, reason } = *counted;
        let actor = &op.caller.actor;
        self.secret_id == live.secret.id
            && self.version == version
            && self.tenant_id == op.tenant_id
            && self.surface == op.origin.surface
            && self.reason.as_ref() == reason
            && (self.actor.token, self.actor.kind) == (actor.token, actor.kind)
            && self.actor.id == actor.id
            && self.actor.tool == op.origin.tool
    }
}

/// Who reads what, as a count says, and when last.
pub(crate) fn reader(key: &CountKey, count: &Count) -> (TenantId, SecretId, Arc<str>, Timestamp) {
    (key.tenant_id, key.secret_id, Arc::clone(&key.actor.id), count.last)
}

/// The event a count becomes.
pub(crate) fn event(ids: &dyn Ids, key: &CountKey, count: &Count) -> AuditEvent {
    AuditEvent {
        id: EventId::fresh(ids),
        tenant_id: key.tenant_id,
        time: count.last,
        surface: key.surface,
        actor: key.actor.clone(),
        action: AuditAction::SecretReveal,
        resource: Resource {
            kind: ResourceKind::Secret,
            id: Some(*key.secret_id.as_bytes()),
            key: Some(count.name.clone()),
        },
        revision: Some(key.version),
        tier: Some(Sensitivity::Standard),
        decision: Decision::Allowed,
        reason: key.reason.clone(),
        count: count.times,
        first_time: (count.times > 1).then_some(count.first),
        request_id: None,
        detail: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_domain::audit::ActorKind;

    fn key(version: u64) -> CountKey {
        CountKey {
            tenant_id: TenantId::from_bytes([1; 16]),
            secret_id: SecretId::from_bytes([2; 16]),
            version,
            surface: Surface::V1,
            actor: Actor { kind: ActorKind::User, id: "u".into(), token: None, tool: None },
            reason: None,
        }
    }

    #[test]
    fn counts_are_exact_across_put_back() {
        let counts = Counts::default();
        let at = Timestamp::from_micros;
        let add = |version, micros| {
            let (first, last) = (at(micros), at(micros));
            counts
                .put_back(vec![(key(version), Count { name: "K".into(), times: 1, first, last })]);
        };
        add(1, 10);
        add(1, 20);
        add(2, 30);
        let taken = counts.take();
        assert!(counts.take().is_empty());
        add(1, 40);
        counts.put_back(taken);
        let mut all = counts.take();
        all.sort_by_key(|(key, _)| key.version);
        let seen: Vec<_> = all.iter().map(|(k, c)| (k.version, c.times, c.first, c.last)).collect();
        assert_eq!(seen, [(1, 3, at(10), at(40)), (2, 1, at(30), at(30))]);
    }
}
