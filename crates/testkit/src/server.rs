//! A real server in this process.

use crate::{Actor, TestClock};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use subrosa_app::{App, sign_in::Issuers, system::SetBack};
use subrosa_domain::{Clock, TenantSlug};
use subrosa_server::{
    Acceptance, Listen, Places, Running, ServeOptions, StartFailure, accept_rollback,
    http::{Door, Edge, Http, Limiter, LimiterOptions, Metrics, Routes, TrustedProxies},
    start_trusting, start_with,
};
use tempfile::TempDir;

/// A server with a store and a root key of its own, and a tenant `default`.
pub struct TestServer {
    /// Its clock.
    pub clock: Arc<TestClock>,
    folder: TempDir,
    beside: Beside,
    running: Option<Running>,
    edge: Edge,
}

impl TestServer {
    /// Starts one on an empty store.
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), Arc::default(), Beside::default()).await
    }

    /// The same with what is said about callers: how many unknown credentials a second one address may send, and the
    /// proxies that are believed.
    pub async fn start_guarded(unknown_per_second: u32, proxies: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options_in(folder.path());
        options.unknown_per_second = unknown_per_second;
        options.listen.trusted_proxies = proxies.iter().map(|one| one.parse().unwrap()).collect();
        Self::start_by(&options, folder, Arc::default(), Beside::default()).await
    }

    /// The same with so many bytes for sealed rows.
    pub async fn start_keeping(cache_bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = ServeOptions { cache_bytes, ..options_in(folder.path()) };
        Self::start_by(&options, folder, Arc::default(), Beside::default()).await
    }

    /// The same with somebody's word on the tokens of issuers.
    pub async fn start_trusting(issuers: Arc<dyn Issuers>) -> Self {
        let beside = Beside { issuers: Some(issuers), ..Beside::default() };
        Self::start_in(tempfile::tempdir().unwrap(), Arc::default(), beside).await
    }

    /// The same with what is said of hosts: which tenant each is for.
    pub async fn start_hosting(hosts: &[(&str, &str)]) -> Self {
        let host = |(host, slug): &(&str, &str)| ((*host).to_owned(), slug.parse().unwrap());
        let hosts = hosts.iter().map(host).collect();
        let beside = Beside { hosts, ..Beside::default() };
        Self::start_in(tempfile::tempdir().unwrap(), Arc::default(), beside).await
    }

    /// Stops it and starts it again on the same store.
    pub async fn restart(self) -> Self {
        self.stop().await.start().await
    }

    /// Stops it as one should.
    pub async fn stop(mut self) -> Stopped {
        let running = self.running.take().unwrap();
        running.serve_until(std::future::ready(())).await;
        let Self { folder, clock, beside, .. } = self;
        Stopped { folder, clock, beside }
    }

    /// The operator, over the socket.
    #[must_use]
    pub fn operator(&self) -> Actor {
        Actor::new(self.edge.clone(), Door::Socket { uid: 0 }, None)
    }

    /// Whoever has this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Actor {
        let peer = std::net::IpAddr::from([127, 0, 0, 1]);
        Actor::new(self.edge.clone(), Door::Tcp { peer }, Some(token.to_owned()))
    }

    /// Whoever has no token.
    #[must_use]
    pub fn stranger(&self) -> Actor {
        let peer = std::net::IpAddr::from([127, 0, 0, 1]);
        Actor::new(self.edge.clone(), Door::Tcp { peer }, None)
    }

    /// Whoever has a new token of `tenant` with these scopes.
    pub async fn token(&self, tenant: &str, scopes: &[&str]) -> Actor {
        let path = format!("/v1/tenants/{tenant}/tokens:generate");
        let minted = self.operator().post(&path, serde_json::json!({ "scopes": scopes })).await;
        self.with_token(minted.expect(201)["token"].as_str().unwrap())
    }

    /// Whoever has a new token of `tenant` with every scope.
    pub async fn admin(&self, tenant: &str) -> Actor {
        let path = format!("/v1/tenants/{tenant}/tokens:generate");
        let minted = self.operator().post(&path, serde_json::json!({ "preset": "admin" })).await;
        self.with_token(minted.expect(201)["token"].as_str().unwrap())
    }

    /// Makes a tenant.
    pub async fn tenant(&self, slug: &str) {
        let body = serde_json::json!({ "slug": slug });
        self.operator().post("/v1/tenants", body).await.expect(201);
    }

    /// The use-cases.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        self.running.as_ref().unwrap().app()
    }

    /// The store's file.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.data().join("store.db")
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        data_in(self.folder.path())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn start_in(folder: TempDir, clock: Arc<TestClock>, beside: Beside) -> Self {
        let options = options_in(folder.path());
        Self::start_by(&options, folder, clock, beside).await
    }

    pub(crate) fn stopped_in(&self, folder: TempDir) -> Stopped {
        Stopped { folder, clock: Arc::clone(&self.clock), beside: self.beside.clone() }
    }

    async fn start_by(
        options: &ServeOptions,
        folder: TempDir,
        clock: Arc<TestClock>,
        beside: Beside,
    ) -> Self {
        let stopped = Stopped { folder, clock, beside };
        stopped.start_by(options).await.map_err(|(_, failure)| failure).unwrap()
    }

    fn of(options: &ServeOptions, stopped: Stopped, running: Running) -> Self {
        let Stopped { folder, clock, beside } = stopped;
        let limits = LimiterOptions { unknown_per_second: options.unknown_per_second };
        let http = Http {
            app: Arc::clone(running.app()),
            metrics: Metrics::default(),
            limiter: Limiter::new(limits),
            proxies: TrustedProxies::new(&options.listen.trusted_proxies),
            metrics_on_tcp: true,
            hosts: beside.hosts.clone(),
            public_url: "http://subrosa.test".to_owned(),
        };
        let edge = Edge::new(Arc::new(http), Routes::begin());
        Self { clock, folder, beside, running: Some(running), edge }
    }
}

/// What is said about a server beside its options. It stays so when it is started again.
#[derive(Clone, Default)]
pub(crate) struct Beside {
    issuers: Option<Arc<dyn Issuers>>,
    hosts: HashMap<String, TenantSlug>,
}

/// A server that does not run: its store and its root key.
pub struct Stopped {
    folder: TempDir,
    clock: Arc<TestClock>,
    beside: Beside,
}

impl Stopped {
    /// Starts it.
    pub async fn start(self) -> TestServer {
        TestServer::start_in(self.folder, self.clock, self.beside).await
    }

    /// One that never ran: there is neither a store nor a key.
    ///
    /// # Panics
    /// If there is no room for its folder.
    #[must_use]
    pub fn never_ran() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, clock: Arc::default(), beside: Beside::default() }
    }

    /// Starts it, if it can be started.
    ///
    /// # Errors
    /// When it cannot: the same again, and why.
    pub async fn tries_to_start(self) -> Result<TestServer, (Self, StartFailure)> {
        let options = options_in(self.folder.path());
        self.start_by(&options).await
    }

    async fn start_by(self, options: &ServeOptions) -> Result<TestServer, (Self, StartFailure)> {
        let time = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let started = match &self.beside.issuers {
            Some(issuers) => start_trusting(options, time, Arc::clone(issuers)).await,
            None => start_with(options, time).await,
        };
        match started {
            Ok(running) => Ok(TestServer::of(options, self, running)),
            Err(failure) => Err((self, failure)),
        }
    }

    /// The store's file.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.data().join("store.db")
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        data_in(self.folder.path())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn in_another(&self, folder: TempDir) -> Self {
        Self { folder, clock: Arc::clone(&self.clock), beside: self.beside.clone() }
    }

    /// Where its last checkpoint is kept.
    #[must_use]
    pub fn checkpoint_file(&self) -> PathBuf {
        let mut files = std::fs::read_dir(state_in(self.folder.path())).unwrap();
        files.next().unwrap().unwrap().path()
    }

    /// Accepts the store as it is, as `subrosa restore --accept-rollback` does.
    pub async fn accept(&self) -> Option<SetBack> {
        match accept_rollback(&options_in(self.folder.path()).places).await.unwrap() {
            Acceptance::Accepted(set_back) => Some(set_back),
            Acceptance::Current | Acceptance::NothingKept => None,
        }
    }
}

fn options_in(folder: &Path) -> ServeOptions {
    ServeOptions {
        places: Places {
            data: data_in(folder),
            store: None,
            root_key: folder.join("keys").join("root.key"),
            checkpoint_dir: state_in(folder),
        },
        listen: Listen {
            address: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            behind_proxy: false,
            trusted_proxies: vec![],
        },
        config: None,
        unknown_per_second: LimiterOptions::default().unknown_per_second,
        cache_bytes: subrosa_app::limits::ROW_CACHE_BYTES,
    }
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn state_in(folder: &Path) -> PathBuf {
    folder.join("state")
}
