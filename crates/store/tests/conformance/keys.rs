//! Keys: one active version, a life that only moves down, and wraps that follow it.

use super::{
    Place,
    rows::{
        commit, deleted, deployment, kept, key, publish, revision, service_key, settled, started,
    },
};
use crate::error::{Noun, StoreError};
use subrosa_domain::{Change, KeyState, TenantKey, Wrap};

/// A second initialisation is refused and changes nothing.
pub(crate) async fn a_store_is_initialised_once(place: &dyn Place) {
    let store = place.open().await;
    assert_eq!(store.deployment().await.unwrap(), None);
    assert!(store.service_keys().await.unwrap().is_empty());
    store.initialise(&deployment(), &service_key()).await.unwrap();
    let mut other = deployment();
    other.root_fingerprint = [0; 32];
    let refused = store.initialise(&other, &service_key()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.deployment().await.unwrap(), Some(deployment()));
    assert_eq!(store.service_keys().await.unwrap(), [service_key()]);
}

/// A rotation retires one version and adds the next; a version never becomes active again, nor two at once.
pub(crate) async fn a_key_only_moves_down_its_life(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let other = settled(&*store, 2).await;
    let second = key(tenant.id, 2, KeyState::Active);

    let refused =
        store.commit(commit(tenant.id, vec![Change::TenantKeyInsert(second.clone())])).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::TenantKey))), "{refused:?}");

    let retired = key(tenant.id, 1, KeyState::DecryptOnly);
    let rotation =
        vec![Change::TenantKeyUpdate(retired.clone()), Change::TenantKeyInsert(second.clone())];
    store.commit(commit(tenant.id, rotation)).await.unwrap();
    let view = store.tenant(tenant.id);
    assert_eq!(view.keys().await.unwrap(), [retired.clone(), second]);
    assert_eq!(store.keys_in_state(KeyState::DecryptOnly).await.unwrap(), [retired]);

    let destroyed = TenantKey { wrapped: [].into(), ..key(tenant.id, 1, KeyState::Destroyed) };
    store.commit(commit(tenant.id, vec![Change::TenantKeyUpdate(destroyed)])).await.unwrap();
    for earlier in [KeyState::Active, KeyState::DecryptOnly] {
        let revival = vec![Change::TenantKeyUpdate(key(tenant.id, 1, earlier))];
        let refused = store.commit(commit(tenant.id, revival)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }

    let active = |keys: Vec<TenantKey>| -> Vec<_> {
        keys.into_iter().map(|key| (key.tenant_id, key.version)).collect()
    };
    let found = active(store.keys_in_state(KeyState::Active).await.unwrap());
    assert_eq!(found, [(tenant.id, 2), (other.id, 1)]);
    store.commit(commit(other.id, vec![Change::TenantUpdate(deleted(&other))])).await.unwrap();
    let found = active(store.keys_in_state(KeyState::Active).await.unwrap());
    assert_eq!(found, [(tenant.id, 2)], "deleted tenants' keys are not asked for");
}

/// A revision sealed under a key that was retired meanwhile is refused; wrapped again, it is taken.
pub(crate) async fn a_revision_needs_the_active_key(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let mut secret = kept(&*store, tenant.id, 1, "K").await;
    let rotation = vec![
        Change::TenantKeyUpdate(key(tenant.id, 1, KeyState::DecryptOnly)),
        Change::TenantKeyInsert(key(tenant.id, 2, KeyState::Active)),
    ];
    store.commit(commit(tenant.id, rotation)).await.unwrap();
    for wrong in [1, 3] {
        let stale = publish(&mut secret.clone(), wrong).to_vec();
        let refused = store.commit(commit(tenant.id, stale)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let fresh = publish(&mut secret, 2).to_vec();
    store.commit(commit(tenant.id, fresh)).await.unwrap();
    let (_, live) = store.tenant(tenant.id).live(secret.id).await.unwrap().unwrap();
    assert_eq!(live, Some(revision(&secret, 2, 2)));
}

/// The walk finds every older wrap once, page by page; a rewrap of something that changed meanwhile is refused.
pub(crate) async fn a_rewrap_replaces_only_what_was_read(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let view = store.tenant(tenant.id);
    for n in 1..=3 {
        let mut secret = kept(&*store, tenant.id, n, &format!("K{n}")).await;
        store.commit(commit(tenant.id, publish(&mut secret, 1).to_vec())).await.unwrap();
    }
    assert!(view.to_rewrap(1, None, 10).await.unwrap().is_empty());
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = view.to_rewrap(2, after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.secret_id, last.version));
        walked.extend(page);
    }
    assert_eq!(walked.len(), 6);

    for item in &walked {
        let new = Wrap { key_version: 2, block: [0xAB; 60].into() };
        let rewrap = |old: &Wrap| Change::RevisionRewrap {
            secret_id: item.secret_id,
            revision_id: item.revision_id,
            old: old.clone(),
            new: new.clone(),
        };
        let stale = Wrap { block: [0; 16].into(), ..item.wrap.clone() };
        let refused = store.commit(commit(tenant.id, vec![rewrap(&stale)])).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        store.commit(commit(tenant.id, vec![rewrap(&item.wrap)])).await.unwrap();
        let again = store.commit(commit(tenant.id, vec![rewrap(&item.wrap)])).await;
        assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
        let (_, live) = view.live(item.secret_id).await.unwrap().unwrap();
        let live = live.unwrap();
        if live.id == item.revision_id {
            assert_eq!(live.sealed.unwrap().wrap, new, "a read sees the new wrap");
        }
    }
    assert!(view.to_rewrap(2, None, 10).await.unwrap().is_empty());
}
