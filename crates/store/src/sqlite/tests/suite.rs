//! The embedded engine under the conformance suite, on real files.

use crate::{
    SqliteOptions, SqliteStore, Store,
    conformance::{
        LANE, Place, conformance_suite, model,
        toys::{CountingIds, TestClock},
    },
};
use async_trait::async_trait;
use proptest::prelude::*;
use std::sync::Arc;
use tempfile::TempDir;

/// A folder with a database in it.
struct Folder {
    folder: TempDir,
    clock: Arc<TestClock>,
    ids: Arc<CountingIds>,
}

impl Folder {
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, clock: Arc::default(), ids: Arc::default() }
    }
}

#[async_trait]
impl Place for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        let options = SqliteOptions {
            path: self.folder.path().join("subrosa.db"),
            lane: LANE,
            readers: 2,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        Arc::new(SqliteStore::open(options).unwrap())
    }

    fn clock(&self) -> &TestClock {
        &self.clock
    }
}

conformance_suite!(Folder::empty());

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_operations_agree_with_a_model(
        steps in prop::collection::vec(any::<model::Step>(), 1..80)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(model::random_operations_agree_with_a_model(&Folder::empty(), &steps));
    }
}
