//! Exact counts of STANDARD reveals, one for each (who, what, why) and second.

use parking_lot::Mutex;
use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};
use subrosa_domain::{
    EventId, Ids, LastUse, SecretId, Sensitivity, TenantId, Timestamp,
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

/// All counts.
pub(crate) struct Counts {
    hasher: RandomState,
    shards: Box<[Mutex<HashMap<CountKey, Count>>]>,
}

impl Default for Counts {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards }
    }
}

impl Counts {
    /// Counts one.
    pub(crate) fn add(&self, key: CountKey, name: &str, now: Timestamp) {
        let count = || Count { name: name.into(), times: 1, first: now, last: now };
        self.merge(key, count);
    }

    /// Takes everything out.
    pub(crate) fn take(&self) -> Vec<(CountKey, Count)> {
        self.shards.iter().flat_map(|shard| std::mem::take(&mut *shard.lock())).collect()
    }

    /// Puts back what could not be written; what was counted meanwhile is added to.
    pub(crate) fn put_back(&self, counts: Vec<(CountKey, Count)>) {
        for (key, count) in counts {
            self.merge(key, || count);
        }
    }

    fn merge(&self, key: CountKey, count: impl FnOnce() -> Count) {
        let at = usize::try_from(self.hasher.hash_one(&key)).unwrap_or(0) % SHARDS;
        let Some(shard) = self.shards.get(at) else { return };
        match shard.lock().entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(count());
            }
            Entry::Occupied(mut known) => {
                let (known, count) = (known.get_mut(), count());
                known.times += count.times;
                known.first = known.first.min(count.first);
                known.last = known.last.max(count.last);
            }
        }
    }
}

/// What a count says of who reads the secret.
pub(crate) fn reader(key: &CountKey, count: &Count) -> LastUse {
    LastUse::Reader(key.tenant_id, key.secret_id, Arc::clone(&key.actor.id), count.last)
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
        counts.add(key(1), "K", at(10));
        counts.add(key(1), "K", at(20));
        counts.add(key(2), "K", at(30));
        let taken = counts.take();
        assert!(counts.take().is_empty());
        counts.add(key(1), "K", at(40));
        counts.put_back(taken);
        let mut all = counts.take();
        all.sort_by_key(|(key, _)| key.version);
        let seen: Vec<_> = all.iter().map(|(k, c)| (k.version, c.times, c.first, c.last)).collect();
        assert_eq!(seen, [(1, 3, at(10), at(40)), (2, 1, at(30), at(30))]);
    }
}
