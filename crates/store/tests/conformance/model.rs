//! Random operations against a store and against a few maps in memory: both must agree at every step.

use super::{
    Place,
    rows::{
        NOW, chain, commit, deleted, event, grant, group, grouped, key, principal, publish, record,
        row, rows, secret, settled, started, tenant,
    },
    states::weighs,
};
use crate::port::{Store, TenantStore};
use std::collections::BTreeMap;
use subrosa_domain::{
    AgentId, Change, Commit, Group, GroupId, KeyState, MemberSource, PrincipalId, PrincipalKind,
    Role, Secret, TenantId, audit::AuditEvent,
};

/// How many kinds of operations there are.
const KINDS: u8 = 15;

/// How many tenants and keys the operations fall on: few, so that they meet.
const FEW: u8 = 4;

/// The key whose secrets are in the tenant's one group; the others are in `default`.
const GROUPED: &str = "K3";

/// One operation: what, on which tenant, on which secret.
pub(crate) type Step = (u8, u8, u8);

/// A tenant as the model knows it.
#[derive(Default)]
struct Known {
    secrets: BTreeMap<String, (Secret, Vec<AgentId>)>,
    group: Option<Group>,
    events: Vec<AuditEvent>,
    key_version: u32,
    deleted: bool,
}

/// Performs `steps`, and after each fifth, and at the end, compares everything that can be read.
pub(crate) async fn random_operations_agree_with_a_model(place: &dyn Place, steps: &[Step]) {
    let mut store = started(place).await;
    let mut model = BTreeMap::new();
    for n in 0..FEW {
        let id = settled(&*store, n.into()).await.id;
        model.insert(id, Known { key_version: 1, ..Known::default() });
    }
    for (n, step) in (100..).zip(steps) {
        if step.0 % KINDS == 11 {
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
    let mut group_after = known.group.clone();
    // One of the same name, and where there is none, one that is not there.
    let prod = known.group.clone().unwrap_or_else(|| group(owner.id, n, "prod"));
    let fresh = || match &*name {
        GROUPED => grouped(&prod, n, GROUPED),
        name => secret(owner.id, n, name),
    };
    let (changes, sound) = match what % KINDS {
        0 | 1 => {
            let fresh = fresh();
            after = held.clone().or(Some((fresh.clone(), Vec::new())));
            let group_is_there = name != GROUPED || known.group.is_some();
            (vec![Change::SecretInsert(fresh)], held.is_none() && group_is_there)
        }
        2..=4 => {
            let mut row = held.clone().map_or_else(fresh, |held| held.0);
            let changes = publish(&mut row, known.key_version).to_vec();
            after = after.map(|(_, agents)| (row, agents));
            (changes, held.is_some())
        }
        5 => {
            // From an old reading.
            let mut row = held.clone().map_or_else(fresh, |held| held.0);
            row.row_version += 7;
            row.touch(NOW);
            (vec![Change::SecretUpdate(row)], false)
        }
        6 => {
            let id = held.as_ref().map_or_else(|| fresh().id, |held| held.0.id);
            after = None;
            (vec![Change::SecretErase(id)], held.is_some())
        }
        7 => {
            let row = held.clone().map_or_else(fresh, |held| held.0);
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
            known.group = None;
            return;
        }
        12 => {
            group_after = Some(group(owner.id, n, "prod"));
            (vec![Change::GroupInsert(group(owner.id, n, "prod"))], known.group.is_none())
        }
        13 => {
            let mut row = prod;
            row.touch(NOW);
            row.give(MemberSource::Collaborators, [(who(owner.id, which), Role::Editor)]);
            group_after = Some(row.clone());
            (vec![Change::GroupUpdate(row)], known.group.is_some())
        }
        14 => {
            group_after = None;
            let empty = !known.secrets.contains_key(GROUPED);
            let erase = Change::GroupErase(prod.id, prod.row_version);
            (vec![erase], known.group.is_some() && empty)
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
    assert_eq!(outcome.is_ok(), sound, "step {n}, kind {}: {outcome:?}", what % KINDS);
    if sound {
        known.events.push(event(owner.id, n));
        known.key_version = key_version;
        known.group = group_after;
        match after {
            Some(after) => known.secrets.insert(name, after),
            None => known.secrets.remove(&name),
        };
    }
}

/// Whom a step gives a role.
fn who(tenant: TenantId, which: u8) -> PrincipalId {
    principal(tenant, (which % FEW).into(), PrincipalKind::User, "ana").id
}

async fn compare_group(view: &dyn TenantStore, known: &Known, secrets: &[&Secret]) {
    let group = known.group.iter().cloned().collect::<Vec<_>>();
    assert_eq!(rows(view.groups(None, None, 9).await.unwrap()), group);
    for group in group {
        for which in 0..FEW {
            let member = who(group.tenant_id, which);
            let found = rows(view.groups(Some(member), None, 9).await.unwrap());
            assert_eq!(found.len(), usize::from(group.role_of(member).is_some()));
        }
        let found = rows(view.group_secrets(group.id, 0, 9).await.unwrap());
        assert_eq!(found.iter().collect::<Vec<_>>(), secrets);
    }
    let held = view.secret_counts().await.unwrap().into_iter().map(|(_, n)| n).sum::<u64>();
    assert_eq!(held, known.secrets.len() as u64);
}

async fn compare(store: &dyn Store, model: &BTreeMap<TenantId, Known>) {
    for (id, known) in model {
        let view = store.tenant(*id);
        let is_grouped = |secret: &&Secret| secret.key.as_str() == GROUPED;
        let all = known.secrets.values().map(|(secret, _)| secret);
        let (grouped, mut held): (Vec<_>, Vec<_>) = all.partition(is_grouped);
        held.sort_by_key(|secret| std::cmp::Reverse(secret.id));
        let found = rows(view.secrets(GroupId::default_of(*id), None, 1_000).await.unwrap());
        assert_eq!(found.iter().collect::<Vec<_>>(), held);
        compare_group(&*view, known, &grouped).await;
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
        let expected = (held.len() as u64, known.events.len() as u64);
        assert_eq!((counted.secrets, counted.events), expected);
        weighs(store, *id).await;
    }
}
