//! Random operations against a store and against a few maps in memory: both must agree at every step.

use super::{
    Place,
    rows::{
        NOW, chain, commit, deleted, event, grant, key, publish, record, row, rows, secret,
        settled, started, tenant,
    },
};
use crate::port::Store;
use std::collections::BTreeMap;
use subrosa_domain::{
    AgentId, Change, Commit, GroupId, KeyState, Secret, TenantId, audit::AuditEvent,
};

/// How many tenants and keys the operations fall on: few, so that they meet.
const FEW: u8 = 4;

/// One operation: what, on which tenant, on which secret.
pub type Step = (u8, u8, u8);

/// A tenant as the model knows it.
#[derive(Default)]
struct Known {
    secrets: BTreeMap<String, (Secret, Vec<AgentId>)>,
    events: Vec<AuditEvent>,
    key_version: u32,
    deleted: bool,
}

/// Performs `steps`, and after each fifth, and at the end, compares everything that can be read.
pub async fn random_operations_agree_with_a_model(place: &dyn Place, steps: &[Step]) {
    let mut store = started(place).await;
    let mut model = BTreeMap::new();
    for n in 0..FEW {
        let id = settled(&*store, n.into()).await.id;
        model.insert(id, Known { key_version: 1, ..Known::default() });
    }
    for (n, step) in (100..).zip(steps) {
        if step.0 % 12 == 11 {
            store.close().await.unwrap();
            store = started(place).await;
        } else {
            perform(&*store, &mut model, n, *step).await;
        }
        if n % 5 == 0 {
            compare(&*store, &model).await;
        }
    }
    compare(&*store, &model).await;
}

async fn perform(
    store: &dyn Store,
    model: &mut BTreeMap<TenantId, Known>,
    n: u32,
    (what, whose, which): Step,
) {
    let owner = tenant(u32::from(whose % FEW));
    let known = model.get_mut(&owner.id).unwrap();
    let name = format!("K{}", which % FEW);
    let held = known.secrets.get(&name).cloned();
    let agent: AgentId = format!("agent-{}", which % 3).parse().unwrap();
    let mut after = held.clone();
    let mut key_version = known.key_version;
    let (changes, sound) = match what % 12 {
        0 | 1 => {
            let fresh = secret(owner.id, n, &name);
            after = held.clone().or(Some((fresh.clone(), Vec::new())));
            (vec![Change::SecretInsert(fresh)], held.is_none())
        }
        2..=4 => {
            let mut row = held.clone().map_or_else(|| secret(owner.id, n, &name), |held| held.0);
            let changes = publish(&mut row, known.key_version).to_vec();
            after = after.map(|(_, agents)| (row, agents));
            (changes, held.is_some())
        }
        5 => {
            // From an old reading.
            let mut row = held.clone().map_or_else(|| secret(owner.id, n, &name), |held| held.0);
            row.row_version += 7;
            row.touch(NOW);
            (vec![Change::SecretUpdate(row)], false)
        }
        6 => {
            let id = held.as_ref().map_or_else(|| secret(owner.id, n, &name).id, |held| held.0.id);
            after = None;
            (vec![Change::SecretErase(id)], held.is_some())
        }
        7 => {
            let row = held.clone().map_or_else(|| secret(owner.id, n, &name), |held| held.0);
            let sound = held.as_ref().is_some_and(|(_, agents)| !agents.contains(&agent));
            if let Some((_, agents)) = &mut after {
                agents.push(agent.clone());
                agents.sort();
            }
            (vec![Change::GrantInsert(grant(&row, agent.as_str()))], sound)
        }
        8 => {
            key_version += 1;
            let rotation = vec![
                Change::TenantKeyUpdate(key(owner.id, known.key_version, KeyState::DecryptOnly)),
                Change::TenantKeyInsert(key(owner.id, key_version, KeyState::Active)),
            ];
            (rotation, known.key_version < 200)
        }
        9 if which > 200 => {
            let changes =
                vec![Change::TenantUpdate(deleted(&owner)), Change::TenantErase(owner.id)];
            let outcome = store.commit(commit(owner.id, changes)).await;
            assert_eq!(outcome.is_ok(), !known.deleted, "{outcome:?}");
            known.deleted = true;
            known.secrets.clear();
            return;
        }
        _ => {
            store.commit(record(owner.id, vec![event(owner.id, n)])).await.unwrap();
            known.events.push(event(owner.id, n));
            return;
        }
    };
    let events = vec![event(owner.id, n)];
    let outcome = store.commit(Commit { tenant_id: owner.id, changes, events }).await;
    let sound = sound && !known.deleted;
    assert_eq!(outcome.is_ok(), sound, "step {n}, kind {}: {outcome:?}", what % 12);
    if sound {
        known.events.push(event(owner.id, n));
        known.key_version = key_version;
        match after {
            Some(after) => known.secrets.insert(name, after),
            None => known.secrets.remove(&name),
        };
    }
}

async fn compare(store: &dyn Store, model: &BTreeMap<TenantId, Known>) {
    for (id, known) in model {
        let view = store.tenant(*id);
        let mut held: Vec<&Secret> = known.secrets.values().map(|(secret, _)| secret).collect();
        held.sort_by_key(|secret| std::cmp::Reverse(secret.id));
        let found = rows(view.secrets(GroupId::default_of(*id), None, 1_000).await.unwrap());
        assert_eq!(found.iter().collect::<Vec<_>>(), held);
        for (secret, agents) in known.secrets.values() {
            let (found, live) = view.live(secret.id).await.unwrap().unwrap();
            assert_eq!(&row(found), secret);
            let live = live.map(|revision| (revision.id, revision.version));
            assert_eq!(live, secret.published.map(|live| (live.revision_id, live.version)));
            let revisions = view.revisions(secret.id, None, 1_000).await.unwrap();
            assert_eq!(revisions.len() as u64, secret.latest_version);
            let granted = rows(view.grants(secret.id, None, 1_000).await.unwrap());
            assert_eq!(&granted.into_iter().map(|g| g.agent_id).collect::<Vec<_>>(), agents);
        }
        assert_eq!(chain(store, *id).await, known.events);
        let counted = view.counted().await.unwrap();
        let expected = (known.secrets.len() as u64, known.events.len() as u64);
        assert_eq!((counted.secrets, counted.events), expected);
    }
}
