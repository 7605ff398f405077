//! An issuer's documents, handed out by a double of the network that counts and can be told to wait or to fail.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use subrosa_oidc::{Address, Fetch, FetchFault};
use tokio::sync::Semaphore;

/// The network.
pub(crate) struct Network {
    documents: Mutex<HashMap<String, Result<Bytes, FetchFault>>>,
    /// How many documents were asked for.
    asked: AtomicUsize,
    /// Closed while the test holds its permits.
    gate: Semaphore,
    gated: bool,
}

impl Network {
    /// A network with nobody on it.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::with(false))
    }

    /// One whose answers wait until [`Self::let_through`].
    pub(crate) fn gated() -> Arc<Self> {
        Arc::new(Self::with(true))
    }

    fn with(gated: bool) -> Self {
        Self {
            documents: Mutex::default(),
            asked: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            gated,
        }
    }

    /// Lets so many answers go.
    pub(crate) fn let_through(&self, answers: usize) {
        self.gate.add_permits(answers);
    }

    /// Puts an issuer on it, with a configuration and keys.
    pub(crate) fn serve(&self, url: &str, keys: &[Value]) {
        let keys_at = format!("{}/keys", url.trim_end_matches('/'));
        self.put(&configuration(url), json!({"issuer": url, "jwks_uri": keys_at}).to_string());
        self.put(&keys_at, json!({"keys": keys}).to_string());
    }

    /// Puts a document at an address.
    pub(crate) fn put(&self, at: &str, document: impl Into<Bytes>) {
        self.documents.lock().unwrap().insert(at.to_owned(), Ok(document.into()));
    }

    /// Makes an address fail.
    pub(crate) fn fail(&self, at: &str, fault: FetchFault) {
        self.documents.lock().unwrap().insert(at.to_owned(), Err(fault));
    }

    /// How many documents were asked for so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Where the configuration of an issuer is.
pub(crate) fn configuration(url: &str) -> String {
    format!("{}/.well-known/openid-configuration", url.trim_end_matches('/'))
}

#[async_trait]
impl Fetch for Network {
    async fn get(&self, address: &Address) -> Result<Bytes, FetchFault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.gated {
            self.gate.acquire().await.unwrap().forget();
        }
        let documents = self.documents.lock().unwrap();
        documents.get(address.as_str()).cloned().unwrap_or(Err(FetchFault::Unreachable))
    }
}
