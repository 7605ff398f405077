//! The API's description as tests ask it: its operations, their paths with ids in place, bodies that fit.

use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use subrosa_server::http::openapi;

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
}

/// Every operation of the description.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let document = openapi::document();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            let query = operation["parameters"].as_array().into_iter().flatten();
            let query = query.filter(|parameter| parameter["in"] == "query");
            all.push(Operation {
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                body: (!body.is_null()).then(|| followed(&document, body)),
                query: query.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
            });
        }
    }
    assert!(all.len() > 40, "{} operations", all.len());
    all
}

/// A path with these in place of its parameters.
#[must_use]
pub fn filled(path: &str, ids: &BTreeMap<String, String>) -> String {
    ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
}

impl Operation {
    /// `POST /v1/…`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Its path with these in place of its parameters.
    #[must_use]
    pub fn at(&self, ids: &BTreeMap<String, String>) -> String {
        filled(&self.path, ids)
    }

    /// The names of its path's parameters, in order.
    #[must_use]
    pub fn parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
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
