//! What is sent for a step, and what its answer tells.

use super::{
    state::TIERS,
    step::{Set, Step},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is known of ids: by what has them, as in "secret KEY".
pub(super) type Ids = BTreeMap<String, String>;

/// What is sent for a step.
pub(super) struct Sent {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The answer that acknowledges it.
    pub(super) status: u16,
}

impl Step {
    /// What is sent. `store` is what groups are bound to.
    pub(super) fn sent(&self, tenant: &str, store: &str, ids: &Ids) -> Sent {
        let id = |of: String| ids.get(&of).cloned().unwrap_or_default();
        let v1 = format!("/v1/tenants/{tenant}");
        let secret = |key: &str| format!("{v1}/secrets/{}", id(format!("secret {key}")));
        let token = |name: &str| format!("{v1}/tokens/{}", id(format!("token {name}")));
        let groups = "/api/svc/v1/secret-groups";
        let group = |name: &str| format!("{groups}/{}", id(format!("group {name}")));
        let (method, path, body, status) = match self {
            Self::Create { key, tier, value } => {
                let (tier, open) = (TIERS[*tier], "READABLE");
                let body = json!(
                    { "key": key, "value": value, "sensitivity": tier, "disclosure": open });
                ("POST", format!("{v1}/secrets"), Some(body), 201)
            }
            Self::Publish { key, value } => {
                let path = format!("{}:publish", secret(key));
                ("POST", path, Some(json!({ "value": value })), 200)
            }
            Self::Rollback { key, to } => {
                let body = json!({ "revisionId": id(format!("revision {key} {to}")) });
                ("POST", format!("{}:rollback", secret(key)), Some(body), 200)
            }
            Self::Patch { key, tier, until, value } => {
                let mut body = json!({ "expiresOn": until });
                if let Some(tier) = tier {
                    body["sensitivity"] = json!(TIERS[*tier]);
                }
                if let Some(value) = value {
                    body["value"] = json!(value);
                }
                ("PATCH", secret(key), Some(body), 200)
            }
            Self::Delete { key } => ("DELETE", secret(key), None, 204),
            Self::Grant { key, agent } => {
                ("PUT", format!("{}/grants/{agent}", secret(key)), None, 200)
            }
            Self::Ungrant { key, agent } => {
                ("DELETE", format!("{}/grants/{agent}", secret(key)), None, 204)
            }
            Self::Mint { name } => {
                let body = json!({ "name": name, "scopes": ["secrets:read"] });
                ("POST", format!("{v1}/tokens:generate"), Some(body), 201)
            }
            Self::Rotate { name, to } => {
                ("POST", format!("{}:rotate", token(name)), Some(json!({ "name": to })), 200)
            }
            Self::Revoke { name } => ("DELETE", token(name), None, 204),
            Self::Group { name, set } => {
                let body = json!({ "name": name, "integrationId": store, "secrets": items(set) });
                ("POST", groups.to_owned(), Some(body), 200)
            }
            Self::Replace { name, set } => {
                ("PUT", group(name), Some(json!({ "secrets": items(set) })), 200)
            }
            Self::Ungroup { name } => ("DELETE", group(name), None, 200),
        };
        Sent { method, path, body, status }
    }

    /// Keeps the ids that an answer tells.
    pub(super) fn learn(&self, answer: &Value, ids: &mut Ids) {
        let mut keep = |of: String, id: &Value| {
            if let Some(id) = id.as_str() {
                ids.insert(of, id.to_owned());
            }
        };
        match self {
            Self::Create { key, .. } => {
                keep(format!("secret {key}"), &answer["id"]);
                keep(format!("revision {key} 1"), &answer["publishedRevisionId"]);
            }
            Self::Publish { key, .. } => {
                keep(format!("revision {key} {}", answer["version"]), &answer["id"]);
            }
            Self::Patch { key, .. } => {
                let version = &answer["publishedVersion"];
                keep(format!("revision {key} {version}"), &answer["publishedRevisionId"]);
            }
            Self::Mint { name } | Self::Rotate { to: name, .. } => {
                keep(format!("token {name}"), &answer["id"]);
                keep(format!("plain {name}"), &answer["token"]);
            }
            Self::Group { name, .. } => keep(format!("group {name}"), &answer["data"]["id"]),
            _ => {}
        }
    }
}

fn items(set: &Set) -> Vec<Value> {
    let item = |(key, value): (&String, &Option<String>)| match value {
        Some(value) => json!({ "key": key, "value": value }),
        None => json!({ "key": key }),
    };
    set.iter().map(item).collect()
}
