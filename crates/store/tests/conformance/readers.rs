//! Readers: how many actors used a secret of late.

use super::{
    Place,
    rows::{NOW, commit, group, grouped, kept, reader, secret, settled, started},
};
use crate::port::Store;
use std::time::Duration;
use subrosa_domain::{Change, GroupId, LastUse, TenantId, Timestamp};

fn at(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

async fn used(store: &dyn Store, uses: Vec<LastUse>) {
    store.commit(commit(TenantId::SYSTEM, vec![Change::LastUses(uses)])).await.unwrap();
}

/// Each actor counts once for each secret, from its latest use on, however late and out of order uses arrive. Those of
/// lost secrets are passed over, those of other groups are not counted, and no feed entry is made.
pub(crate) async fn actors_are_counted_once_since_their_latest_use(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let (a, b) = (kept(&*store, tenant, 1, "A").await, kept(&*store, tenant, 2, "B").await);
    let prod = group(tenant, 1, "prod");
    let c = grouped(&prod, 3, "C");
    let changes = vec![Change::GroupInsert(prod.clone()), Change::SecretInsert(c.clone())];
    store.commit(commit(tenant, changes)).await.unwrap();
    let before = store.changes_after(0, 99).await.unwrap();
    let lost = secret(tenant, 9, "L");
    let first =
        vec![reader(&a, "user:ana", 5), reader(&lost, "user:ana", 5), reader(&c, "user:ana", 5)];
    let second = vec![
        reader(&a, "user:ana", 3),
        reader(&a, "agent:ana", 2),
        reader(&b, "user:ben", 9),
        reader(&b, "user:ben", 7),
    ];
    used(&*store, first).await;
    used(&*store, second).await;

    let default = GroupId::default_of(tenant);
    let cases = [
        (0, vec![(a.id, 2), (b.id, 1)]),
        (2, vec![(a.id, 2), (b.id, 1)]),
        (3, vec![(a.id, 1), (b.id, 1)]),
        (5, vec![(a.id, 1), (b.id, 1)]),
        (6, vec![(b.id, 1)]),
        (9, vec![(b.id, 1)]),
        (10, vec![]),
    ];
    for (since, expected) in cases {
        assert_eq!(view.readers(default, at(since)).await.unwrap(), expected, "since {since}");
        for secret in [&a, &b] {
            let alone = expected.iter().find(|(id, _)| *id == secret.id).map_or(0, |(_, n)| *n);
            assert_eq!(view.readers_of(secret.id, at(since)).await.unwrap(), alone);
        }
    }
    assert_eq!(view.readers(prod.id, at(0)).await.unwrap(), [(c.id, 1)]);
    assert_eq!(view.readers_of(lost.id, at(0)).await.unwrap(), 0);
    assert_eq!(store.changes_after(0, 99).await.unwrap(), before);
}

/// Pruning forgets who has not read since, and a secret's readers go with it: its key's next owner has none.
pub(crate) async fn readers_are_forgotten_with_time_and_with_their_secret(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let one = kept(&*store, tenant, 1, "K").await;
    let mut uses: Vec<_> = (0..2_500).map(|n| reader(&one, &format!("user:{n}"), n % 5)).collect();
    uses.push(reader(&one, "user:0", 5));
    used(&*store, uses).await;
    assert_eq!(view.readers_of(one.id, Timestamp::EPOCH).await.unwrap(), 2_500);
    store.prune(at(5), at(5)).await.unwrap();
    assert_eq!(view.readers_of(one.id, Timestamp::EPOCH).await.unwrap(), 1);
    store.commit(commit(tenant, vec![Change::SecretErase(one.id)])).await.unwrap();
    assert_eq!(view.readers_of(one.id, Timestamp::EPOCH).await.unwrap(), 0);
    // Only who looks past the rule that ids never return could tell.
    kept(&*store, tenant, 1, "K").await;
    assert_eq!(view.readers_of(one.id, Timestamp::EPOCH).await.unwrap(), 0);
    let default = GroupId::default_of(tenant);
    assert!(view.readers(default, Timestamp::EPOCH).await.unwrap().is_empty());
}
