//! What rows add up to and where a lane stands, in this engine: what is put back, damaged or pruned.

use super::{Folder, held_up, inspect, run};
use crate::{
    conformance::{
        rows::{NOW, commit, deleted, event, grant, kept, record, secret, settled},
        states::weighs,
        tenants::furnished,
        toys::ToySealer,
    },
    error::StoreError,
    port::{KeptCheckpoint, Store},
};
use rusqlite::Connection;
use std::sync::Arc;
use subrosa_domain::{
    Change, PrincipalKind, Timestamp,
    audit::{ChainHead, ChainSealer, Covered, ResourceKind},
};

/// A row put back with its own seal, whole and valid, is what states are for.
#[tokio::test]
async fn an_older_row_put_back_outweighs_nothing_and_is_missed() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    let secret = kept(&store, tenant, 1, "K").await;
    weighs(&store, tenant).await;
    run(&store, "CREATE TEMP TABLE old AS SELECT * FROM secrets").await;
    let mut newer = secret.clone();
    newer.row_version += 1;
    newer.seal.0[0] ^= 1;
    store.commit(commit(tenant, vec![Change::SecretUpdate(newer)])).await.unwrap();
    let state = weighs(&store, tenant).await;
    run(&store, "DELETE FROM publications; DELETE FROM revisions; DELETE FROM secrets").await;
    run(&store, "INSERT INTO secrets SELECT * FROM old").await;
    let rows = store.tenant(tenant).weigh_rows(Arc::new(ToySealer)).await.unwrap();
    assert!(rows.weight != state, "the sum is not that of the rows any more");
}

/// Heads from before states were kept are weighed once; a state or an anchor that is taken away later is not made up.
#[tokio::test]
async fn a_store_older_than_states_is_weighed_once_and_never_again() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = furnished(&store, 1).await.id;
    let head = store.tenant(tenant).heads().await.unwrap().pop().unwrap();
    let bare = ChainHead { state: Covered::NONE, ..head.clone() };
    let seal = ToySealer.seal_head(&bare).0;
    run(&store, "DELETE FROM anchors").await;
    store.close().await.unwrap();
    let refused = folder.open().unwrap().seal_with(Arc::new(ToySealer)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt("anchor"))), "{refused:?}");

    let conn = Connection::open(folder.path()).unwrap();
    conn.execute("UPDATE audit_heads SET state = NULL", []).unwrap();
    let refused = folder.open().unwrap().seal_with(Arc::new(ToySealer)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt("audit head"))), "{refused:?}");

    conn.execute("UPDATE audit_heads SET seal = ?1", [seal]).unwrap();
    drop(conn);
    let store = folder.started().await;
    weighs(&store, tenant).await;
    kept(&store, tenant, 2, "L").await;
    weighs(&store, tenant).await;
    let head = store.tenant(tenant).heads().await.unwrap().pop().unwrap();
    assert!(ToySealer.head_holds(&head) && head.state != Covered::NONE);
}

/// Whoever damages a seal can neither hide its row nor keep it from being taken away.
#[tokio::test]
async fn a_row_whose_seal_is_none_is_named_and_can_be_erased() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = furnished(&store, 1).await;
    let view = store.tenant(tenant.id);
    run(
        &store,
        "UPDATE principals SET seal = X'01'; UPDATE tokens SET seal = X''; \
         UPDATE secrets SET seal = X'0102'; UPDATE grants SET seal = X'01'; \
         UPDATE groups SET seal = zeroblob(33); UPDATE role_bindings SET seal = X'01'; \
         UPDATE signing_keys SET seal = X'01'",
    )
    .await;
    let found = view.weigh_rows(Arc::new(ToySealer)).await.unwrap();
    let kinds: Vec<_> = found.broken.iter().map(|row| row.resource.kind).collect();
    for kind in [
        ResourceKind::Principal,
        ResourceKind::Token,
        ResourceKind::Secret,
        ResourceKind::Grant,
        ResourceKind::Group,
        ResourceKind::RoleBinding,
        ResourceKind::SigningKey,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    let damaged = secret(tenant.id, 1, "K");
    assert!(found.broken.iter().any(|row| row.resource.id == Some(*damaged.id.as_bytes())));
    let given = grant(&damaged, "agent");
    let ungrant = Change::GrantErase { secret_id: damaged.id, agent_id: given.agent_id };
    store.commit(commit(tenant.id, vec![ungrant])).await.unwrap();
    store.commit(commit(tenant.id, vec![Change::SecretErase(damaged.id)])).await.unwrap();
    assert!(view.secret(damaged.id).await.unwrap().is_none());
    let erase = vec![Change::TenantUpdate(deleted(&tenant)), Change::TenantErase(tenant.id)];
    store.commit(commit(tenant.id, erase)).await.unwrap();
    assert!(view.principals(PrincipalKind::ServiceAccount, None, 9).await.unwrap().is_empty());
}

/// Two who go on from different positions share a transaction: the later position is where the lane goes on.
#[tokio::test]
async fn positions_only_rise_within_a_transaction_too() {
    let folder = Folder::empty();
    let store = folder.started().await;
    settled(&store, 1).await;
    let at = store.anchor().await.unwrap().unwrap().position;
    let (block, begun, release) = held_up(&store);
    let both = async {
        begun.recv().unwrap();
        let (further, nearer) = (store.advance_to(at + 100), store.advance_to(at + 50));
        tokio::join!(biased; further, nearer, async { release.send(()).unwrap() })
    };
    let (blocked, (further, nearer, ())) = tokio::join!(biased; block, both);
    assert!(blocked.is_ok() && further.is_ok() && nearer.is_ok());
    assert_eq!(store.anchor().await.unwrap().unwrap().position, at + 100);
}

/// A clock that was ahead for a while leaves no hole in a lane's checkpoints, which would read as a store set back.
#[tokio::test]
async fn checkpoints_are_pruned_from_the_oldest_on_and_never_from_behind_one_that_stays() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    let mut noted = Vec::new();
    for n in 0..6 {
        store.commit(record(tenant, vec![event(tenant, n)])).await.unwrap();
        noted.push(store.checkpoint().await.unwrap().0);
    }
    let kept = async || {
        let mut kept = Vec::new();
        for position in &noted {
            kept.push(match store.checkpoint_at(*position).await.unwrap() {
                KeptCheckpoint::Kept(_) => 'k',
                KeptCheckpoint::Forgotten => 'f',
                KeptCheckpoint::Never => 'n',
            });
        }
        kept.into_iter().collect::<String>()
    };
    run(
        &store,
        "UPDATE anchor_checkpoints SET at = 9223372036854775807 WHERE position = \
         (SELECT position FROM anchor_checkpoints ORDER BY position LIMIT 1 OFFSET 2)",
    )
    .await;
    let later = Timestamp::from_micros(i64::MAX - 1);
    store.prune(NOW, later).await.unwrap();
    assert_eq!(kept().await, "ffkkkk");
    store.prune(NOW, NOW).await.unwrap();
    assert_eq!(kept().await, "ffkkkk", "the clock is right again");
    run(&store, "UPDATE anchor_checkpoints SET at = 0").await;
    inspect(&store, move |conn| {
        let step = |limit| crate::sqlite::anchors::prune(conn, later, limit).unwrap();
        assert_eq!([step(2), step(2), step(2)], [2, 1, 0], "a step at a time, and the last stays");
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(kept().await, "fffffk");
}
