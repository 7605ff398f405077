//! Groups: their names, their members and their end.

use super::{
    Place,
    rows::{binding, commit, group, grouped, principal, row, rows, settled, started},
    toys::Told,
};
use crate::{
    error::{Noun, StoreError},
    port::TenantStore,
};
use std::sync::Arc;
use subrosa_domain::{
    Change, ChangeRef, Group, GroupId, MemberSource, PrincipalId, PrincipalKind, Role, RowSeal,
    TenantId, Timestamp,
};

fn who(tenant: TenantId, n: u32) -> PrincipalId {
    principal(tenant, n, PrincipalKind::User, "ana").id
}

fn by_binding(tenant: TenantId, n: u32) -> MemberSource {
    MemberSource::Binding(binding(tenant, n, "b").id)
}

/// The group's row after a change of its members.
fn changed(group: &Group, change: impl FnOnce(&mut Group)) -> Group {
    let mut group = group.clone();
    group.touch(Timestamp::from_micros(i64::MAX));
    change(&mut group);
    group.seal = RowSeal([u8::try_from(group.row_version).unwrap(); 32]);
    group
}

async fn found_of(view: &dyn TenantStore, of: PrincipalId) -> Vec<GroupId> {
    rows(view.groups(Some(of), None, 9).await.unwrap()).into_iter().map(|g| g.id).collect()
}

async fn found_bound(view: &dyn TenantStore, n: u32, tenant: TenantId) -> Vec<GroupId> {
    let found = view.groups_bound(binding(tenant, n, "b").id).await.unwrap();
    rows(found).into_iter().map(|g| g.id).collect()
}

/// Every field and every member comes back from every read, for a new group and for a changed one.
pub(crate) async fn a_group_reads_back_whole(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let bare = group(tenant, 1, "payments/eu-1");
    store.commit(commit(tenant, vec![Change::GroupInsert(bare.clone())])).await.unwrap();
    assert_eq!(view.group(bare.id).await.unwrap().map(row), Some(bare.clone()));

    let full = changed(&bare, |group| {
        group.give(
            MemberSource::Collaborators,
            [(who(tenant, 1), Role::Admin), (who(tenant, 2), Role::Viewer)],
        );
        group.give(MemberSource::Account, [(who(tenant, 1), Role::Editor)]);
        group.give(by_binding(tenant, 1), [(who(tenant, 1), Role::Viewer)]);
        group.give(by_binding(tenant, 2), [(who(tenant, 1), Role::Viewer)]);
    });
    store.commit(commit(tenant, vec![Change::GroupUpdate(full.clone())])).await.unwrap();
    assert_eq!(view.group(full.id).await.unwrap().map(row), Some(full.clone()));
    assert_eq!(view.group_by_name(&full.name).await.unwrap().map(row), Some(full.clone()));
    let lists = [
        view.groups(None, None, 9).await.unwrap(),
        view.groups(Some(who(tenant, 1)), None, 9).await.unwrap(),
        view.groups_bound(binding(tenant, 1, "b").id).await.unwrap(),
    ];
    for list in lists {
        assert_eq!(rows(list), std::slice::from_ref(&full), "once, by however many ways");
    }

    assert!(view.group_by_name(&"payments".parse().unwrap()).await.unwrap().is_none());
    let default = GroupId::default_of(tenant);
    assert!(view.group(default).await.unwrap().is_none(), "the group `default` has no row");
    store.close().await.unwrap();
    let view = started(place).await.tenant(tenant);
    assert_eq!(view.group(full.id).await.unwrap().map(row), Some(full));
}

/// A name is one group's until it is erased; another tenant has names of its own.
pub(crate) async fn a_groups_name_is_taken_once_and_free_again_after_erasing(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, other) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let (first, second) = (group(tenant, 1, "prod"), group(tenant, 2, "prod"));
    let insert = |group: &Group| commit(group.tenant_id, vec![Change::GroupInsert(group.clone())]);
    store.commit(insert(&first)).await.unwrap();
    let refused = store.commit(insert(&second)).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Group))), "{refused:?}");
    let mut again = group(tenant, 1, "dev");
    again.row_version = 7;
    let refused = store.commit(insert(&again)).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Group))), "{refused:?}");
    store.commit(insert(&group(other, 3, "prod"))).await.unwrap();

    let erase = vec![Change::GroupErase(first.id, 1)];
    store.commit(commit(tenant, erase)).await.unwrap();
    store.commit(insert(&second)).await.unwrap();
    let found = store.tenant(tenant).group_by_name(&second.name).await.unwrap().map(row);
    assert_eq!(found, Some(second));
}

/// A change of members made from an old reading is refused, and so is one of a group that is not there; neither
/// changes who is found.
pub(crate) async fn group_updates_are_compare_and_set(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let read = group(tenant, 1, "prod");
    store.commit(commit(tenant, vec![Change::GroupInsert(read.clone())])).await.unwrap();
    let give = |group: &Group, n: u32| {
        changed(group, |group| {
            group.give(MemberSource::Collaborators, [(who(tenant, n), Role::Admin)]);
        })
    };
    let first = give(&read, 1);
    store.commit(commit(tenant, vec![Change::GroupUpdate(first.clone())])).await.unwrap();
    let (mut skipped, mut absent) = (give(&first, 2), give(&first, 2));
    skipped.row_version += 1;
    absent.id = group(tenant, 9, "x").id;
    for stale in [give(&read, 2), skipped, absent] {
        let refused = store.commit(commit(tenant, vec![Change::GroupUpdate(stale)])).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(view.group(read.id).await.unwrap().map(row), Some(first));
    assert_eq!(found_of(&*view, who(tenant, 1)).await, [read.id]);
    assert!(found_of(&*view, who(tenant, 2)).await.is_empty());
}

/// Who is given a role finds the group, whose role is taken does not; so does a binding.
pub(crate) async fn members_are_found_as_the_row_last_said(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let mut one = group(tenant, 1, "prod");
    one.give(MemberSource::Collaborators, [(who(tenant, 1), Role::Admin)]);
    one.give(by_binding(tenant, 1), [(who(tenant, 2), Role::Viewer)]);
    store.commit(commit(tenant, vec![Change::GroupInsert(one.clone())])).await.unwrap();
    assert_eq!(found_of(&*view, who(tenant, 1)).await, [one.id]);
    assert_eq!(found_of(&*view, who(tenant, 2)).await, [one.id]);
    assert_eq!(found_bound(&*view, 1, tenant).await, [one.id]);
    assert!(found_bound(&*view, 2, tenant).await.is_empty());

    let two = changed(&one, |group| {
        group.give(MemberSource::Collaborators, [(who(tenant, 3), Role::Admin)]);
        group.give(by_binding(tenant, 1), []);
        group.give(by_binding(tenant, 2), [(who(tenant, 2), Role::Editor)]);
    });
    store.commit(commit(tenant, vec![Change::GroupUpdate(two)])).await.unwrap();
    assert!(found_of(&*view, who(tenant, 1)).await.is_empty());
    assert_eq!(found_of(&*view, who(tenant, 2)).await, [one.id]);
    assert_eq!(found_of(&*view, who(tenant, 3)).await, [one.id]);
    assert!(found_bound(&*view, 1, tenant).await.is_empty());
    assert_eq!(found_bound(&*view, 2, tenant).await, [one.id]);
}

/// A group goes only as it was read and only without secrets; then nobody finds it any more. A refused erasing takes
/// nobody's role.
pub(crate) async fn a_group_is_erased_as_it_was_read_and_empty(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let mut gone = group(tenant, 1, "prod");
    gone.give(MemberSource::Account, [(who(tenant, 1), Role::Admin)]);
    gone.give(by_binding(tenant, 1), [(who(tenant, 2), Role::Viewer)]);
    let inside = grouped(&gone, 1, "K");
    let changes = vec![Change::GroupInsert(gone.clone()), Change::SecretInsert(inside.clone())];
    store.commit(commit(tenant, changes)).await.unwrap();
    let erase = |row_version| commit(tenant, vec![Change::GroupErase(gone.id, row_version)]);

    let refused = store.commit(erase(1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "a secret is inside: {refused:?}");
    store.commit(commit(tenant, vec![Change::SecretErase(inside.id)])).await.unwrap();
    for wrong in [0, 2] {
        let refused = store.commit(erase(wrong)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(view.group(gone.id).await.unwrap().map(row), Some(gone.clone()));
    assert_eq!(found_of(&*view, who(tenant, 1)).await, [gone.id]);

    store.commit(erase(1)).await.unwrap();
    assert!(view.group(gone.id).await.unwrap().is_none());
    assert!(view.group_by_name(&gone.name).await.unwrap().is_none());
    assert!(view.groups(None, None, 9).await.unwrap().is_empty());
    assert!(found_of(&*view, who(tenant, 1)).await.is_empty());
    assert!(found_bound(&*view, 1, tenant).await.is_empty());
    let again = store.commit(erase(1)).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");

    // With its secrets it goes in one commit, if they go first.
    let changes = vec![Change::GroupInsert(gone.clone()), Change::SecretInsert(inside.clone())];
    store.commit(commit(tenant, changes)).await.unwrap();
    let whole = vec![Change::SecretErase(inside.id), Change::GroupErase(gone.id, 1)];
    store.commit(commit(tenant, whole)).await.unwrap();
    assert!(view.secret(inside.id).await.unwrap().is_none());
}

/// A secret comes into a group that is there: `default`, or one with a row, never another tenant's or one that is gone.
pub(crate) async fn a_secret_needs_its_group(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, other) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let (ours, theirs) = (group(tenant, 1, "prod"), group(other, 2, "prod"));
    let insert = |secret| commit(tenant, vec![Change::SecretInsert(secret)]);
    store.commit(commit(other, vec![Change::GroupInsert(theirs.clone())])).await.unwrap();

    let (absent, foreign) = (grouped(&ours, 1, "K"), grouped(&theirs, 2, "K"));
    let default_of_other = GroupId::default_of(other);
    for group_id in [absent.group_id, foreign.group_id, default_of_other, who_as_group(tenant)] {
        let secret = subrosa_domain::Secret { group_id, ..absent.clone() };
        let refused = store.commit(insert(secret)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    store.commit(commit(tenant, vec![Change::GroupInsert(ours.clone())])).await.unwrap();
    store.commit(insert(absent.clone())).await.unwrap();
    let whole = vec![Change::SecretErase(absent.id), Change::GroupErase(ours.id, 1)];
    store.commit(commit(tenant, whole)).await.unwrap();
    let refused = store.commit(insert(absent)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

/// An id that exists, but not as a group's.
fn who_as_group(tenant: TenantId) -> GroupId {
    GroupId::from_bytes(*who(tenant, 1).as_bytes())
}

/// Groups list oldest first, a page at a time: all of them, or those of one principal.
pub(crate) async fn groups_page_oldest_first(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    // Named and made in another order than their ids'.
    for n in [3, 1, 5, 2, 4] {
        let mut group = group(tenant, n, &format!("g{}", 9 - n));
        if n % 2 == 1 {
            group.give(MemberSource::Collaborators, [(who(tenant, 1), Role::Viewer)]);
            group.give(by_binding(tenant, 1), [(who(tenant, 1), Role::Viewer)]);
            group.give(by_binding(tenant, 1), [(who(tenant, 2), Role::Viewer)]);
        }
        store.commit(commit(tenant, vec![Change::GroupInsert(group)])).await.unwrap();
    }
    let n = |n| group(tenant, n, "g").id;
    let ids = |page| rows::<Group>(page).into_iter().map(|g| g.id).collect::<Vec<_>>();
    assert_eq!(ids(view.groups(None, None, 3).await.unwrap()), [n(1), n(2), n(3)]);
    assert_eq!(ids(view.groups(None, Some(n(3)), 3).await.unwrap()), [n(4), n(5)]);
    assert!(view.groups(None, Some(n(5)), 3).await.unwrap().is_empty());
    let of = Some(who(tenant, 2));
    assert_eq!(ids(view.groups(of, None, 2).await.unwrap()), [n(1), n(3)]);
    assert_eq!(ids(view.groups(of, Some(n(3)), 2).await.unwrap()), [n(5)]);
    assert_eq!(ids(view.groups(of, Some(n(2)), 2).await.unwrap()), [n(3), n(5)]);
    assert!(view.groups(Some(who(tenant, 9)), None, 2).await.unwrap().is_empty());
    let bound = view.groups_bound(binding(tenant, 1, "b").id).await.unwrap();
    assert_eq!(ids(bound), [n(1), n(3), n(5)]);
}

/// Caches are told of a group when it comes, changes and goes.
pub(crate) async fn groups_are_in_the_change_feed(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let one = group(tenant, 1, "prod");
    let told = Arc::new(Told::default());
    store.listen(told.clone());
    let before = store.changes_after(0, 99).await.unwrap().last().unwrap().0;
    for change in [
        Change::GroupInsert(one.clone()),
        Change::GroupUpdate(changed(&one, |_| ())),
        Change::GroupErase(one.id, 2),
    ] {
        store.commit(commit(tenant, vec![change])).await.unwrap();
    }
    let expected = [ChangeRef::Group(tenant, one.id); 3];
    assert_eq!(told.so_far(), expected);
    let feed = store.changes_after(before, 99).await.unwrap();
    assert_eq!(feed.into_iter().map(|(_, change)| change).collect::<Vec<_>>(), expected);
}
