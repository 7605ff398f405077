//! What the store is filled with, over HTTP: tenants, tokens, secrets. Each request is known by its number, so that
//! every answer says what it should.

use crate::{
    failure::{Failure, Result},
    load::{Drive, Fleet},
    process::{Home, Server},
    wire::{self, Ask},
};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Connections that fill.
const CONNECTIONS: usize = 64;

/// How long filling may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// How much there is to be.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) tenants: usize,
    pub(crate) tokens: usize,
    pub(crate) secrets: usize,
}

/// A secret of the stock.
pub(crate) struct Secret {
    pub(crate) tenant: usize,
    pub(crate) key: String,
    pub(crate) id: String,
    /// In quotes, as it stands in every answer.
    pub(crate) value: String,
}

/// Everything there is.
pub(crate) struct Stock {
    /// An administrator's token for each tenant.
    pub(crate) admins: Vec<String>,
    /// Tokens of each tenant that read and write secrets.
    pub(crate) tokens: Vec<Vec<String>>,
}

/// The name of a tenant.
pub(crate) fn slug(tenant: usize) -> String {
    format!("t{tenant}")
}

impl Stock {
    /// Makes tenants and tokens.
    pub(crate) fn fill(home: &Home, server: &Server, size: Size) -> Result<Self> {
        let mut operator = wire::socket(&home.data().join("subrosa.sock"))?;
        let mut admins = Vec::with_capacity(size.tenants);
        for tenant in 0..size.tenants {
            let slug = slug(tenant);
            let body = format!(r#"{{"slug":"{slug}"}}"#);
            operator.ask(&Ask { method: "POST", path: "/v1/tenants", token: "", body: &body })?;
            let path = format!("/v1/tenants/{slug}/tokens:generate");
            let body = r#"{"name":"admin","preset":"admin"}"#;
            let made = operator.ask(&Ask { method: "POST", path: &path, token: "", body })?;
            admins.push(text(&made, "token")?);
        }
        let mut tokens = vec![Vec::new(); size.tenants];
        let scopes = r#"["secrets:read","secrets:reveal","secrets:write"]"#;
        let answers = ask_all(server, size.tokens, |n, out| {
            let tenant = n % size.tenants;
            let path = format!("/v1/tenants/{}/tokens:generate", slug(tenant));
            let body = format!(r#"{{"name":"reader-{n}","scopes":{scopes}}}"#);
            let token = admins.get(tenant).map_or("", String::as_str);
            Ask { method: "POST", path: &path, token, body: &body }.write(out);
        })?;
        for (n, answer) in answers.iter().enumerate() {
            if let Some(tokens) = tokens.get_mut(n % size.tenants) {
                tokens.push(text(answer, "token")?);
            }
        }
        Ok(Self { admins, tokens })
    }

    /// Makes secrets of a tier, READABLE all of them, whose values are 40 bytes long.
    pub(crate) fn secrets(&self, server: &Server, count: usize, tier: &str) -> Result<Vec<Secret>> {
        let key = |n: usize| format!("{tier}-{n:07}");
        let value = |n: usize| format!("value-of-{:-<31}", key(n));
        let answers = ask_all(server, count, |n, out| {
            let tenant = n % self.admins.len();
            let path = format!("/v1/tenants/{}/secrets", slug(tenant));
            let body = format!(
                r#"{{"key":"{}","value":"{}","disclosure":"READABLE","sensitivity":"{tier}"}}"#,
                key(n),
                value(n),
            );
            let token = self.admins.get(tenant).map_or("", String::as_str);
            Ask { method: "POST", path: &path, token, body: &body }.write(out);
        })?;
        let secret = |(n, answer): (usize, &Value)| {
            let (tenant, value) = (n % self.admins.len(), format!(r#""{}""#, value(n)));
            Ok(Secret { tenant, key: key(n), id: text(answer, "id")?, value })
        };
        answers.iter().enumerate().map(secret).collect()
    }
}

impl Stock {
    /// Reveals each secret once, with each token in turn, and once by its key, so that what is measured next finds them
    /// in memory, and which secret a key means.
    pub(crate) fn warm(&self, server: &Server, secrets: &[Secret]) -> Result<()> {
        let tokens = self.tokens.iter().map(Vec::len).sum::<usize>();
        ask_all(server, secrets.len().max(tokens), |n, out| {
            let Some(secret) = secrets.get(n % secrets.len()) else { return };
            let tokens = self.tokens.get(secret.tenant).map_or(&[][..], Vec::as_slice);
            let token = tokens.get(n / self.tokens.len() % tokens.len().max(1));
            let token = token.map_or("", String::as_str);
            let path = format!("/v1/tenants/{}/secrets/{}:reveal", slug(secret.tenant), secret.id);
            Ask { method: "POST", path: &path, token, body: "" }.write(out);
        })?;
        ask_all(server, secrets.len(), |n, out| {
            let Some(secret) = secrets.get(n) else { return };
            let token = self.admins.get(secret.tenant).map_or("", String::as_str);
            let path = format!("/api/{}/secrets/{}", slug(secret.tenant), secret.key);
            Ask { method: "GET", path: &path, token, body: "" }.write(out);
        })
        .map(|_| ())
    }
}

/// Asks so many questions and returns the answers in their order.
fn ask_all(
    server: &Server,
    count: usize,
    write: impl FnMut(usize, &mut Vec<u8>),
) -> Result<Vec<Value>> {
    let mut filling = Filling { next: 0, answers: vec![Value::Null; count], write };
    let fleet = Fleet::open(server.address, CONNECTIONS.min(count))?;
    fleet.drive(&mut filling, Instant::now() + LIMIT)?;
    Ok(filling.answers)
}

struct Filling<W> {
    next: usize,
    answers: Vec<Value>,
    write: W,
}

impl<W: FnMut(usize, &mut Vec<u8>)> Drive for Filling<W> {
    fn next(&mut self, out: &mut Vec<u8>) -> Option<usize> {
        let n = self.next;
        (n < self.answers.len()).then(|| {
            self.next += 1;
            (self.write)(n, out);
            n
        })
    }

    fn answered(&mut self, mark: usize, status: u16, body: &[u8]) -> Result<()> {
        if status / 100 != 2 {
            let said = String::from_utf8_lossy(body);
            return Err(Failure::new(format!("filling the store: {status} {said}")));
        }
        if let Some(place) = self.answers.get_mut(mark) {
            *place = serde_json::from_slice(body)?;
        }
        Ok(())
    }
}

/// A member that is text.
pub(crate) fn text(answer: &Value, name: &str) -> Result<String> {
    let text = answer.get(name).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Failure::new(format!("an answer without {name}")))
}
