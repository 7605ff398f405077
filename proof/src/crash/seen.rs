//! What the server shows of one writer's things.

use super::{
    sent::Ids,
    state::{Seen, grouped_line, line, token_line},
    tenant::text,
};
use crate::wire::Wire;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What was seen, and the ids that came with it.
#[derive(Default)]
pub(super) struct Look {
    pub(super) seen: Seen,
    pub(super) ids: Ids,
    /// Secrets whose values are to be revealed: by id, the name of their line.
    lines: BTreeMap<String, String>,
}

impl Look {
    /// Looks at everything of a writer's, with a token of the tenant.
    ///
    /// # Errors
    /// What is not answered, or contradicts itself.
    pub(super) async fn at(wire: &Wire, tenant: &str, writer: &str) -> Result<Self, String> {
        let mut look = Self::default();
        let v1 = format!("/v1/tenants/{tenant}");
        let secrets = list(wire, &format!("{v1}/secrets")).await?;
        let mine = format!("{writer}_");
        for secret in secrets.iter().filter(|secret| text(&secret["key"]).starts_with(&mine)) {
            look.secret(wire, &v1, secret).await?;
        }
        let mine = format!("{writer}-t");
        for token in list(wire, &format!("{v1}/tokens")).await? {
            let name = text(&token["name"]);
            if name.starts_with(&mine) {
                let line = token_line(!token["revokedAt"].is_null());
                look.ids.insert(format!("token {name}"), text(&token["id"]));
                look.seen.insert(format!("token {name}"), line.to_owned());
            }
        }
        look.groups(wire, &format!("{writer}-g")).await?;
        look.values(wire, &v1).await?;
        Ok(look)
    }

    async fn secret(&mut self, wire: &Wire, v1: &str, secret: &Value) -> Result<(), String> {
        let (id, key) = (text(&secret["id"]), text(&secret["key"]));
        let path = format!("{v1}/secrets/{id}");
        let revisions = list(wire, &format!("{path}/revisions")).await?;
        for revision in &revisions {
            let name = format!("revision {key} {}", revision["version"]);
            self.ids.insert(name, text(&revision["id"]));
        }
        in_order(&key, &revisions)?;
        let published = list(wire, &format!("{path}/publications")).await?;
        let published: Vec<u64> =
            published.iter().rev().filter_map(|one| one["version"].as_u64()).collect();
        if published.last().copied() != secret["publishedVersion"].as_u64() {
            return Err(format!("{key} is half published: {secret} after {published:?}"));
        }
        let grants = list(wire, &format!("{path}/grants")).await?;
        let grants = grants.iter().map(|grant| text(&grant["agentId"])).collect();
        let (tier, until) = (text(&secret["sensitivity"]), secret["expiresOn"].as_u64());
        let versions = revisions.len() as u64;
        let line = line(&tier, until.unwrap_or(0), versions, &published, &grants, "");
        self.keep(format!("secret {key}"), id, line);
        Ok(())
    }

    async fn groups(&mut self, wire: &Wire, mine: &str) -> Result<(), String> {
        for group in data(wire, "/api/svc/v1/secret-groups?limit=100").await? {
            let (id, name) = (text(&group["id"]), text(&group["name"]));
            if !name.starts_with(mine) {
                continue;
            }
            let held = group["associatedSecrets"].as_array().cloned().unwrap_or_default();
            self.ids.insert(format!("group {name}"), id);
            self.seen.insert(format!("group {name}"), format!("{} secrets", held.len()));
            for secret in &held {
                let (id, key) = (text(&secret["id"]), text(&secret["name"]));
                let versions = data(wire, &format!("/api/svc/v1/secrets/{id}/versions")).await?;
                in_order(&key, &versions)?;
                let line = grouped_line(versions.len() as u64, "");
                self.keep(format!("group {name} {key}"), id, line);
            }
        }
        Ok(())
    }

    fn keep(&mut self, name: String, id: String, line: String) {
        self.seen.insert(name.clone(), line);
        self.lines.insert(id.clone(), name.clone());
        self.ids.insert(name, id);
    }

    /// Puts each live value at the end of its line.
    async fn values(&mut self, wire: &Wire, v1: &str) -> Result<(), String> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let items: Vec<Value> = self.lines.keys().map(|id| json!({ "id": id })).collect();
        let body = json!({ "items": items });
        let revealed = wire.asked("POST", &format!("{v1}/secrets:reveal"), Some(&body)).await?;
        for item in revealed["items"].as_array().unwrap_or(&Vec::new()) {
            let name = self.lines.get(&text(&item["id"])).cloned().unwrap_or_default();
            let value = item["value"].as_str().ok_or(format!("{name} has no value: {item}"))?;
            self.seen.entry(name).or_default().push_str(value);
        }
        Ok(())
    }
}

/// Newest first, from 1, without gaps.
fn in_order(key: &str, versions: &[Value]) -> Result<(), String> {
    let numbers = versions.iter().rev().map(|version| version["version"].as_u64().unwrap_or(0));
    if numbers.eq(1..=versions.len() as u64) { Ok(()) } else { Err(format!("{key}: {versions:?}")) }
}

async fn list(wire: &Wire, path: &str) -> Result<Vec<Value>, String> {
    Ok(wire.asked("GET", path, None).await?.as_array().cloned().unwrap_or_default())
}

async fn data(wire: &Wire, path: &str) -> Result<Vec<Value>, String> {
    Ok(wire.asked("GET", path, None).await?["data"].as_array().cloned().unwrap_or_default())
}
