//! Audit events: one chain per tenant, in the order of their commits.

use super::{
    LANE, Place,
    commits::together,
    rows::{chain, commit, event, record, settled, started},
};
use crate::port::{AuditCursor, StoredEvent};
use subrosa_domain::{
    Change, Commit, TenantId,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
};

/// Events of one tenant are chained in the order given; those of others are not among them. A tenant that has no row
/// can have events as well.
pub(crate) async fn each_tenants_events_form_one_chain(place: &dyn Place) {
    let store = started(place).await;
    let tenants = [TenantId::SYSTEM, settled(&*store, 1).await.id, settled(&*store, 2).await.id];
    for n in 0..10 {
        for tenant in tenants {
            let committed = store.commit(record(tenant, vec![event(tenant, n)])).await.unwrap();
            assert_eq!(committed.places, [AuditCursor { lane: LANE, seq: u64::from(n) + 1 }]);
        }
    }
    for tenant in tenants {
        let expected: Vec<_> = (0..10).map(|n| event(tenant, n)).collect();
        assert_eq!(chain(&*store, tenant).await, expected);
        assert_eq!(store.tenant(tenant).counted().await.unwrap().events, 10);
    }
}

/// One commit may carry events of several tenants, and says for each where it went.
pub(crate) async fn one_commit_speaks_in_several_chains(place: &dyn Place) {
    let store = started(place).await;
    let (a, b) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    store.commit(record(b, vec![event(b, 0)])).await.unwrap();
    let events = vec![event(a, 1), event(b, 2), event(a, 3)];
    let committed = store.commit(record(TenantId::SYSTEM, events)).await.unwrap();
    let at = |seq| AuditCursor { lane: LANE, seq };
    assert_eq!(committed.places, [at(1), at(2), at(2)]);
    assert_eq!(chain(&*store, a).await, [event(a, 1), event(a, 3)]);
    assert_eq!(chain(&*store, b).await, [event(b, 0), event(b, 2)]);
}

/// Writers that come at once, some of them failing, leave one whole chain in which nobody is missing.
pub(crate) async fn many_writers_share_a_chain_without_gaps(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    for round in 0..5 {
        let commits = (0..64).map(|n| {
            let n = round * 64 + n;
            let failing = n % 7 == 0;
            let erase = Change::SecretErase(super::rows::secret(tenant, n, "K").id);
            let changes = if failing { vec![erase] } else { Vec::new() };
            store.commit(Commit { tenant_id: tenant, changes, events: vec![event(tenant, n)] })
        });
        together(commits.collect()).await;
    }
    let mut recorded = chain(&*store, tenant).await;
    recorded.sort_by_key(|event| event.id);
    let expected: Vec<_> = (0..320).filter(|n| n % 7 != 0).map(|n| event(tenant, n)).collect();
    assert_eq!(recorded, expected);
}

/// Reading backwards, a page at a time, gives every event once; a row change commits with its event.
pub(crate) async fn newest_events_come_first_page_by_page(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    for n in 0..10 {
        let changes = vec![Change::SecretInsert(super::rows::secret(tenant, n, &format!("K{n}")))];
        let events = vec![event(tenant, n)];
        store.commit(Commit { tenant_id: tenant, changes, events }).await.unwrap();
    }
    assert!(store.commit(commit(tenant, vec![])).await.unwrap().places.is_empty());
    let (mut read, mut before) = (Vec::<AuditEvent>::new(), None);
    loop {
        let page = store.tenant(tenant).events(before, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(AuditCursor { lane: last.lane, seq: last.seq });
        read.extend(page.iter().map(|stored| stored.event().unwrap()));
    }
    let expected: Vec<_> = (0..10).rev().map(|n| event(tenant, n)).collect();
    assert_eq!(read, expected);
    let middle = store.tenant(tenant).events_from(LANE, 4, 2).await.unwrap();
    assert_eq!(middle.iter().map(|stored| stored.seq).collect::<Vec<_>>(), [4, 5]);
}

/// Events that are written together are read one by one: from any place, in either direction, in pages of any length.
pub(crate) async fn events_of_one_commit_are_read_from_any_place(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let all: Vec<_> = (0..300).map(|n| event(tenant, n)).collect();
    for part in [&all[..1], &all[1..3], &all[3..]] {
        let committed = store.commit(record(tenant, part.to_vec())).await.unwrap();
        assert_eq!(committed.places.len(), part.len());
    }
    assert_eq!(chain(&*store, tenant).await, all);
    let view = store.tenant(tenant);
    let places =
        |stored: Vec<StoredEvent>| stored.into_iter().map(|event| event.seq).collect::<Vec<_>>();
    for place in [1_u64, 2, 3, 4, 100, 131, 132, 299, 300, 301] {
        for limit in [1_u32, 2, 150] {
            let upto = (place + u64::from(limit)).min(301);
            let from = view.events_from(LANE, place, limit).await.unwrap();
            assert_eq!(places(from), (place..upto).collect::<Vec<_>>());
            let before = Some(AuditCursor { lane: LANE, seq: place });
            let newest = view.events(before, limit).await.unwrap();
            let down = place.saturating_sub(u64::from(limit)).max(1)..place;
            assert_eq!(places(newest), down.rev().collect::<Vec<_>>());
        }
    }
}

/// Events of rare actions are found by what they are about, newest first and page by page; reveals and refusals are not
/// kept by it, and another tenant's are not seen.
pub(crate) async fn events_are_found_by_what_they_are_about(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, other) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let about = |tenant, n, action, id: u8| AuditEvent {
        action,
        resource: Resource::named(ResourceKind::Token, &[id; 16], "T"),
        ..event(tenant, n)
    };
    let mint = AuditAction::TokenMint;
    let (first, second) = (about(tenant, 1, mint, 7), about(tenant, 2, mint, 8));
    let third = about(tenant, 3, AuditAction::TokenRevoke, 7);
    let refused = about(tenant, 4, AuditAction::RequestRefuse, 7);
    for event in [&first, &second, &third, &refused] {
        store.commit(record(tenant, vec![event.clone()])).await.unwrap();
    }
    store.commit(record(other, vec![about(other, 5, mint, 7)])).await.unwrap();
    let view = store.tenant(tenant);
    let found = async |ids: &[[u8; 16]], before, limit| {
        let rows = view.events_about(ids, before, limit).await.unwrap();
        rows.iter().map(|row| row.event().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[[7; 16]], None, 10).await, [third.clone(), first.clone()]);
    assert_eq!(found(&[[7; 16], [8; 16]], None, 2).await, [third, second]);
    let before = Some(AuditCursor { lane: LANE, seq: 2 });
    assert_eq!(found(&[[7; 16], [8; 16]], before, 10).await, [first]);
    assert!(found(&[[9; 16]], None, 10).await.is_empty());
}
