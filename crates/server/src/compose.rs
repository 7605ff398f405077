//! Putting the rooms together. The one file of the server that names the store, the cryptography and key custody.
//!
//! The order is the promise: refuse what can be refused before anything is touched; lock the data before looking at it;
//! have the key before opening the store; believe the store before listening.

mod checkpoint;
mod config;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod issuers;

use crate::{
    data_dir::DataDir,
    http::{Edge, Http, Limiter, LimiterOptions, Metrics, Routes, TrustedProxies},
    listen::{Connections, ENDS_WITHIN, Socket, Tcp, check},
    options::{Places, ServeOptions, StartFailure},
};
use checkpoint::CheckpointFile;
use config::Config;
use std::{
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use subrosa_app::{
    App,
    sign_in::Issuers,
    system::{self, Acceptance, Setup, StartError},
};
use subrosa_crypto::{Custody, SystemClock, SystemIds};
use subrosa_domain::{Clock, Ids};
use subrosa_kms::{
    KeyWrapper,
    local::{FolderKeystore, RootKey, same_device},
};
use subrosa_plant::planted;
use subrosa_store::{SqliteOptions, SqliteStore, Store, StoreError};
use tokio::task::JoinSet;

/// The lane of the one node that an embedded store has.
const LANE: u32 = 0;

/// Threads that read the store: misses of the caches and lists, on a machine of few cores.
const READERS: usize = 2;

/// What a start made and found, for whoever watches it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether this was the store's first start.
    pub first: bool,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether that is with TLS.
    pub tls: bool,
    /// The store's file.
    pub store: PathBuf,
    /// The root key's file.
    pub root_key: PathBuf,
    /// Whether this start made it.
    pub root_key_made: bool,
    /// Where the last checkpoint is kept.
    pub checkpoint_dir: PathBuf,
    /// The operator's socket.
    pub socket: PathBuf,
    /// What is allowed and worth knowing.
    pub warnings: Vec<String>,
    /// How the store does not go with its last checkpoint: then only the operator is served, to look.
    pub set_back: Option<String>,
}

/// A server that runs.
pub struct Running {
    report: Report,
    app: Arc<App>,
    connections: Arc<Connections>,
    tasks: JoinSet<()>,
    _data: DataDir,
}

/// Starts a server.
///
/// # Errors
/// See [`StartFailure`]. Nothing was changed, but that an empty data directory may have been made.
pub async fn start(options: &ServeOptions) -> Result<Running, StartFailure> {
    start_with(options, Arc::new(SystemClock)).await
}

/// The same by another clock: tests bring their own.
///
/// # Errors
/// As [`start`].
pub async fn start_with(
    options: &ServeOptions,
    clock: Arc<dyn Clock>,
) -> Result<Running, StartFailure> {
    check(&options.listen)?;
    let config = config::read(options.config.as_deref())?;
    let issuers = issuers::issuers(&config.issuers, options.config.as_deref())?;
    start_parts(options, clock, config, issuers).await
}

/// The same by a clock, and by somebody else's word on issuers' tokens: tests bring their own.
///
/// # Errors
/// As [`start`].
pub async fn start_trusting(
    options: &ServeOptions,
    clock: Arc<dyn Clock>,
    issuers: Arc<dyn Issuers>,
) -> Result<Running, StartFailure> {
    check(&options.listen)?;
    let config = config::read(options.config.as_deref())?;
    start_parts(options, clock, config, Some(issuers)).await
}

async fn start_parts(
    options: &ServeOptions,
    clock: Arc<dyn Clock>,
    config: Config,
    issuers: Option<Arc<dyn Issuers>>,
) -> Result<Running, StartFailure> {
    let routes = Routes::begin();
    let places = &options.places;
    let data = DataDir::take(&places.data)?;
    let store_path = store_path(places, data.path())?;
    check_checkpoints(places, data.path(), &store_path)?;
    let fresh = !store_path.exists();
    let (root_key, root_key_made) = root_key(&places.root_key, data.path(), fresh)?;
    let warnings = same_device(&places.root_key, data.path()).map(|same| same.to_string());
    let tcp = Tcp::bind(&options.listen).await?;
    let address = tcp.address().map_err(|source| StartFailure::Listen {
        address: options.listen.address.to_string(),
        source,
    })?;
    let started = application(options, root_key, &store_path, clock, issuers).await?;
    let socket_path = data.socket();
    let socket = Socket::bind(&socket_path)?;
    let report = Report {
        first: started.first,
        address,
        tls: tcp.has_tls(),
        store: store_path,
        root_key: places.root_key.clone(),
        root_key_made,
        checkpoint_dir: places.checkpoint_dir.clone(),
        socket: socket_path,
        warnings: warnings.into_iter().collect(),
        set_back: started.app.set_back().map(|set_back| set_back.to_string()),
    };
    let tls = report.tls;
    let loopback = address.ip().to_canonical().is_loopback();
    let limits = LimiterOptions { unknown_per_second: options.unknown_per_second };
    let http = Arc::new(Http {
        app: Arc::clone(&started.app),
        metrics: Metrics::default(),
        limiter: Limiter::new(limits),
        proxies: TrustedProxies::new(&options.listen.trusted_proxies),
        metrics_on_tcp: loopback && !options.listen.behind_proxy,
        hosts: config.hosts,
        public_url: config.public_url.unwrap_or_else(|| own_url(address, tls)),
    });
    let (edge, connections) = (Edge::new(http, routes), Arc::new(Connections::default()));
    let mut tasks = JoinSet::new();
    tasks.spawn(tcp.serve(edge.clone(), Arc::clone(&connections)));
    tasks.spawn(socket.serve(edge, Arc::clone(&connections)));
    tasks.spawn(end_idle(Arc::clone(&connections)));
    tasks.spawn(Arc::clone(&started.app).run_jobs());
    Ok(Running { report, app: started.app, connections, tasks, _data: data })
}

impl Running {
    /// What the start made and found.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The use-cases, for tests that bring no network.
    #[must_use]
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Serves until `stop` is ready, then ends what is under way, writes what waits and closes the store.
    pub async fn serve_until(mut self, stop: impl Future<Output = ()>) {
        stop.await;
        self.tasks.shutdown().await;
        self.connections.end_all();
        let emptied = async {
            while self.connections.count() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(ENDS_WITHIN, emptied).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
        if let Err(error) = self.app.close().await {
            tracing::error!(%error, "the store did not close cleanly");
        }
    }
}

/// Where this server is, when nobody says where people reach it.
fn own_url(address: SocketAddr, tls: bool) -> String {
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{address}")
}

fn store_path(places: &Places, data: &Path) -> Result<PathBuf, StartFailure> {
    match &places.store {
        None => Ok(data.join("store.db")),
        Some(address) => match address.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
            _ => Err(StartFailure::UnknownStore),
        },
    }
}

/// The root key: made for a store that is not there yet, and never for one that is.
fn root_key(
    path: &Path,
    data: &Path,
    fresh_store: bool,
) -> Result<(Arc<dyn KeyWrapper>, bool), StartFailure> {
    let make = fresh_store && !path.exists() && !path.is_symlink();
    let key = if make { RootKey::create(path, data) } else { RootKey::open(path, data) };
    if planted!("root-key-copied") {
        std::mem::forget(std::fs::read(path));
    }
    let key = key.map_err(|refused| StartFailure::RootKey(refused.to_string()))?;
    Ok((Arc::new(key), make))
}

async fn application(
    options: &ServeOptions,
    wrapper: Arc<dyn KeyWrapper>,
    store: &Path,
    clock: Arc<dyn Clock>,
    issuers: Option<Arc<dyn Issuers>>,
) -> Result<system::Started, StartFailure> {
    let places = &options.places;
    let (setup, store) = setup(wrapper, places, store, clock)?;
    let started = system::start(setup, issuers, options.cache_bytes).await;
    finished(started, &*store, places).await
}

/// Opens the store and says what a start on it is given.
fn setup(
    wrapper: Arc<dyn KeyWrapper>,
    places: &Places,
    store: &Path,
    clock: Arc<dyn Clock>,
) -> Result<(Setup, Arc<dyn Store>), StartFailure> {
    let ids: Arc<dyn Ids> = Arc::new(SystemIds::new(Arc::clone(&clock)));
    let options = SqliteOptions {
        path: store.into(),
        lane: LANE,
        readers: READERS,
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
    };
    let root_fingerprint = wrapper.fingerprint();
    let unusable = |error: StoreError| StartFailure::Store(error.into());
    // Before the file is opened for writing, which may bring its schema up: with the wrong key nothing is touched.
    let found = SqliteStore::look(&options.path).map_err(unusable)?;
    if found.is_some_and(|deployment| deployment.root_fingerprint != root_fingerprint) {
        return Err(wrong_key(places));
    }
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(options).map_err(unusable)?);
    let (root_key, checkpoints) = (places.root_key.clone(), places.checkpoint_dir.clone());
    let of = Box::new(move |deployment| {
        let keystore = Arc::new(FolderKeystore::beside(&root_key, deployment));
        let file: Arc<dyn system::Checkpoints> =
            Arc::new(CheckpointFile::of(&checkpoints, deployment));
        Ok((Custody { wrapper, keystore }, file))
    });
    Ok((Setup { store: Arc::clone(&store), of, root_fingerprint, clock, ids }, store))
}

/// What came of a start. A store that is only dropped leaves its write-ahead log and index behind, so after a refusal
/// it is closed; if it cannot be closed either, the refusal is still what there is to say.
async fn finished<T>(
    outcome: Result<T, StartError>,
    store: &dyn Store,
    places: &Places,
) -> Result<T, StartFailure> {
    let refused = match outcome {
        Ok(done) => return Ok(done),
        Err(StartError::WrongRootKey) => wrong_key(places),
        Err(StartError::Checkpoint(source)) => {
            StartFailure::Checkpoints { path: places.checkpoint_dir.clone(), source }
        }
        Err(error) => StartFailure::Store(error.into()),
    };
    let _ = store.close().await;
    Err(refused)
}

fn wrong_key(places: &Places) -> StartFailure {
    let refused = subrosa_kms::CustodyError::WrongKey(places.root_key.clone());
    StartFailure::RootKey(refused.to_string())
}

/// Checkpoints are kept anywhere but with the data.
fn check_checkpoints(places: &Places, data: &Path, store: &Path) -> Result<(), StartFailure> {
    let path = &places.checkpoint_dir;
    let with = checkpoint::goes_with(path, data, store)
        .map_err(|source| StartFailure::Checkpoints { path: path.clone(), source })?;
    if with { Err(StartFailure::CheckpointsInside(path.clone())) } else { Ok(()) }
}

/// Accepts a store that was set back, without serving it.
///
/// # Errors
/// See [`StartFailure`]; [`StartFailure::NoStore`] when there is none, and then nothing is made.
pub async fn accept_rollback(places: &Places) -> Result<Acceptance, StartFailure> {
    let store_path = store_path(places, &places.data)?;
    if !places.data.is_dir() || !store_path.exists() {
        return Err(StartFailure::NoStore(store_path));
    }
    let data = DataDir::take(&places.data)?;
    check_checkpoints(places, data.path(), &store_path)?;
    let (wrapper, _) = root_key(&places.root_key, data.path(), false)?;
    let (setup, store) = setup(wrapper, places, &store_path, Arc::new(SystemClock))?;
    let uid = rustix::process::getuid().as_raw();
    let accepted = finished(system::accept(setup, uid).await, &*store, places).await?;
    store.close().await.map_err(|error| StartFailure::Store(error.into()))?;
    Ok(accepted)
}

async fn end_idle(connections: Arc<Connections>) {
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    loop {
        every_second.tick().await;
        connections.end_idle();
    }
}
