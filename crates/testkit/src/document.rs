//! The API's description as tests ask it: its operations, their paths with ids in place, bodies that fit.

use crate::{Actor, belongings::Ids};
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use subrosa_domain::audit::Surface;
use subrosa_server::http::openapi;

/// What opens an operation, as the description says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opens {
    /// Nothing: it is for everyone.
    Everyone,
    /// Any credential, of the tenant where the path names one.
    Any,
    /// A credential with this scope.
    Scope(String),
    /// Being the operator.
    Operator,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path, `{parameters}` and all.
    pub path: String,
    /// The body's schema, references followed.
    pub body: Option<Value>,
    /// Its query parameters' names.
    pub query: Vec<String>,
    /// What opens it.
    pub opens: Opens,
    /// Whether the credential may come as `X-API-KEY`.
    pub by_api_key: bool,
    /// The least role it takes in a group that is not `default`, where it takes one.
    pub role: Option<String>,
    /// Whether the credential it comes with works no more afterwards.
    pub ends_credential: bool,
}

/// Every operation of the description; last, what ends the credential it comes with.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let document = openapi::document();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let (opens, ways) = opens(&operation["security"]);
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            let query = operation["parameters"].as_array().into_iter().flatten();
            let query = query.filter(|parameter| parameter["in"] == "query");
            all.push(Operation {
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                body: (!body.is_null()).then(|| followed(&document, body)),
                query: query.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
                by_api_key: ways.contains("apiKey"),
                role: operation["x-role"].as_str().map(str::to_owned),
                ends_credential: operation["x-ends-credential"] == true,
                opens,
            });
        }
    }
    assert!(all.len() > 40, "{} operations", all.len());
    all.sort_by_key(|one| one.ends_credential);
    all
}

/// What an operation's security says, and by which ways a credential may come. Every way must say the same.
fn opens(security: &Value) -> (Opens, BTreeSet<String>) {
    let said = security.as_array().expect("every operation says what opens it");
    let ways: Vec<(&String, &Value)> =
        said.iter().flat_map(|one| one.as_object().unwrap()).collect();
    let names: BTreeSet<String> = ways.iter().map(|(name, _)| (*name).clone()).collect();
    let Some((first, scopes)) = ways.first() else { return (Opens::Everyone, names) };
    assert!(ways.iter().all(|(_, others)| others == scopes), "one scope, whichever the way");
    let scopes = scopes.as_array().unwrap();
    assert!(scopes.len() <= 1, "one scope opens an operation, not {scopes:?}");
    let opens = match (first.as_str(), scopes.first()) {
        ("operator", _) => Opens::Operator,
        (_, None) => Opens::Any,
        (_, Some(scope)) => Opens::Scope(scope.as_str().unwrap().to_owned()),
    };
    (opens, names)
}

impl Operation {
    /// `POST /v1/…`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The surface it belongs to; what is on no path of another's is on ours.
    #[must_use]
    pub fn surface(&self) -> Surface {
        match &self.path {
            path if path.starts_with("/api/svc/") => Surface::Truefoundry,
            path if path.starts_with("/api/") => Surface::Walletcrew,
            _ => Surface::V1,
        }
    }

    /// Which of the two may do everything there is: the operator, whose socket speaks our surface alone, or an
    /// administrator of the tenant.
    #[must_use]
    pub fn master<'a>(&self, operator: &'a Actor, admin: &'a Actor) -> &'a Actor {
        if self.surface() == Surface::V1 { operator } else { admin }
    }

    /// Its path with these in place of its parameters.
    #[must_use]
    #[track_caller]
    pub fn at(&self, ids: &Ids) -> String {
        ids.fill(self.surface(), &self.path)
    }

    /// The names of its path's parameters, in order.
    #[must_use]
    pub fn parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    /// Whether what stands in this place of the path names a thing of a tenant. Else it is the tenant itself, a word of
    /// the surface, a name that the caller chooses (one that nothing has yet is as good as another), or the code of a
    /// device, which is no tenant's and at which guesses are counted.
    #[must_use]
    pub fn names_a_thing(&self, place: &str) -> bool {
        match self.surface() {
            Surface::Walletcrew if self.method == Method::PUT => place == "keyName",
            Surface::Truefoundry => place != "resourceType",
            _ => !["tenant", "agent", "code"].contains(&place),
        }
    }

    /// Whether a foreign id in this place of the path filters a list, instead of naming a thing.
    #[must_use]
    pub fn is_filter(&self, place: &str) -> bool {
        self.surface() == Surface::V1 && place == "credential"
    }

    /// A body that fits, if it takes one.
    #[must_use]
    pub fn example(&self) -> Option<Value> {
        self.body.as_ref().map(example)
    }
}

/// A value that fits a schema: objects have what they must, and a value if they may.
#[must_use]
pub fn example(schema: &Value) -> Value {
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.last()) {
        return word.clone();
    }
    match kind(schema) {
        "object" => {
            let members = schema["properties"].as_object().cloned().unwrap_or_default();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let wanted = members.iter().filter(|(name, _)| {
                *name == "value" || required.iter().any(|one| one == name.as_str())
            });
            wanted
                .map(|(name, schema)| (name.clone(), example(schema)))
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => json!([]),
        "integer" => json!(1),
        "number" => json!(1.5),
        "boolean" => json!(true),
        _ if schema["format"] == "uuid" => json!("01900000-0000-7000-8000-000000000000"),
        _ => json!("example"),
    }
}

/// What a schema takes, null aside.
#[must_use]
pub fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string")
        }
        kind => kind.as_str().unwrap_or("string"),
    }
}

/// A schema with every reference in it followed. A choice between null and something is that something.
fn followed(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return followed(document, &document["components"]["schemas"][name]);
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        let choices = schema[choice].as_array().into_iter().flatten();
        if let Some(one) = choices.into_iter().find(|one| one["type"] != "null") {
            return followed(document, one);
        }
    }
    let mut schema = schema.clone();
    if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        members.values_mut().for_each(|member| *member = followed(document, member));
    }
    if let Some(items) = schema.get_mut("items") {
        *items = followed(document, items);
    }
    schema
}
