//! Signing keys: found by their id whoever's they are, sealed under the active key, gone with their tenant.

use super::{
    Place,
    rows::{commit, deleted, key, row, rows, settled, signing_key, started},
};
use crate::error::{Noun, StoreError};
use subrosa_domain::{Change, ChangeRef, KeyState, SigningKey, Wrap};

/// Every field comes back from every read, newest first; an id is given once in the whole store.
pub(crate) async fn signing_keys_read_back_whole_newest_first(place: &dyn Place) {
    let store = started(place).await;
    let (a, b) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let insert =
        |key: &SigningKey| commit(key.tenant_id, vec![Change::SigningKeyInsert(key.clone())]);
    let (first, second, third) = (signing_key(a, 1, 1), signing_key(b, 2, 1), signing_key(a, 3, 1));
    for key in [&second, &third, &first] {
        store.commit(insert(key)).await.unwrap();
    }
    let taken = store.commit(insert(&signing_key(b, 1, 1))).await;
    assert!(matches!(taken, Err(StoreError::Exists(Noun::SigningKey))), "{taken:?}");

    for key in [&first, &second, &third] {
        assert_eq!(store.signing_key(key.id).await.unwrap().map(row).as_ref(), Some(key));
    }
    assert!(store.signing_key(signing_key(a, 9, 1).id).await.unwrap().is_none());
    let all = rows(store.all_signing_keys(9).await.unwrap());
    assert_eq!(all, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(rows(store.all_signing_keys(2).await.unwrap()), all[..2]);
    assert_eq!(rows(store.tenant(a).signing_keys().await.unwrap()), [third, first]);
    assert_eq!(rows(store.tenant(b).signing_keys().await.unwrap()), [second]);
}

/// A key sealed under a version that was retired meanwhile is refused. A rewrap of something that changed meanwhile is
/// refused as well; done, every read has the new wrap, and the sealed seed is the same.
pub(crate) async fn a_signing_key_follows_its_tenants_key(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let held = signing_key(tenant, 1, 1);
    store.commit(commit(tenant, vec![Change::SigningKeyInsert(held.clone())])).await.unwrap();
    let rotation = vec![
        Change::TenantKeyUpdate(key(tenant, 1, KeyState::DecryptOnly)),
        Change::TenantKeyInsert(key(tenant, 2, KeyState::Active)),
    ];
    store.commit(commit(tenant, rotation)).await.unwrap();
    for wrong in [1, 3] {
        let stale = vec![Change::SigningKeyInsert(signing_key(tenant, 2, wrong))];
        let refused = store.commit(commit(tenant, stale)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    store
        .commit(commit(tenant, vec![Change::SigningKeyInsert(signing_key(tenant, 2, 2))]))
        .await
        .unwrap();

    let new = Wrap { key_version: 2, block: [0xAB; 60].into() };
    let rewrap = |old: &Wrap| {
        let change = Change::SigningKeyRewrap { id: held.id, old: old.clone(), new: new.clone() };
        commit(tenant, vec![change])
    };
    let read = &held.seed.wrap;
    for stale in
        [Wrap { block: [0; 16].into(), ..read.clone() }, Wrap { key_version: 2, ..read.clone() }]
    {
        let refused = store.commit(rewrap(&stale)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let before = store.changes_after(0, 99).await.unwrap().last().unwrap().0;
    store.commit(rewrap(read)).await.unwrap();
    let told = store.changes_after(before, 99).await.unwrap();
    assert_eq!(told, [(before + 1, ChangeRef::TenantKeys(tenant))], "as any of the tenant's keys");
    let again = store.commit(rewrap(read)).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let mut expected = held.clone();
    expected.seed.wrap = new;
    assert_eq!(store.signing_key(held.id).await.unwrap().map(row), Some(expected.clone()));
    let found = rows(store.tenant(tenant).signing_keys().await.unwrap());
    assert_eq!(found, [signing_key(tenant, 2, 2), expected]);
}

/// From the moment a tenant is deleted its keys sign nothing that anybody can check.
pub(crate) async fn a_deleted_tenants_signing_keys_are_not_found(place: &dyn Place) {
    let store = started(place).await;
    let (gone, other) = (settled(&*store, 1).await, settled(&*store, 2).await);
    for (tenant, n) in [(gone.id, 1), (other.id, 2)] {
        let insert = vec![Change::SigningKeyInsert(signing_key(tenant, n, 1))];
        store.commit(commit(tenant, insert)).await.unwrap();
    }
    store.commit(commit(gone.id, vec![Change::TenantUpdate(deleted(&gone))])).await.unwrap();
    assert!(store.signing_key(signing_key(gone.id, 1, 1).id).await.unwrap().is_none());
    let left = rows(store.all_signing_keys(9).await.unwrap());
    assert_eq!(left, [signing_key(other.id, 2, 1)]);
}
