//! Putting the rooms together. The one file of the server that names the store, the cryptography and key custody.
//!
//! The order is the promise: refuse what can be refused before anything is touched; lock the data before looking at it;
//! have the key before opening the store; believe the store before listening.

mod config;
mod issuers;

use crate::{
    data_dir::DataDir,
    http::{Edge, Http, Limiter, LimiterOptions, Metrics, TrustedProxies},
    listen::{Connections, ENDS_WITHIN, Socket, Tcp, check},
    options::{ServeOptions, StartFailure},
};
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
    system::{self, StartError},
};
use subrosa_crypto::{Custody, SystemClock, SystemIds};
use subrosa_domain::{Clock, Ids};
use subrosa_kms::{
    KeyWrapper,
    local::{FolderKeystore, RootKey, same_device},
};
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
    /// The operator's socket.
    pub socket: PathBuf,
    /// What is allowed and worth knowing.
    pub warnings: Vec<String>,
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
    let data = DataDir::take(&options.data)?;
    let store_path = store_path(options, &data)?;
    let fresh = !store_path.exists();
    let (root_key, root_key_made) = root_key(&options.root_key, data.path(), fresh)?;
    let warnings = same_device(&options.root_key, data.path()).map(|same| same.to_string());
    let tcp = Tcp::bind(&options.listen).await?;
    let address = tcp.address().map_err(|source| StartFailure::Listen {
        address: options.listen.address.to_string(),
        source,
    })?;
    let started = application(root_key, &options.root_key, &store_path, clock, issuers).await?;
    let socket_path = data.socket();
    let socket = Socket::bind(&socket_path)?;
    let report = Report {
        first: started.first,
        address,
        tls: tcp.has_tls(),
        store: store_path,
        root_key: options.root_key.clone(),
        root_key_made,
        socket: socket_path,
        warnings: warnings.into_iter().collect(),
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
    let (edge, connections) = (Edge::new(http), Arc::new(Connections::default()));
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

fn store_path(options: &ServeOptions, data: &DataDir) -> Result<PathBuf, StartFailure> {
    match &options.store {
        None => Ok(data.store()),
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
    let key = key.map_err(|refused| StartFailure::RootKey(refused.to_string()))?;
    Ok((Arc::new(key), make))
}

async fn application(
    wrapper: Arc<dyn KeyWrapper>,
    root_key: &Path,
    store: &Path,
    clock: Arc<dyn Clock>,
    issuers: Option<Arc<dyn Issuers>>,
) -> Result<system::Started, StartFailure> {
    let ids: Arc<dyn Ids> = Arc::new(SystemIds::new(Arc::clone(&clock)));
    let options = SqliteOptions {
        path: store.into(),
        lane: LANE,
        readers: READERS,
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
    };
    let fingerprint = wrapper.fingerprint();
    let unusable = |error: StoreError| StartFailure::Store(error.into());
    let wrong_key =
        || StartFailure::RootKey(subrosa_kms::CustodyError::WrongKey(root_key.into()).to_string());
    // Before the file is opened for writing, which may bring its schema up: with the wrong key nothing is touched.
    let found = SqliteStore::look(&options.path).map_err(unusable)?;
    if found.is_some_and(|deployment| deployment.root_fingerprint != fingerprint) {
        return Err(wrong_key());
    }
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(options).map_err(unusable)?);
    let custody = |deployment| {
        Ok(Custody { wrapper, keystore: Arc::new(FolderKeystore::beside(root_key, deployment)) })
    };
    let refused =
        match system::start(Arc::clone(&store), custody, fingerprint, clock, ids, issuers).await {
            Ok(started) => return Ok(started),
            Err(StartError::WrongRootKey) => wrong_key(),
            Err(error) => StartFailure::Store(error.into()),
        };
    // A store that is only dropped leaves its write-ahead log and index behind. If it cannot be closed either, the
    // refusal is still what there is to say.
    let _ = store.close().await;
    Err(refused)
}

async fn end_idle(connections: Arc<Connections>) {
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    loop {
        every_second.tick().await;
        connections.end_idle();
    }
}
