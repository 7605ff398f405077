//! Commits: all or nothing, each for itself, in order, and told before they are answered.

use super::{
    Place,
    rows::{NOW, chain, commit, event, kept, publish, record, row, secret, settled, started},
    toys::Told,
};
use crate::error::StoreError;
use std::{future::Future, sync::Arc, task::Poll};
use subrosa_domain::{Change, ChangeRef, Commit, Timestamp};

/// Starts every future in order, then waits for all.
pub(crate) async fn together<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(done) = future.as_mut().poll(cx) {
                *output = Some(done);
            }
        }
        let all = running.iter().all(|(_, output)| output.is_some());
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().map(|(_, output)| output.unwrap()).collect()
}

/// Of many commits at once, those that collide fail and all others are there, each event in its place.
pub(crate) async fn one_bad_commit_sinks_only_itself(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    // Every third asks for a key that the first has.
    let name = |n: u32| if n.is_multiple_of(3) { "TAKEN".to_owned() } else { format!("K{n}") };
    let commits = (0..64).map(|n| {
        let changes = vec![Change::SecretInsert(secret(tenant.id, n, &name(n)))];
        store.commit(Commit { tenant_id: tenant.id, changes, events: vec![event(tenant.id, n)] })
    });
    let outcomes = together(commits.collect()).await;
    let mut expected = Vec::new();
    for (n, outcome) in (0..).zip(outcomes) {
        let taken = n > 0 && n % 3 == 0;
        assert_eq!(outcome.is_err(), taken, "commit {n}: {outcome:?}");
        let found = store.tenant(tenant.id).secret(secret(tenant.id, n, "K").id).await.unwrap();
        assert_eq!(found.is_none(), taken);
        if !taken {
            expected.push(event(tenant.id, n));
        }
    }
    let mut recorded = chain(&*store, tenant.id).await;
    recorded.sort_by_key(|event| event.id);
    assert_eq!(recorded, expected);
    assert_eq!(store.tenant(tenant.id).counted().await.unwrap().secrets, expected.len() as u64);
}

/// What came before the change that failed is taken back: rows, events, counters and the change feed.
pub(crate) async fn a_commit_that_fails_leaves_nothing(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let told = Arc::new(Told::default());
    store.listen(told.clone());
    let before = store.changes_after(0, 1_000).await.unwrap();
    let mut fresh = secret(tenant.id, 1, "K");
    let mut changes = vec![Change::SecretInsert(fresh.clone())];
    changes.extend(publish(&mut fresh, 1));
    changes.push(Change::SecretErase(secret(tenant.id, 9, "X").id));
    let events = vec![event(tenant.id, 1)];
    let refused = store.commit(Commit { tenant_id: tenant.id, changes, events }).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");

    let view = store.tenant(tenant.id);
    assert!(view.secret(fresh.id).await.unwrap().is_none());
    assert!(view.revisions(fresh.id, None, 9).await.unwrap().is_empty());
    assert_eq!(view.counted().await.unwrap().secrets, 0);
    assert_eq!(store.changes_after(0, 1_000).await.unwrap(), before);
    assert!(told.so_far().is_empty());
    assert!(chain(&*store, tenant.id).await.is_empty());
    store.commit(record(tenant.id, vec![event(tenant.id, 2)])).await.unwrap();
    assert_eq!(chain(&*store, tenant.id).await, [event(tenant.id, 2)], "the chain goes on from 1");
}

/// Two writers who read the same row: one wins, the other is told and wins after reading again.
pub(crate) async fn two_writers_race_and_one_wins(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let read = kept(&*store, tenant.id, 1, "K").await;
    for _ in 0..20 {
        let read = row(store.tenant(tenant.id).secret(read.id).await.unwrap().unwrap());
        let racers =
            (0..2).map(|_| store.commit(commit(tenant.id, publish(&mut read.clone(), 1).to_vec())));
        let outcomes = together(racers.collect()).await;
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let told = outcomes.iter().filter(|o| matches!(o, Err(StoreError::Conflict))).count();
        assert_eq!((won, told), (1, 1), "{outcomes:?}");
    }
    let last = row(store.tenant(tenant.id).secret(read.id).await.unwrap().unwrap());
    let versions = store.tenant(tenant.id).revisions(read.id, None, 100).await.unwrap();
    let versions: Vec<_> = versions.into_iter().map(|revision| revision.version).collect();
    assert_eq!(versions, (1..=21).rev().collect::<Vec<_>>(), "numbered without gaps");
    assert_eq!(last.published.unwrap().version, 21);
}

/// When a commit is answered, the listener already knows what it touched.
pub(crate) async fn the_listener_is_told_before_the_answer(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let told = Arc::new(Told::default());
    store.listen(told.clone());
    for n in 1..=50 {
        let fresh = secret(tenant.id, n, &format!("K{n}"));
        let insert = commit(tenant.id, vec![Change::SecretInsert(fresh.clone())]);
        store.commit(insert).await.unwrap();
        assert_eq!(told.so_far().last(), Some(&ChangeRef::Secret(tenant.id, fresh.id)));
    }
    assert_eq!(told.so_far().len(), 50);
}

/// Every commit's changes are in the feed once each, numbered by one, and the same the listener was told.
pub(crate) async fn changes_are_numbered_without_gaps_and_each_once(place: &dyn Place) {
    let store = started(place).await;
    let told = Arc::new(Told::default());
    store.listen(told.clone());
    let tenant = settled(&*store, 1).await;
    let kept = kept(&*store, tenant.id, 1, "K").await;
    let twice = vec![
        Change::SecretInsert(secret(tenant.id, 2, "L")),
        Change::SecretInsert(secret(tenant.id, 3, "L")),
    ];
    assert!(store.commit(commit(tenant.id, twice)).await.is_err());
    store.commit(commit(tenant.id, vec![Change::SecretErase(kept.id)])).await.unwrap();

    let feed = store.changes_after(0, 1_000).await.unwrap();
    let first = feed[0].0;
    let places: Vec<_> = feed.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, (first..first + feed.len() as u64).collect::<Vec<_>>());
    let changes: Vec<_> = feed.iter().map(|(_, change)| *change).collect();
    let expected = [
        ChangeRef::Tenant(tenant.id),
        ChangeRef::TenantKeys(tenant.id),
        ChangeRef::Secret(tenant.id, kept.id),
        ChangeRef::Secret(tenant.id, kept.id),
        ChangeRef::Grants(tenant.id, kept.id),
    ];
    assert_eq!(changes, expected);
    assert_eq!(told.so_far(), expected);
    assert_eq!(store.changes_after(feed[1].0, 2).await.unwrap(), feed[2..4]);
}

/// Pruning drops what is old and nothing newer; a follower never sees a number twice, even when all is gone.
pub(crate) async fn old_changes_are_pruned_and_numbers_not_reused(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let old = store.changes_after(0, 10).await.unwrap();
    let between = place.clock().advance(1_000_000);
    let insert = commit(tenant.id, vec![Change::SecretInsert(secret(tenant.id, 1, "K"))]);
    store.commit(insert).await.unwrap();
    store.prune(between, between).await.unwrap();
    let left = store.changes_after(0, 10).await.unwrap();
    assert_eq!(
        left.iter().map(|(_, change)| *change).collect::<Vec<_>>(),
        [ChangeRef::Secret(tenant.id, secret(tenant.id, 1, "K").id)]
    );
    assert_eq!(left[0].0, old.last().unwrap().0 + 1);

    store.prune(Timestamp::from_micros(i64::MAX), NOW).await.unwrap();
    assert!(store.changes_after(0, 10).await.unwrap().is_empty());
    let insert = commit(tenant.id, vec![Change::SecretInsert(secret(tenant.id, 2, "L"))]);
    store.commit(insert).await.unwrap();
    assert_eq!(store.changes_after(0, 10).await.unwrap()[0].0, left[0].0 + 1);
}

/// Everything that was accepted before the end is answered and there after reopening.
pub(crate) async fn what_was_accepted_is_answered_before_the_store_closes(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let writes = (0..32).map(|n| {
        let insert = Change::SecretInsert(secret(tenant.id, n, &format!("K{n}")));
        store.commit(commit(tenant.id, vec![insert]))
    });
    let mut writes: Vec<_> = writes.map(Box::pin).collect();
    for write in &mut writes {
        // One poll hands the commit over; the answer comes after the close was asked for.
        std::future::poll_fn(|cx| {
            let _ = write.as_mut().poll(cx).map(|outcome| assert!(outcome.is_ok()));
            Poll::Ready(())
        })
        .await;
    }
    store.close().await.unwrap();
    drop(writes);
    let store = started(place).await;
    assert_eq!(store.tenant(tenant.id).counted().await.unwrap().secrets, 32);
}

/// After the end every call says that the store is busy, and none waits for ever.
pub(crate) async fn a_closed_store_is_busy(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    store.close().await.unwrap();
    let write = store.commit(record(tenant.id, vec![event(tenant.id, 1)])).await;
    assert!(matches!(write, Err(StoreError::Busy)), "{write:?}");
    let read = store.tenant(tenant.id).keys().await;
    assert!(matches!(read, Err(StoreError::Busy)), "{read:?}");
    assert!(matches!(store.prune(NOW, NOW).await, Err(StoreError::Busy)));
    assert!(matches!(store.close().await, Err(StoreError::Busy)));
}
