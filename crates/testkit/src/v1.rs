//! What actors do on the v1 surface in the tenant `default`, each as one sentence of a test.

use crate::{Actor, Reply};
use serde_json::{Value, json};

/// Where the tenant `default` is.
pub const DEFAULT: &str = "/v1/tenants/default";

impl Actor {
    /// Makes a secret out of this body; what was answered.
    pub async fn creates(&self, body: Value) -> Value {
        self.post(&format!("{DEFAULT}/secrets"), body).await.expect(201)
    }

    /// Makes a READABLE secret; its id.
    pub async fn keeps(&self, key: &str, value: &str) -> String {
        let body = json!({ "key": key, "value": value, "disclosure": "READABLE" });
        id_of(&self.creates(body).await)
    }

    /// Makes a READABLE secret of this tier; its id.
    pub async fn keeps_as(&self, tier: &str, key: &str, value: &str) -> String {
        let body =
            json!({ "key": key, "value": value, "disclosure": "READABLE", "sensitivity": tier });
        id_of(&self.creates(body).await)
    }

    /// Shows a secret.
    pub async fn shows(&self, secret: &str) -> Value {
        self.get(&format!("{DEFAULT}/secrets/{secret}")).await.expect(200)
    }

    /// Publishes a new value; the revision.
    pub async fn publishes(&self, secret: &str, value: &str) -> Value {
        let path = format!("{DEFAULT}/secrets/{secret}:publish");
        self.post(&path, json!({ "value": value })).await.expect(200)
    }

    /// Asks for a secret's value.
    pub async fn reveals(&self, secret: &str) -> Reply {
        self.post(&format!("{DEFAULT}/secrets/{secret}:reveal"), json!({})).await
    }

    /// Asks for many.
    pub async fn reveals_all(&self, items: Value) -> Reply {
        self.post(&format!("{DEFAULT}/secrets:reveal"), json!({ "items": items })).await
    }

    /// Mints a token.
    pub async fn mints(&self, body: Value) -> Value {
        self.post(&format!("{DEFAULT}/tokens:generate"), body).await.expect(201)
    }

    /// Every event that matches the query, newest first.
    pub async fn events(&self, query: &str) -> Vec<Value> {
        self.all_events(&format!("{DEFAULT}/auditEvents"), query).await
    }

    /// The same of another log.
    pub async fn all_events(&self, log: &str, query: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!("{log}?pageSize=1000{token}&{query}");
            let mut page = self.get(&path).await.expect(200);
            events.append(page["items"].as_array_mut().expect("items"));
            match page["nextPageToken"].as_str() {
                Some(next) => token = format!("&pageToken={next}"),
                None => return events,
            }
        }
    }
}

/// The id in an answer.
#[must_use]
pub fn id_of(answer: &Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

/// An object's members and what they are, in alphabetical order: `["id: string", "note: null"]`.
#[must_use]
pub fn shape(object: &Value) -> Vec<String> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let members = object.as_object().expect("an object");
    let mut shape: Vec<String> =
        members.iter().map(|(name, value)| format!("{name}: {}", kind(value))).collect();
    shape.sort();
    shape
}
