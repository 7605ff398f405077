//! A real server in this process.

use crate::{Actor, TestClock};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use subrosa_app::App;
use subrosa_domain::Clock;
use subrosa_server::{
    Listen, Running, ServeOptions,
    http::{Door, Edge, Http, Metrics},
    start_with,
};
use tempfile::TempDir;

/// A server with a store and a root key of its own, and a tenant `default`.
pub struct TestServer {
    /// Its clock.
    pub clock: Arc<TestClock>,
    folder: TempDir,
    running: Option<Running>,
    edge: Edge,
}

impl TestServer {
    /// Starts one on an empty store.
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), Arc::default()).await
    }

    /// Stops it and starts it again on the same store.
    pub async fn restart(self) -> Self {
        self.stop().await.start().await
    }

    /// Stops it as one should.
    pub async fn stop(mut self) -> Stopped {
        let running = self.running.take().unwrap();
        running.serve_until(std::future::ready(())).await;
        let Self { folder, clock, .. } = self;
        Stopped { folder, clock }
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

    pub(crate) async fn start_in(folder: TempDir, clock: Arc<TestClock>) -> Self {
        let options = ServeOptions {
            data: data_in(folder.path()),
            listen: Listen {
                address: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
                tls: None,
                behind_proxy: false,
            },
            store: None,
            root_key: folder.path().join("keys").join("root.key"),
        };
        let running = start_with(&options, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        let app = Arc::clone(running.app());
        let edge =
            Edge::new(Arc::new(Http { app, metrics: Metrics::default(), metrics_on_tcp: true }));
        Self { clock, folder, running: Some(running), edge }
    }
}

/// A server that does not run: its store and its root key.
pub struct Stopped {
    folder: TempDir,
    clock: Arc<TestClock>,
}

impl Stopped {
    /// Starts it.
    pub async fn start(self) -> TestServer {
        TestServer::start_in(self.folder, self.clock).await
    }

    /// The store's file.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        data_in(self.folder.path()).join("store.db")
    }
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}
