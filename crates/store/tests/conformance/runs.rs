//! Runs: a clean end leaves no trace, a sudden one is told to every chain that may have lost counts.

use super::{
    Place,
    rows::{chain, commit, event, record, settled, started, tenant},
    toys::ToySealer,
};
use crate::error::StoreError;
use std::sync::Arc;
use subrosa_domain::{
    Change, Clock, TenantId, Timestamp,
    audit::{ActorKind, AuditAction, AuditEvent, Detail, Surface},
};

/// Asserts that `event` is the store's own word that counts may be missing between the two moments.
fn assert_gap(event: &AuditEvent, from: Timestamp, to: Timestamp) {
    assert_eq!((event.action, event.surface), (AuditAction::AuditGap, Surface::System));
    assert_eq!((event.actor.kind, &*event.actor.id), (ActorKind::System, "subrosa"));
    assert_eq!(event.detail, Some(Detail::Gap { from, to }));
}

/// Neither can events be chained nor rows weighed before there is a sealer.
pub(crate) async fn an_early_commit_is_refused(place: &dyn Place) {
    let store = place.open().await;
    let row = tenant(1);
    let id = row.id;
    let early = [record(id, vec![event(id, 1)]), commit(id, vec![Change::TenantInsert(row)])];
    for early in early.into_iter().chain([commit(id, vec![])]) {
        let refused = store.commit(early).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
    store.seal_with(Arc::new(ToySealer)).await.unwrap();
    let tenant = settled(&*store, 1).await.id;
    store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    assert_eq!(chain(&*store, tenant).await, [event(tenant, 1)]);
}

/// A run has one sealer from its beginning to its end.
pub(crate) async fn a_second_sealer_is_refused(place: &dyn Place) {
    let store = started(place).await;
    let refused = store.seal_with(Arc::new(ToySealer)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

/// After a store was closed, the next run's events follow the last one's directly. A store that was opened and never
/// begun leaves no trace either.
pub(crate) async fn a_clean_end_leaves_no_gap(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    store.close().await.unwrap();
    drop(place.open().await);
    let store = started(place).await;
    store.commit(record(tenant, vec![event(tenant, 2)])).await.unwrap();
    assert_eq!(chain(&*store, tenant).await, [event(tenant, 1), event(tenant, 2)]);
}

/// The first event of each chain after a sudden end is the gap, from the last flush to the new run's start; a chain
/// that did not exist lost nothing.
pub(crate) async fn a_sudden_end_is_told_once_to_each_chain(place: &dyn Place) {
    let store = started(place).await;
    let (a, b) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    for tenant in [a, b, TenantId::SYSTEM] {
        store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    }
    let flushed = place.clock().advance(5_000_000);
    let mark = |at| commit(TenantId::SYSTEM, vec![Change::CountsFlushed(at)]);
    store.commit(mark(flushed)).await.unwrap();
    store.commit(mark(Timestamp::EPOCH)).await.unwrap();
    drop(store);

    let start = place.clock().advance(7_000_000);
    let store = started(place).await;
    let fresh = settled(&*store, 3).await.id;
    place.clock().advance(1_000_000);
    for n in [2, 3] {
        for tenant in [a, b, TenantId::SYSTEM, fresh] {
            store.commit(record(tenant, vec![event(tenant, n)])).await.unwrap();
        }
    }
    for tenant in [a, b, TenantId::SYSTEM] {
        let events = chain(&*store, tenant).await;
        assert_eq!(events.len(), 4);
        assert_gap(&events[1], flushed, start);
        assert_eq!(events[0], event(tenant, 1));
        assert_eq!(events[2..], [2, 3].map(|n| event(tenant, n)));
    }
    assert_eq!(chain(&*store, fresh).await, [event(fresh, 2), event(fresh, 3)]);
    store.close().await.unwrap();

    let store = started(place).await;
    store.commit(record(a, vec![event(a, 4)])).await.unwrap();
    assert_eq!(chain(&*store, a).await.len(), 5, "told once");
}

/// Who only reads sees the gap as well, after the empty commit that a read makes first.
pub(crate) async fn reading_an_idle_chain_tells_it_of_the_gap(place: &dyn Place) {
    let store = started(place).await;
    let begun = place.clock().now();
    let tenant = settled(&*store, 1).await.id;
    store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    drop(store);
    let start = place.clock().advance(2_000_000);
    let store = started(place).await;
    for _ in 0..2 {
        store.commit(commit(tenant, vec![])).await.unwrap();
        let events = chain(&*store, tenant).await;
        assert_eq!(events.len(), 2);
        assert_gap(&events[1], begun, start);
    }
}

/// A chain that slept through two sudden ends is told of one gap, which begins at the first of them. One that was
/// written in between has a gap for each.
pub(crate) async fn two_sudden_ends_make_one_gap_from_the_first(place: &dyn Place) {
    let store = started(place).await;
    let first = place.clock().now();
    let (idle, busy) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    for tenant in [idle, busy] {
        store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    }
    drop(store);
    let second = place.clock().advance(1_000_000);
    let store = started(place).await;
    store.commit(record(busy, vec![event(busy, 2)])).await.unwrap();
    drop(store);
    let third = place.clock().advance(1_000_000);
    let store = started(place).await;
    for tenant in [idle, busy] {
        store.commit(commit(tenant, vec![])).await.unwrap();
    }
    let events = chain(&*store, idle).await;
    assert_eq!(events.len(), 2);
    assert_gap(&events[1], first, third);
    let events = chain(&*store, busy).await;
    assert_eq!(events.len(), 4);
    assert_gap(&events[1], first, second);
    assert_gap(&events[3], second, third);
}
