//! What rows add up to and where a lane stands, in this engine: what is put back, damaged or pruned.

use super::{Folder, run};
use crate::{
    conformance::{
        rows::{commit, kept, settled},
        states::weighs,
        tenants::furnished,
        toys::ToySealer,
    },
    error::StoreError,
    port::Store,
};
use rusqlite::Connection;
use std::sync::Arc;
use subrosa_domain::{
    Change,
    audit::{ChainHead, ChainSealer, Covered},
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
    assert!(ToySealer.head_holds(&head));
}
