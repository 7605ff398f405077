//! What a worker may ask for, over all three surfaces: each request right, if what it names is still there.

use super::{
    acts::{Worker, cap},
    load::Shows,
};
use crate::dice::Dice;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// A request as it is to be sent.
pub(super) struct Ask {
    pub(super) kind: &'static str,
    pub(super) shows: Shows,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

impl Worker {
    /// The request that a number below 80 means.
    pub(super) fn ask(&mut self, draw: u64) -> Ask {
        let v1 = format!("/v1/tenants/{}", self.tenant);
        let ask = |kind, shows, method, path: String, body| Ask { kind, shows, method, path, body };
        let nothing = |kind, method, path, body| ask(kind, Shows::Nothing, method, path, body);
        match draw {
            0..10 => {
                let mut body = self.valued();
                let tiers = ["STANDARD", "STANDARD", "PII", "PHI", "FINANCIAL", "REGULATED"];
                body["key"] = json!(format!("K-{}-{}", self.number, self.count));
                body["sensitivity"] = json!(tiers[self.dice.below(6) as usize]);
                let open = self.dice.below(5) > 0;
                body["disclosure"] = json!(if open { "READABLE" } else { "USE_ONLY" });
                body["note"] = json!("a note");
                nothing("create", "POST", format!("{v1}/secrets"), Some(body))
            }
            10..22 => {
                let (path, body) = (self.some_secret() + ":publish", self.valued());
                nothing("publish", "POST", path, Some(body))
            }
            22..26 => {
                let (path, mut body) = (self.some_secret(), self.valued());
                body["description"] = json!("described");
                nothing("patch", "PATCH", path, Some(body))
            }
            26..42 => {
                let path = self.some_secret() + ":reveal";
                ask("reveal", Shows::Value, "POST", path, Some(json!({})))
            }
            42..45 => {
                let some: Vec<Value> =
                    self.secrets.iter().take(20).map(|id| json!({ "id": id })).collect();
                let path = format!("{v1}/secrets:reveal");
                ask("batch", Shows::Value, "POST", path, Some(json!({ "items": some })))
            }
            45..50 => self.looks(&v1),
            50..58 => {
                let name = format!("W-{}-{}", self.number, self.dice.below(40));
                let (path, value) = (format!("/api/{}/secrets/{name}", self.tenant), self.value());
                self.names.push(name);
                cap(&mut self.names);
                nothing("put by name", "PUT", path, Some(json!({ "value": value })))
            }
            58..65 => {
                let name = some(&mut self.dice, &self.names);
                let path = format!("/api/{}/secrets/{name}", self.tenant);
                ask("read by name", Shows::Value, "GET", path, None)
            }
            65..67 => {
                let name = some(&mut self.dice, &self.names);
                nothing(
                    "delete by name",
                    "DELETE",
                    format!("/api/{}/secrets/{name}", self.tenant),
                    None,
                )
            }
            67..70 => self.groups_values(),
            70..74 => {
                let id = some(&mut self.dice, &self.members);
                let path = format!("/api/svc/v1/secrets/{id}");
                ask("read of a group", Shows::Value, "GET", path, None)
            }
            74..75 => {
                let body = json!({ "withValue": true, "limit": 10 });
                let path = "/api/svc/v1/secrets".to_owned();
                ask("list with values", Shows::Value, "POST", path, Some(body))
            }
            75..78 => {
                let path = self.some_secret();
                nothing("delete", "DELETE", path, None)
            }
            _ => self.credentials(&v1),
        }
    }

    /// A group's secrets, made or replaced.
    fn groups_values(&mut self) -> Ask {
        let base = "/api/svc/v1/secret-groups";
        let nothing = Shows::Nothing;
        let Some(store) = self.store.clone() else {
            let path = "/api/svc/v1/provider-integrations".to_owned();
            return Ask { kind: "stores", shows: nothing, method: "GET", path, body: None };
        };
        let mut secret = |key: &str| json!({ "key": key, "value": self.value() });
        let secrets = [secret("ONE"), secret("TWO")];
        if self.groups.len() < 4 || self.dice.below(8) == 0 {
            let name = format!("g-{}-{}", self.number, self.count);
            let body = json!({ "name": name, "integrationId": store, "secrets": secrets });
            let (kind, path) = ("make a group", base.to_owned());
            return Ask { kind, shows: nothing, method: "POST", path, body: Some(body) };
        }
        let path = format!("{base}/{}", some(&mut self.dice, &self.groups));
        let body = Some(json!({ "secrets": secrets }));
        Ask { kind: "replace a group", shows: nothing, method: "PUT", path, body }
    }

    /// What shows that there are values and what was done with them, and no value.
    fn looks(&mut self, v1: &str) -> Ask {
        let secret = self.some_secret();
        let known = some(&mut self.dice, &self.members);
        let (kind, path) = match self.dice.below(14) {
            0 => ("list", format!("{v1}/secrets?pageSize=50")),
            1 => ("show", secret),
            2 => ("revisions", format!("{secret}/revisions?pageSize=50")),
            3 => ("publications", format!("{secret}/publications?pageSize=50")),
            4 => ("events", format!("{v1}/auditEvents?pageSize=100")),
            5 => ("events of credentials", format!("{v1}/credentialAuditEvents?pageSize=100")),
            6 => ("metrics", "/metrics".to_owned()),
            7 => ("names", format!("/api/{}/secrets?page=1&pageSize=20", self.tenant)),
            8 => ("groups", "/api/svc/v1/secret-groups?limit=10".to_owned()),
            9 => ("versions", format!("/api/svc/v1/secrets/{known}/versions")),
            10 => ("audit logs", "/api/svc/v1/audit-logs?metric=list&limit=50".to_owned()),
            11 => ("tokens", format!("{v1}/tokens?pageSize=50")),
            12 => ("accounts", "/api/svc/v1/virtual-accounts?limit=50".to_owned()),
            _ => ("grants", format!("{secret}/grants")),
        };
        Ask { kind, shows: Shows::Nothing, method: "GET", path, body: None }
    }

    /// Credentials and keys, which are made seldom.
    fn credentials(&mut self, v1: &str) -> Ask {
        let (name, shows) = (format!("t-{}-{}", self.number, self.count), Shows::Token);
        let post = |kind, path, body| Ask { kind, shows, method: "POST", path, body: Some(body) };
        let token = format!("{v1}/tokens/{}", some(&mut self.dice, &self.tokens));
        match self.dice.below(24) {
            0 | 1 => {
                let body = json!({ "scopes": ["secrets:read"], "name": name });
                post("mint", format!("{v1}/tokens:generate"), body)
            }
            2 => post("rotate a token", token + ":rotate", json!({})),
            3 => post("make an account", format!("{v1}/serviceAccounts"), json!({})),
            4 => {
                let account = some(&mut self.dice, &self.accounts);
                post(
                    "rotate an account",
                    format!("{v1}/serviceAccounts/{account}:rotate"),
                    json!({}),
                )
            }
            5 => {
                let path = format!("/api/{}/admin/apiKeys", self.tenant);
                post("make an API key", path, json!({ "name": name }))
            }
            6 => {
                let path = "/api/svc/v1/personal-access-tokens".to_owned();
                post("make a personal token", path, json!({ "name": name }))
            }
            7 => {
                let store = format!("tfy-secret://{}:group:key", self.tenant);
                let group = self.group.as_deref().unwrap_or_default();
                let permission = json!({ "resource_fqn": group, "resource_type": "secret-group",
                    "role_id": "secret-group-viewer" });
                let manifest = json!({ "type": "virtual-account", "name": name,
                    "permissions": [permission], "tags": { "where": store } });
                let (path, body) =
                    ("/api/svc/v1/virtual-accounts", json!({ "manifest": manifest }));
                let path = path.to_owned();
                Ask { kind: "make a virtual account", shows, method: "PUT", path, body: Some(body) }
            }
            8 => {
                let (kind, method) = ("revoke a token", "DELETE");
                Ask { kind, shows: Shows::Nothing, method, path: token, body: None }
            }
            9 => {
                let (kind, path) = ("rotate the keys", format!("{v1}/keys:rotate"));
                Ask { kind, shows: Shows::Nothing, method: "POST", path, body: None }
            }
            _ => {
                let path = self.some_secret() + "/grants/an-agent";
                let (kind, method) = ("grant", "PUT");
                Ask { kind, shows: Shows::Nothing, method, path, body: None }
            }
        }
    }

    /// The members of a body that has a value.
    fn valued(&mut self) -> Value {
        if self.dice.below(3) == 0 {
            let length = self.length();
            let bytes = self.marker.bytes(self.number_now(), length);
            json!({ "valueBase64": BASE64_STANDARD.encode(bytes) })
        } else {
            json!({ "value": self.value() })
        }
    }
}

/// One of these, or the id of nothing.
pub(super) fn some(dice: &mut Dice, known: &[String]) -> String {
    const NOTHING: &str = "01900000-0000-7000-8000-000000000000";
    if known.is_empty() {
        NOTHING.to_owned()
    } else {
        known[dice.below(known.len() as u64) as usize].clone()
    }
}
