//! What is asked of the server: each scenario writes requests, and knows what their answers must hold.

use crate::{
    failure::{Failure, Result},
    load::Drive,
    random::Random,
    stock::{Secret, Stock, slug},
    wire::Ask,
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// One answer in so many is looked into.
const SAMPLE: usize = 64;

/// What kind of request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// The measuring rod.
    Bare,
    Reveal,
    Walletcrew,
    Truefoundry,
    Create,
    Publish,
}

/// A scenario.
#[derive(Clone, Copy)]
pub(crate) struct Scenario<'a> {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The secrets it is about; one of them is one hot key.
    pub(crate) secrets: &'a [Secret],
    /// Whether one token asks, and not any of the tenant's.
    pub(crate) hot: bool,
    /// Whether each answer waits for the disk.
    pub(crate) durable: bool,
    /// Whether what is asked is counted by the audit log.
    pub(crate) counted: bool,
}

/// One thread's part of a scenario under load.
pub(crate) struct Part<'a> {
    scenario: &'a Scenario<'a>,
    stock: &'a Stock,
    random: Random,
    path: String,
    body: String,
    asked: usize,
    /// How many answers were looked into.
    pub(crate) sampled: u64,
}

/// Keys that were made under load: no two alike in a run.
static MADE: AtomicUsize = AtomicUsize::new(0);

impl<'a> Part<'a> {
    pub(crate) fn new(scenario: &'a Scenario<'a>, stock: &'a Stock, seed: u64) -> Self {
        let (path, body) = (String::with_capacity(128), String::with_capacity(256));
        Self { scenario, stock, random: Random::new(seed), path, body, asked: 0, sampled: 0 }
    }

    fn write(&mut self, secret: &Secret, out: &mut Vec<u8>) {
        let tokens = self.stock.tokens.get(secret.tenant).map_or(&[][..], Vec::as_slice);
        let chosen = if self.scenario.hot { 0 } else { self.random.below(tokens.len()) };
        let token = tokens.get(chosen).map_or("", String::as_str);
        self.path.clear();
        self.body.clear();
        let method = match self.scenario.kind {
            Kind::Bare => {
                self.path.push('/');
                "GET"
            }
            Kind::Reveal => {
                self.v1(secret.tenant, &["/secrets/", &secret.id, ":reveal"]);
                "POST"
            }
            Kind::Walletcrew => {
                for part in ["/api/", &slug(secret.tenant), "/secrets/", &secret.key] {
                    self.path.push_str(part);
                }
                "GET"
            }
            Kind::Truefoundry => {
                for part in ["/api/svc/v1/secrets/", &secret.id] {
                    self.path.push_str(part);
                }
                "GET"
            }
            Kind::Create => {
                self.v1(secret.tenant, &["/secrets"]);
                let n = MADE.fetch_add(1, Ordering::Relaxed);
                let key = format!("made-{n}");
                self.say(&[r#"{"key":""#, &key, r#"","value":"#, &secret.value, "}"]);
                "POST"
            }
            Kind::Publish => {
                self.v1(secret.tenant, &["/secrets/", &secret.id, ":publish"]);
                self.say(&[r#"{"value":"#, &secret.value, "}"]);
                "POST"
            }
        };
        let token = if self.scenario.kind == Kind::Bare { "" } else { token };
        Ask { method, path: &self.path, token, body: &self.body }.write(out);
    }

    fn v1(&mut self, tenant: usize, rest: &[&str]) {
        self.path.push_str("/v1/tenants/");
        self.path.push_str(&slug(tenant));
        rest.iter().for_each(|part| self.path.push_str(part));
    }

    fn say(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.body.push_str(part));
    }
}

impl Drive for Part<'_> {
    fn next(&mut self, out: &mut Vec<u8>) -> Option<usize> {
        let chosen = self.random.below(self.scenario.secrets.len());
        let secret = self.scenario.secrets.get(chosen)?;
        self.write(secret, out);
        Some(chosen)
    }

    fn answered(&mut self, mark: usize, status: u16, body: &[u8]) -> Result<()> {
        let name = self.scenario.name;
        if status / 100 != 2 {
            let said = String::from_utf8_lossy(body);
            return Err(Failure::new(format!("{name}: {status} {said}")));
        }
        self.asked += 1;
        if !self.asked.is_multiple_of(SAMPLE) {
            return Ok(());
        }
        self.sampled += 1;
        let expected = match (self.scenario.kind, self.scenario.secrets.get(mark)) {
            (Kind::Reveal | Kind::Walletcrew | Kind::Truefoundry, Some(secret)) => &secret.value,
            _ => return Ok(()),
        };
        match memchr::memmem::find(body, expected.as_bytes()) {
            Some(_) => Ok(()),
            None => Err(Failure::new(format!("{name}: an answer without the right value"))),
        }
    }
}
