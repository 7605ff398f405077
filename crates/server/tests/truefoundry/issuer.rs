//! An issuer of tokens whose word is whatever a test says. What a real one's tokens are checked for is tested where
//! they are checked; here it is what the server makes of the word.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use subrosa_app::sign_in::{Issuers, NotAccepted};
use subrosa_domain::{Assertion, Identity, Role, Scope, Timestamp};
use subrosa_testkit::{Actor, TestServer};

/// The issuer.
#[derive(Default)]
pub(crate) struct Issuer {
    said: Mutex<HashMap<String, Assertion>>,
    asked: AtomicUsize,
    is_away: AtomicBool,
}

/// What it says of somebody: `sub` at `iss`, in the tenant `default`, for an hour.
pub(crate) fn says(iss: &str, sub: &str) -> Assertion {
    Assertion {
        tenant: "default".parse().unwrap(),
        issuer_name: iss.into(),
        identity: Identity { issuer: format!("https://{iss}.test").into(), subject: sub.into() },
        email: None,
        scopes: scopes(&["secrets:read"]),
        roles: Vec::new(),
        expires_at: Timestamp::from_micros(1_767_225_600_000_000 + 3_600_000_000),
    }
}

/// The same of somebody whose address it vouches for.
pub(crate) fn vouches(iss: &str, sub: &str, email: &str) -> Assertion {
    Assertion { email: Some(email.parse().unwrap()), ..says(iss, sub) }
}

/// The same with these scopes.
pub(crate) fn with_scopes(assertion: Assertion, names: &[&str]) -> Assertion {
    Assertion { scopes: scopes(names), ..assertion }
}

/// The same with this role in a group.
pub(crate) fn with_role(assertion: Assertion, group: &str, role: Role) -> Assertion {
    Assertion { roles: vec![(group.parse().unwrap(), role)], ..assertion }
}

fn scopes(names: &[&str]) -> subrosa_domain::ScopeSet {
    names.iter().map(|name| Scope::parse(name).unwrap()).collect()
}

impl Issuer {
    /// A server that takes this issuer's word.
    pub(crate) async fn trusted() -> (TestServer, Arc<Self>) {
        let issuer = Arc::new(Self::default());
        let trusted = Arc::clone(&issuer) as Arc<dyn Issuers>;
        (TestServer::start_trusting(trusted).await, issuer)
    }

    /// Whoever has a token by which the issuer says this.
    pub(crate) fn signs_in(&self, server: &TestServer, assertion: Assertion) -> Actor {
        let mut said = self.said.lock().unwrap();
        let token = BASE64_URL_SAFE_NO_PAD.encode(format!("token {}", said.len()));
        let jwt = format!("eyJhbGciOiJFUzI1NiJ9.{token}.c2lnbmF0dXJl");
        said.insert(jwt.clone(), assertion);
        server.with_token(&jwt)
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Cannot be reached from now on, or can be again.
    pub(crate) fn is_away(&self, away: bool) {
        self.is_away.store(away, Ordering::Relaxed);
    }
}

#[async_trait]
impl Issuers for Issuer {
    async fn check(&self, jwt: &str, now: Timestamp) -> Result<Assertion, NotAccepted> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            return Err(NotAccepted::Unavailable);
        }
        let said = self.said.lock().unwrap().get(jwt).cloned();
        said.filter(|said| now < said.expires_at).ok_or(NotAccepted::Refused)
    }
}
