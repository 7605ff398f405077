//! A tenant that is written to, and its log as the operator reads it.

use super::state::Event;
use crate::wire::Wire;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often something is looked for that was just acknowledged.
const LOOKS: usize = 200;

/// Actions that writers do not do: those of the operator, of the server itself, and of whoever compares.
const OTHERS: [&str; 3] = ["tenant.create", "token.mint", "audit.gap"];

/// A tenant.
pub(super) struct Tenant {
    pub(super) slug: &'static str,
}

/// A token and who it is.
pub(super) struct Token {
    pub(super) id: String,
    pub(super) plain: String,
}

impl Tenant {
    pub(super) async fn make(operator: &Wire, slug: &'static str) -> Result<Self, String> {
        let tenant = Self { slug };
        operator.asked("POST", "/v1/tenants", Some(&json!({ "slug": slug }))).await?;
        visible(operator, &format!("/v1/tenants/{slug}")).await?;
        Ok(tenant)
    }

    /// The path of something of this tenant's.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/v1/tenants/{}/{rest}", self.slug)
    }

    /// A token that may do everything here.
    pub(super) async fn token(&self, operator: &Wire, name: &str) -> Result<Token, String> {
        let body = json!({ "name": name, "preset": "admin" });
        let minted = operator.asked("POST", &self.path("tokens:generate"), Some(&body)).await?;
        let (id, plain) = (text(&minted["id"]), text(&minted["token"]));
        visible(operator, &self.path(&format!("tokens/{id}"))).await?;
        Ok(Token { id, plain })
    }

    /// The store that groups of this tenant are bound to.
    pub(super) async fn store(&self, wire: &Wire) -> Result<String, String> {
        let found = wire.asked("GET", "/api/svc/v1/provider-integrations", None).await?;
        Ok(text(&found["data"][0]["id"]))
    }

    /// What the log has of each token, oldest first, reveals and refusals left out.
    pub(super) async fn log(&self, wire: &Wire) -> Result<BTreeMap<String, Vec<Event>>, String> {
        let mut log: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for event in self.events(wire).await?.iter().rev() {
            let action = text(&event["action"]);
            let (refused, revealed) = (event["decision"] != "ALLOWED", action == "secret.reveal");
            match event["actor"]["token"].as_str() {
                _ if refused || revealed => {}
                Some(token) => {
                    let (key, revision) = (text(&event["resource"]["key"]), &event["revision"]);
                    let event = Event::new(&action, &key, revision.as_u64());
                    log.entry(token.to_owned()).or_default().push(event);
                }
                None if OTHERS.contains(&&*action) => {}
                None => return Err(format!("{}: an event of nobody's: {event}", self.slug)),
            }
        }
        Ok(log)
    }

    /// Every event, newest first; their places have no gap.
    async fn events(&self, wire: &Wire) -> Result<Vec<Value>, String> {
        let events = wire.listed(&self.path("auditEvents")).await?;
        let places = events.iter().rev().map(|event| event["seq"].as_u64().unwrap_or(0));
        if !places.eq(1..=events.len() as u64) {
            return Err(format!("{}: the log has a gap", self.slug));
        }
        Ok(events)
    }
}

/// Has the server check a chain.
pub(super) async fn verify(wire: &Wire, path: &str) -> Result<(), String> {
    let verified = wire.asked("GET", path, None).await?;
    if verified["intact"] == true { Ok(()) } else { Err(format!("{path}: {verified}")) }
}

/// Waits until something that was acknowledged is there. That it is at once is another proof's matter.
async fn visible(wire: &Wire, path: &str) -> Result<(), String> {
    for _ in 0..LOOKS {
        if wire.asked("GET", path, None).await.is_ok() {
            return Ok(());
        }
    }
    Err(format!("{path} was acknowledged and is not there"))
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
