//! A group's secrets as a whole: in key order, of one moment, counted and searched.

use super::{
    Place,
    commits::together,
    rows::{commit, group, grouped, kept, publish, revision, row, rows, secret, settled, started},
};
use crate::port::TenantStore;
use std::sync::atomic::{AtomicBool, Ordering};
use subrosa_domain::{Change, Group, GroupId, Revision, Secret, TenantId, Unverified};

/// What inserting secrets with one published revision each changes, and their rows after it.
fn published(
    group: &Group,
    secrets: impl Iterator<Item = (u32, String)>,
) -> (Vec<Secret>, Vec<Change>) {
    let (mut held, mut changes) = (Vec::new(), Vec::new());
    for (n, name) in secrets {
        let mut secret = grouped(group, n, &name);
        changes.push(Change::SecretInsert(secret.clone()));
        changes.extend(publish(&mut secret, 1));
        held.push(secret);
    }
    (held, changes)
}

fn believed(lives: Vec<(Unverified<Secret>, Option<Revision>)>) -> Vec<(Secret, Option<Revision>)> {
    lives.into_iter().map(|(secret, live)| (row(secret), live)).collect()
}

/// A group lists in the order of its keys' bytes, with and without live revisions, a page at a time, drafts and all,
/// and without another group's.
pub(crate) async fn a_group_lists_in_key_order(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let prod = group(tenant, 1, "prod");
    let names = ["b", "B", "a", "_", "-", "9", "Ab", "AB", "A"];
    let named = (1..).zip(names.map(str::to_owned));
    let (mut held, mut changes) = published(&prod, named);
    changes.insert(0, Change::GroupInsert(prod.clone()));
    let draft = grouped(&prod, 90, "draft");
    changes.push(Change::SecretInsert(draft.clone()));
    store.commit(commit(tenant, changes)).await.unwrap();
    kept(&*store, tenant, 91, "c").await;

    held.push(draft);
    held.sort_by(|a, b| a.key.as_str().as_bytes().cmp(b.key.as_str().as_bytes()));
    let lives: Vec<_> = held
        .iter()
        .map(|secret| (secret.clone(), secret.published.map(|_| revision(secret, 1, 1))))
        .collect();
    assert_eq!(rows(view.group_secrets(prod.id, 0, 99).await.unwrap()), held);
    assert_eq!(believed(view.group_lives(prod.id, 0, 99).await.unwrap()), lives);
    assert_eq!(rows(view.group_secrets(prod.id, 3, 4).await.unwrap()), held[3..7]);
    assert_eq!(believed(view.group_lives(prod.id, 3, 4).await.unwrap()), lives[3..7]);
    assert!(view.group_secrets(prod.id, 10, 4).await.unwrap().is_empty());
    assert!(view.group_lives(prod.id, 10, 4).await.unwrap().is_empty());
    let default = GroupId::default_of(tenant);
    assert_eq!(view.group_secrets(default, 0, 99).await.unwrap().len(), 1);
    assert_eq!(view.group_lives(default, 0, 99).await.unwrap().len(), 1);
}

/// Groups are found by any part of a key in either case; no character stands for another.
pub(crate) async fn groups_are_found_by_what_a_key_of_theirs_contains(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let (one, two, empty) =
        (group(tenant, 1, "one"), group(tenant, 2, "two"), group(tenant, 3, "three"));
    let mut changes: Vec<_> = [&one, &two, &empty].map(|g| Change::GroupInsert(g.clone())).into();
    for (at, n, name) in [(&two, 1, "DB_pass"), (&two, 2, "dbURL"), (&one, 3, "DBxPASS")] {
        changes.push(Change::SecretInsert(grouped(at, n, name)));
    }
    changes.push(Change::SecretInsert(secret(tenant, 4, "other")));
    store.commit(commit(tenant, changes)).await.unwrap();

    let default = GroupId::default_of(tenant);
    let both = [one.id, two.id];
    let mut all = vec![default, one.id, two.id];
    all.sort();
    let cases: [(&str, &[GroupId]); 17] = [
        ("", &all),
        ("db", &both),
        ("DB", &both),
        ("pAsS", &both),
        ("DB_pass", &[two.id]),
        ("b_P", &[two.id]),
        ("xpass", &[one.id]),
        ("url", &[two.id]),
        ("OTHER", &[default]),
        ("_", &[two.id]),
        ("__", &[]),
        ("%", &[]),
        ("d%s", &[]),
        ("!", &[]),
        ("\\_", &[]),
        ("url\0", &[]),
        ("ü", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(view.groups_holding(text).await.unwrap(), expected, "{text:?}");
    }
    let long = "d".repeat(100_000);
    assert!(view.groups_holding(&long).await.unwrap().is_empty());
}

/// Every group that holds a secret is counted, `default` as well; the counter of the tenant is that of `default` alone.
pub(crate) async fn each_groups_secrets_are_counted(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let (one, two, empty) =
        (group(tenant, 1, "one"), group(tenant, 2, "two"), group(tenant, 3, "three"));
    let mut changes: Vec<_> = [&one, &two, &empty].map(|g| Change::GroupInsert(g.clone())).into();
    for (at, n) in [(&two, 1), (&one, 2), (&two, 3), (&two, 4)] {
        changes.push(Change::SecretInsert(grouped(at, n, &format!("K{n}"))));
    }
    store.commit(commit(tenant, changes)).await.unwrap();
    assert_eq!(view.secret_counts().await.unwrap(), [(one.id, 1), (two.id, 3)]);
    assert_eq!(view.counted().await.unwrap().secrets, 0);

    let default = GroupId::default_of(tenant);
    let changes = vec![
        Change::SecretErase(secret(tenant, 1, "K").id),
        Change::SecretErase(secret(tenant, 2, "K").id),
        Change::SecretInsert(secret(tenant, 5, "K")),
        Change::SecretInsert(secret(tenant, 6, "L")),
    ];
    store.commit(commit(tenant, changes)).await.unwrap();
    let mut expected = [(default, 2), (two.id, 2)];
    expected.sort();
    assert_eq!(view.secret_counts().await.unwrap(), expected);
    assert_eq!(view.counted().await.unwrap().secrets, 2);
    let erase = vec![Change::SecretErase(secret(tenant, 5, "K").id)];
    store.commit(commit(tenant, erase)).await.unwrap();
    assert_eq!(view.counted().await.unwrap().secrets, 1);
}

/// How many secrets the replaced group has, how often it is replaced, and how many read it all the while.
const WHOLE: u32 = 40;
const ROUNDS: u32 = 40;
const READERS: usize = 4;

/// The secrets of one generation of the group: keys of its own, and some that every generation has.
fn generation(group: &Group, round: u32) -> (Vec<Secret>, Vec<Change>) {
    let names = (0..WHOLE).map(|n| {
        let name = if n % 2 == 0 { format!("K{n}") } else { format!("K{n}-{round}") };
        (round * WHOLE + n, name)
    });
    let (mut held, changes) = published(group, names);
    held.sort_by(|a, b| a.key.cmp(&b.key));
    (held, changes)
}

/// Reads the group both ways until it is told to stop, and says of which rounds it saw it. Panics at a mixture.
async fn watch(view: &dyn TenantStore, group: &Group, rounds: &[Vec<Secret>], stop: &AtomicBool) {
    let round = |secrets: &[Secret]| {
        let seen = rounds.iter().position(|round| round == secrets);
        assert!(seen.is_some(), "a mixture of {} secrets", secrets.len());
        seen.unwrap()
    };
    let mut last = 0;
    while !stop.load(Ordering::SeqCst) {
        let seen = round(&rows(view.group_secrets(group.id, 0, WHOLE * 2).await.unwrap()));
        assert!(seen >= last, "what was seen once does not come back");
        let (secrets, lives): (Vec<_>, Vec<_>) =
            believed(view.group_lives(group.id, 0, WHOLE * 2).await.unwrap()).into_iter().unzip();
        last = round(&secrets);
        assert!(last >= seen, "what was seen once does not come back");
        let expected: Vec<_> = secrets.iter().map(|s| Some(revision(s, 1, 1))).collect();
        assert_eq!(lives, expected);
    }
}

/// While commits replace every secret of a group, whoever lists it sees the old ones or the new ones, each with its
/// value, and never some of both.
pub(crate) async fn a_replaced_group_is_seen_before_or_after(place: &dyn Place) {
    let store = started(place).await;
    let tenant: TenantId = settled(&*store, 1).await.id;
    let prod = group(tenant, 1, "prod");
    let (rounds, inserts): (Vec<_>, Vec<_>) =
        (0..=ROUNDS).map(|round| generation(&prod, round)).unzip();
    let mut inserts = inserts.into_iter();
    let mut first = vec![Change::GroupInsert(prod.clone())];
    first.extend(inserts.next().unwrap());
    store.commit(commit(tenant, first)).await.unwrap();

    let stop = AtomicBool::new(false);
    let replace = async {
        for (old, insert) in rounds.iter().zip(inserts) {
            let mut changes: Vec<_> = old.iter().map(|s| Change::SecretErase(s.id)).collect();
            changes.extend(insert);
            store.commit(commit(tenant, changes)).await.unwrap();
        }
        stop.store(true, Ordering::SeqCst);
    };
    let view = store.tenant(tenant);
    let watchers = (0..READERS).map(|_| watch(&*view, &prod, &rounds, &stop)).collect();
    tokio::join!(together(watchers), replace);
    let last = rows(view.group_secrets(prod.id, 0, WHOLE * 2).await.unwrap());
    assert_eq!(last, rounds[usize::try_from(ROUNDS).unwrap()]);
}
