//! States: what a commit moves is what it changed, and the sum is always that of the rows there are.

use super::{
    Place,
    rows::{
        binding, commit, deleted, event, grant, group, kept, principal, record, revoked, secret,
        settled, started, token,
    },
    tenants::furnished,
    toys::ToySealer,
};
use crate::port::{KeptCheckpoint, Store};
use std::sync::Arc;
use subrosa_domain::{
    Change, PrincipalKind, TenantId, TokenKind,
    audit::{StateSealer, Weight},
};

/// Asserts that the tenant's state is what its rows weigh, and the lane's what its heads do. Answers the former.
pub(crate) async fn weighs(store: &dyn Store, tenant: TenantId) -> Weight {
    let weighed = store.tenant(tenant).weigh_rows(Arc::new(ToySealer)).await.unwrap();
    let (rows, heads) = (weighed.weight, weighed.heads);
    let state =
        heads.iter().fold(Weight::ZERO, |sum, head| sum.plus(ToySealer.uncover(&head.state)));
    assert!(rows == state, "the rows of {tenant} weigh what the commits say");
    let (heads, anchor) = store.weigh_heads(Arc::new(ToySealer)).await.unwrap();
    let anchor = anchor.unwrap();
    assert!(ToySealer.anchor_holds(&anchor));
    assert!(heads == ToySealer.uncover(&anchor.state), "the heads weigh what the anchor says");
    rows
}

async fn position(store: &dyn Store) -> u64 {
    store.anchor().await.unwrap().unwrap().position
}

/// Every kind of sealed row moves the state when it is made, changed and taken away, and only its own tenant's.
pub(crate) async fn the_state_follows_every_kind_of_row(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, other) = (furnished(&*store, 1).await, settled(&*store, 2).await.id);
    let untouched = weighs(&*store, other).await;
    let mut last = weighs(&*store, tenant.id).await;
    let id = tenant.id;
    let person = principal(id, 70, PrincipalKind::User, "ben");
    let held = token(&person, 70, TokenKind::User);
    let mut disabled = held.clone();
    disabled.row_version += 1;
    disabled.seal.0[0] ^= 1;
    let kept = kept(&*store, id, 71, "KEPT").await;
    let granted = grant(&kept, "agent-9");
    let team = group(id, 72, "team");
    let mut renamed = team.clone();
    renamed.row_version += 1;
    renamed.seal.0[0] ^= 1;
    let bound = binding(id, 73, "bound");
    let mut rebound = bound.clone();
    rebound.row_version += 1;
    rebound.seal.0[0] ^= 1;
    let (mut gone, mut over) = (revoked(&person), deleted(&tenant));
    gone.seal.0[0] ^= 1;
    over.seal.0[0] ^= 1;
    let (secret_id, agent_id) = (granted.secret_id, granted.agent_id.clone());
    let erased = (renamed.id, renamed.row_version);
    for change in [
        Change::PrincipalInsert(person.clone()),
        Change::TokenInsert(held),
        Change::TokenUpdate(disabled),
        Change::PrincipalUpdate(gone),
        Change::GrantInsert(granted.clone()),
        Change::GrantErase { secret_id, agent_id },
        Change::GrantInsert(granted),
        Change::SecretErase(kept.id),
        Change::GroupInsert(team),
        Change::GroupUpdate(renamed),
        Change::GroupErase(erased.0, erased.1),
        Change::BindingInsert(bound.clone()),
        Change::BindingUpdate(rebound),
        Change::BindingErase(bound.id),
        Change::TenantUpdate(over),
    ] {
        let what = format!("{change:?}");
        store.commit(commit(id, vec![change])).await.unwrap();
        let now = weighs(&*store, id).await;
        assert!(now != last, "{what}");
        last = now;
    }
    store.commit(commit(id, vec![Change::TenantErase(id)])).await.unwrap();
    weighs(&*store, id).await;
    assert!(weighs(&*store, other).await == untouched);
    drop(store);
    let store = started(place).await;
    weighs(&*store, id).await;
}

/// What a commit did before it failed weighs nothing.
pub(crate) async fn a_commit_that_fails_moves_no_state(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    kept(&*store, tenant, 1, "K").await;
    let before = weighs(&*store, tenant).await;
    let at = position(&*store).await;
    let taken = vec![
        Change::SecretInsert(secret(tenant, 2, "L")),
        Change::SecretInsert(secret(tenant, 3, "K")),
    ];
    store.commit(commit(tenant, taken)).await.unwrap_err();
    assert!(weighs(&*store, tenant).await == before);
    assert_eq!(position(&*store).await, at);
}

/// A commit that moves a head moves the lane by one; one that moves none leaves it.
pub(crate) async fn the_lane_counts_commits_and_weighs_heads(place: &dyn Place) {
    let store = started(place).await;
    let (a, b) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let start = position(&*store).await;
    store.commit(record(a, vec![event(a, 1), event(b, 2), event(a, 3)])).await.unwrap();
    assert_eq!(position(&*store).await, start + 1);
    store.commit(commit(a, vec![])).await.unwrap();
    assert_eq!(position(&*store).await, start + 1, "nothing moved");
    weighs(&*store, b).await;
    store.close().await.unwrap();
    let store = started(place).await;
    assert_eq!(position(&*store).await, start + 1);
    store.commit(record(b, vec![event(b, 4)])).await.unwrap();
    assert_eq!(position(&*store).await, start + 2);
    weighs(&*store, a).await;
}

/// A checkpoint says where the lane stands, is made once and kept.
pub(crate) async fn a_checkpoint_is_made_of_each_position_once(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let (first, note) = store.checkpoint().await.unwrap();
    assert_eq!(first, position(&*store).await);
    assert_eq!(note, ToySealer.note_anchor(&store.anchor().await.unwrap().unwrap()));
    let again = store.checkpoint().await.unwrap();
    assert_eq!(again, (first, note.clone()), "nothing has moved");
    store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    store.close().await.unwrap();
    let store = started(place).await;
    let (second, _) = store.checkpoint().await.unwrap();
    assert_eq!(second, first + 1);
    assert_eq!(store.checkpoint_at(first).await.unwrap(), KeptCheckpoint::Kept(note));
    assert_eq!(store.checkpoint_at(second + 1).await.unwrap(), KeptCheckpoint::Never);
    assert_eq!(store.checkpoint_at(first - 1).await.unwrap(), KeptCheckpoint::Forgotten);
    let now = place.clock().advance(1_000_000);
    store.prune(now, now).await.unwrap();
    assert_eq!(store.checkpoint_at(first).await.unwrap(), KeptCheckpoint::Forgotten);
    assert!(matches!(store.checkpoint_at(second).await.unwrap(), KeptCheckpoint::Kept(_)));
}

/// Whoever accepts an older store goes on from after the newer one.
pub(crate) async fn a_lane_goes_on_from_a_later_position(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let at = position(&*store).await;
    store.advance_to(at + 100).await.unwrap();
    store.advance_to(at).await.unwrap();
    assert_eq!(position(&*store).await, at + 100, "it only rises");
    store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    assert_eq!(position(&*store).await, at + 101);
    weighs(&*store, tenant).await;
}

/// A chain that moves has a checkpoint at its first event, and then after a thousand events or a minute.
pub(crate) async fn chains_have_checkpoints_by_number_and_by_time(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let places = async || {
        let notes = view.checkpoints(super::LANE, 0, 100).await.unwrap();
        let head = view.heads().await.unwrap().pop().unwrap();
        for (before, (seq, _)) in (1..).zip(&notes) {
            assert_eq!(view.checkpoint_count(super::LANE, *seq).await.unwrap(), before);
            assert_eq!(view.checkpoint_count(super::LANE, seq - 1).await.unwrap(), before - 1);
        }
        assert!(notes.iter().all(|(seq, note)| *note.0 == format!("{} {seq}", head.lane)));
        (notes.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>(), head.seq)
    };
    let many = |n: u32| record(tenant, (0..n).map(|one| event(tenant, one)).collect());
    store.commit(many(1)).await.unwrap();
    let (first, start) = places().await;
    store.commit(many(999)).await.unwrap();
    assert_eq!(places().await.0, first);
    store.commit(many(1)).await.unwrap();
    let (second, end) = places().await;
    assert_eq!((second.last(), end), (Some(&end), start + 1_000));
    let mut later = event(tenant, 1);
    later.time = later.time.plus(std::time::Duration::from_secs(59));
    store.commit(record(tenant, vec![later.clone()])).await.unwrap();
    assert_eq!(places().await.0, second);
    later.time = later.time.plus(std::time::Duration::from_secs(1));
    store.commit(record(tenant, vec![later])).await.unwrap();
    assert_eq!(places().await.0.last(), Some(&(end + 2)));
}
