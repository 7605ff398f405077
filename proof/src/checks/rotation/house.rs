//! What is rotated: secrets with many revisions each, and what the store says of their wraps.

use super::{READERS, REWRAP_LIMIT};
use crate::{
    served::{Home, Served},
    wire::Wire,
};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::time::{Duration, Instant};

const BASE: &str = "/v1/tenants/default";

/// Secrets, what their values are, and a token that reads them.
pub(super) struct House {
    pub(super) token: String,
    /// How many wraps there are.
    pub(super) wraps: u64,
    secrets: Vec<Secret>,
}

struct Secret {
    id: String,
    /// Every revision and its value; the last is live.
    revisions: Vec<(String, String)>,
}

impl House {
    pub(super) async fn make(served: &Served, secrets: usize, revisions: u64) -> Self {
        let token = served.admin_of("default").await;
        let writers = (0..READERS).map(|first| {
            let wire = served.with_token(&token);
            tokio::spawn(async move {
                let mut made = Vec::new();
                for number in (first..secrets).step_by(READERS) {
                    made.push(Secret::make(&wire, number, revisions).await);
                }
                made
            })
        });
        let mut all = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            all.extend(writer.await.expect("a writer ends"));
        }
        Self { token, wraps: secrets as u64 * revisions, secrets: all }
    }

    /// Reads one secret's live value.
    pub(super) async fn reads(&self, wire: &Wire, number: usize) -> Result<(), String> {
        let secret = &self.secrets[number % self.secrets.len()];
        secret.reads(wire, secret.revisions.len() - 1).await
    }

    /// Opens every secret's live value, and those of two of its earlier revisions.
    pub(super) async fn opens_whole(&self, served: &Served) -> Result<u64, String> {
        let wire = served.with_token(&self.token);
        let mut opened = 0;
        for (number, secret) in self.secrets.iter().enumerate() {
            let last = secret.revisions.len() - 1;
            for revision in [last, number % last, (number * 7 + 3) % last, last] {
                let body = json!({ "revisionId": secret.revisions[revision].0 });
                let path = format!("{BASE}/secrets/{}:rollback", secret.id);
                let reply = wire.send("POST", &path, Some(&body)).await;
                reply.map_err(|error| error.to_string())?.expect(200);
                secret.reads(&wire, revision).await?;
                opened += 1;
            }
        }
        Ok(opened)
    }
}

impl Secret {
    async fn make(wire: &Wire, number: usize, revisions: u64) -> Self {
        let value = |revision: u64| format!("rotated {number:04} {revision:04}");
        let body =
            json!({ "key": format!("R{number}"), "value": value(1), "disclosure": "READABLE" });
        let made = wire.send("POST", &format!("{BASE}/secrets"), Some(&body)).await;
        let made = made.expect("an answer").expect(201);
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let id = text(&made["id"]);
        let mut all = vec![(text(&made["publishedRevisionId"]), value(1))];
        for revision in 2..=revisions {
            let body = json!({ "value": value(revision) });
            let path = format!("{BASE}/secrets/{id}:publish");
            let published = wire.send("POST", &path, Some(&body)).await.expect("an answer");
            all.push((text(&published.expect(200)["id"]), value(revision)));
        }
        Self { id, revisions: all }
    }

    async fn reads(&self, wire: &Wire, revision: usize) -> Result<(), String> {
        let path = format!("{BASE}/secrets/{}:reveal", self.id);
        let reply = wire.send("POST", &path, Some(&json!({}))).await;
        let reply = reply.map_err(|error| format!("nobody answered: {error}"))?;
        if reply.status == 200 && reply.json()["value"] == self.revisions[revision].1 {
            return Ok(());
        }
        Err(format!("answered {} {}", reply.status, String::from_utf8_lossy(&reply.bytes)))
    }
}

/// Waits until every wrap is under the active version, or something else is wrong already.
pub(super) async fn wait_for_rewrap(home: &Home, wrong: impl Fn() -> bool) -> Result<(), String> {
    let limit = Instant::now() + REWRAP_LIMIT;
    while left(home) > 0 && !wrong() {
        if Instant::now() > limit {
            return Err(format!("{} wraps were not renewed", left(home)));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Whether exactly one version of the tenant's key is active, and it is the newest.
pub(super) fn one_active(home: &Home) -> Result<(), String> {
    let active = number(home, "SELECT count(*) FROM tenant_keys WHERE state = 1");
    let newest = number(home, "SELECT state FROM tenant_keys ORDER BY version DESC LIMIT 1");
    if (active, newest) == (1, 1) {
        return Ok(());
    }
    Err(format!("{active} versions of the key are active, and the newest has state {newest}"))
}

/// How many wraps are under another version than the active one.
pub(super) fn left(home: &Home) -> u64 {
    number(
        home,
        "SELECT count(*) FROM revisions WHERE key_version < \
         (SELECT coalesce(max(version), 0) FROM tenant_keys)",
    )
}

fn number(home: &Home, sql: &str) -> u64 {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let conn = Connection::open_with_flags(home.store(), flags).expect("the store's file");
    conn.execute_batch("PRAGMA query_only = ON").expect("a look");
    conn.busy_timeout(Duration::from_secs(5)).expect("patience");
    let number: i64 = conn.query_row(sql, [], |row| row.get(0)).expect("a number");
    u64::try_from(number).expect("a count")
}
