//! The embedded engine: SQLite in the server's own process, one thread that writes and a few that read.
//!
//! One file per noun holds its columns, its statements and how its rows are read. [`writer`] commits in groups,
//! [`readers`] look up, [`chains`] links audit events inside the commit. Nothing here knows a key or opens a value, and
//! no SQL, connection or transaction leaves this folder.

mod activities;
mod anchors;
mod apply;
mod audit;
mod bindings;
mod chains;
mod changes;
mod connection;
mod grants;
mod group_secrets;
mod groups;
mod keys;
mod live;
mod meta;
mod migrations;
mod principals;
mod readers;
mod revisions;
mod seals;
mod secret_readers;
mod secrets;
mod shared;
mod signing_keys;
mod sql;
mod states;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod view;
mod writer;

use crate::{
    error::StoreError,
    port::{ChangeListener, Committed, Deployment, KeptCheckpoint, Result, Store, TenantStore},
};
use async_trait::async_trait;
use chains::Chains;
use readers::Readers;
use std::{
    convert::Infallible,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    thread,
};
use subrosa_domain::{
    ChangeRef, Clock, Commit, Ids, KeyId, KeyState, Principal, ServiceKey, SigningKey,
    SigningKeyId, Tenant, TenantId, TenantKey, TenantSlug, Timestamp, Token, Unverified,
    audit::{Anchor, ChainSealer, Note, StateSealer, Weight},
};
use tokio::sync::{Mutex, mpsc, oneshot};
use view::View;
use writer::{Done, Job, Listener, Work, Writer};

/// How a store is opened.
pub struct SqliteOptions {
    /// The database file; made, for its owner alone, when it is not there. Its folder is.
    pub path: PathBuf,
    /// The lane this store's events go to.
    pub lane: u32,
    /// How many threads read; at least one does.
    pub readers: usize,
    /// For the store's own records.
    pub clock: Arc<dyn Clock>,
    /// For the ids of the events the store makes itself.
    pub ids: Arc<dyn Ids>,
}

/// A store in one SQLite file. The file has one owner: two of these on one file would each believe their own memory.
pub struct SqliteStore {
    jobs: mpsc::Sender<Job>,
    readers: Readers,
    listener: Arc<Listener>,
    lane: u32,
    /// Each ends when its threads have closed their connections: the readers', and the committer's.
    ended: Mutex<(mpsc::Receiver<Infallible>, mpsc::Receiver<Infallible>)>,
}

/// The committer ended without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the committer failed")]
struct CommitterFailed;

impl SqliteStore {
    /// Opens the store, makes or brings up its schema, and starts its threads. What it costs does not depend on how
    /// much the store holds.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that is not a store, or a newer build's; [`StoreError::Unavailable`] when it
    /// cannot be opened.
    pub fn open(options: SqliteOptions) -> Result<Self> {
        let SqliteOptions { path, lane, readers, clock, ids } = options;
        let mut conn = connection::inspect(&path)?;
        migrations::check(&conn)?;
        connection::make_writer(&conn, &path)?;
        migrations::migrate(&mut conn, clock.now())?;

        let (readers_alive, readers_ended) = mpsc::channel(1);
        let (writer_alive, writer_ended) = mpsc::channel(1);
        let listener = Arc::new(Listener::default());
        let (jobs, queue) = mpsc::channel(writer::QUEUE_MAX);
        let chains = Chains::new(lane, Arc::clone(&clock), ids);
        let committer = Writer::new(conn, queue, chains, clock, Arc::clone(&listener));
        let (lookups, queue) = readers::queue();
        for _ in 0..readers.max(1) {
            let (queue, conn) = (queue.share(), connection::reader(&path)?);
            start("store-reader", readers_alive.clone(), move || queue.serve(&conn))?;
        }
        start("store-writer", writer_alive, move || committer.run())?;
        let ended = Mutex::new((readers_ended, writer_ended));
        Ok(Self { jobs, readers: lookups, listener, lane, ended })
    }

    /// What the store in a file was initialised as, before anything about the file is changed: neither is a schema made
    /// or brought up, nor a write-ahead log folded back. `None` when there is no file, or no store in it yet.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that is not a store; [`StoreError::Unavailable`] when it cannot be read.
    pub fn look(path: &Path) -> Result<Option<Deployment>> {
        match connection::glance(path)? {
            Some(conn) if meta::is_there(&conn)? => meta::deployment(&conn),
            _ => Ok(None),
        }
    }

    /// Has the committer do something, and waits until it is durable.
    async fn work(&self, work: Work) -> Result<Done> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job::Work(work, reply)).map_err(|_| StoreError::Busy)?;
        answer.await.unwrap_or_else(|_| Err(committer_failed()))
    }
}

/// Starts a thread that holds `alive` until all that `run` owned is gone.
fn start(
    name: &str,
    alive: mpsc::Sender<Infallible>,
    run: impl FnOnce() + Send + 'static,
) -> Result<()> {
    let body = move || {
        run();
        drop(alive);
    };
    let started: io::Result<_> = thread::Builder::new().name(name.into()).spawn(body);
    started.map(|_| ()).map_err(|error| StoreError::Unavailable(Box::new(error)))
}

fn committer_failed() -> StoreError {
    StoreError::Unavailable(Box::new(CommitterFailed))
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, commit: Commit) -> Result<Committed> {
        let done = self.work(Work::Commit(commit)).await?;
        Ok(Committed { places: done.places })
    }

    fn tenant(&self, tenant: TenantId) -> Arc<dyn TenantStore> {
        Arc::new(View::new(tenant, self.lane, self.readers.clone()))
    }

    fn listen(&self, listener: Arc<dyn ChangeListener>) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    async fn seal_with(&self, sealer: Arc<dyn ChainSealer>) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Begin(sealer, reply)).await.map_err(|_| StoreError::Busy)?;
        answer.await.unwrap_or_else(|_| Err(committer_failed()))
    }

    async fn anchor(&self) -> Result<Option<Anchor>> {
        let lane = self.lane;
        self.readers.read(move |conn| anchors::anchor(conn, lane)).await
    }

    async fn checkpoint(&self) -> Result<(u64, Note)> {
        self.work(Work::Checkpoint).await?.note.ok_or_else(committer_failed)
    }

    async fn checkpoint_at(&self, position: u64) -> Result<KeptCheckpoint> {
        let lane = self.lane;
        self.readers.read(move |conn| anchors::kept(conn, lane, position)).await
    }

    async fn advance_to(&self, position: u64) -> Result<()> {
        self.work(Work::AdvanceTo(position)).await.map(|_| ())
    }

    async fn weigh_heads(&self, sealer: Arc<dyn StateSealer>) -> Result<(Weight, Option<Anchor>)> {
        let lane = self.lane;
        self.readers.read(move |conn| states::of_heads(conn, &*sealer, lane)).await
    }

    async fn deployment(&self) -> Result<Option<Deployment>> {
        self.readers.read(meta::deployment).await
    }

    async fn initialise(&self, deployment: &Deployment, key: &ServiceKey) -> Result<()> {
        self.work(Work::Initialise(deployment.clone(), key.clone())).await.map(|_| ())
    }

    async fn service_keys(&self) -> Result<Vec<ServiceKey>> {
        self.readers.read(keys::service_keys).await
    }

    async fn tenant_by_slug(&self, slug: &TenantSlug) -> Result<Option<Unverified<Tenant>>> {
        let slug = slug.clone();
        self.readers.read(move |conn| tenants::by_slug(conn, &slug)).await
    }

    async fn tenants(
        &self,
        before: Option<TenantId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Tenant>>> {
        self.readers.read(move |conn| tenants::living(conn, before, limit)).await
    }

    async fn deleted_tenants(&self, after: Option<TenantId>, limit: u32) -> Result<Vec<TenantId>> {
        self.readers.read(move |conn| tenants::deleted(conn, after, limit)).await
    }

    async fn token_by_key_id(
        &self,
        key_id: &KeyId,
    ) -> Result<Option<(Unverified<Token>, Unverified<Principal>)>> {
        let key_id = *key_id;
        self.readers.read(move |conn| tokens::by_key_id(conn, &key_id)).await
    }

    async fn signing_key(&self, id: SigningKeyId) -> Result<Option<Unverified<SigningKey>>> {
        self.readers.read(move |conn| signing_keys::by_id(conn, id)).await
    }

    async fn all_signing_keys(&self, limit: u32) -> Result<Vec<Unverified<SigningKey>>> {
        self.readers.read(move |conn| signing_keys::all(conn, limit)).await
    }

    async fn keys_in_state(&self, state: KeyState) -> Result<Vec<TenantKey>> {
        self.readers.read(move |conn| keys::in_state(conn, state)).await
    }

    async fn changes_after(&self, seq: u64, limit: u32) -> Result<Vec<(u64, ChangeRef)>> {
        self.readers.read(move |conn| changes::after(conn, seq, limit)).await
    }

    async fn prune(&self, before: Timestamp, checkpoints_before: Timestamp) -> Result<()> {
        // Step by step, so that commits get their turn in between.
        while self.work(Work::Prune(before, checkpoints_before)).await?.pruned > 0 {}
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        let mut ended = self.ended.lock().await;
        let (readers_ended, writer_ended) = &mut *ended;
        // Nobody sends on these channels: each ends with its last thread. The readers go first, for the last connection
        // folds the log back, and of two that close at once neither is the last.
        self.readers.close().await;
        readers_ended.recv().await;
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Close(reply)).await.map_err(|_| StoreError::Busy)?;
        let closed = answer.await.unwrap_or_else(|_| Err(committer_failed()));
        writer_ended.recv().await;
        closed
    }
}
