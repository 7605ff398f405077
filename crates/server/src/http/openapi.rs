//! The OpenAPI document: generated from the routes, finished here with what all of them share.
#![expect(
    clippy::indexing_slicing,
    reason = "a JSON object indexed by name reads null and writes a member; nothing here is an array index"
)]

use super::{problem::Answer, router, verbs};
use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use subrosa_api::Problem;
use utoipa::PartialSchema;

/// The document as text, made once, when it is first asked for.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

/// This API's description.
#[utoipa::path(get, path = "/openapi.json", tag = "server",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn openapi() -> Answer {
    let mut response = Response::new(Body::from(DOCUMENT.as_str()));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

/// The same, where Fruxon's clients look for it.
#[utoipa::path(get, path = "/swagger/v1/swagger.json", tag = "server",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn openapi_as_swagger() -> Answer {
    openapi().await
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let (_router, described) = router::described().split_for_parts();
    let mut document = serde_json::to_value(&described).unwrap_or_default();
    document["info"] = json!({
        "title": "Subrosa",
        "description": "Secrets that can be used without being seen, every use on record.",
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    let schemas = &mut document["components"]["schemas"];
    schemas["Problem"] = serde_json::to_value(Problem::schema()).unwrap_or_default();
    document["components"]["securitySchemes"] = credentials();
    document["components"]["responses"] = json!({
        "Problem": {
            "description": "Refused or failed: see `code`.",
            "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
            },
        },
    });
    let paths = document["paths"].as_object_mut().map(std::mem::take).unwrap_or_default();
    let public = paths.into_iter().map(|(route, mut methods)| {
        let methods_by_name = methods.as_object_mut().into_iter().flatten();
        methods_by_name.for_each(|(_, operation)| finish(&route, operation));
        (verbs::public(&route), methods)
    });
    document["paths"] = Value::Object(public.collect::<Map<_, _>>());
    document
}

/// The ways to say who asks. Which of them opens an operation, and with which scope, each operation says itself: where
/// it names no scope, any credential of the tenant does, and `{}` is nobody in particular.
fn credentials() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of ours, or a JWT of an OpenID provider that the tenant is configured to trust. \
                People get the latter from their provider by the authorization code flow with PKCE; this server \
                only checks it.",
        },
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-KEY",
            "description": "The same as a bearer token, on the walletcrew paths alone.",
        },
        "operator": {
            "type": "http",
            "scheme": "unix-socket",
            "description": "No header: whoever comes over the server's own socket, as the user who runs it or as \
                root. The operator may do under /v1 whatever a token may, and this besides.",
        },
    })
}

/// What every operation shares: its path's parameters and its refusals.
fn finish(route: &str, operation: &mut Value) {
    let named = |segment: &str| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let schema = match name {
            "tenant" => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$" }),
            "agent" => json!({ "type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$" }),
            "key" => json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,127}$" }),
            "code" => json!({ "type": "string", "pattern": "^[A-Za-z-]{8,9}$" }),
            "deviceCode" => json!({ "type": "string", "pattern": "^[0-9A-Za-z]{43}$" }),
            "resourceType" => json!({ "type": "string", "enum": ["secret-group"] }),
            // A token's id, or the name that old clients mint one by.
            "token" if route.starts_with("/api/svc/") => {
                json!({ "type": "string", "pattern": "^[a-z0-9-]{3,36}$" })
            }
            "keyName" => json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$" }),
            _ => json!({ "type": "string", "format": "uuid" }),
        };
        Some(json!({ "name": name, "in": "path", "required": true, "schema": schema }))
    };
    let mut parameters: Vec<Value> = route.split('/').filter_map(named).collect();
    if let Some(own) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        // utoipa guesses the path's parameters too, without knowing what they look like.
        parameters.extend(own.drain(..).filter(|parameter| parameter["in"] != "path"));
    }
    if route.starts_with("/v1/") && answers(operation)["type"] == "array" {
        parameters.push(json!({
            "name": "pageSize", "in": "query", "schema": { "type": "integer", "minimum": 1 },
            "description": "With this or pageToken the answer is a page: {items, nextPageToken, totalCount}.",
        }));
        parameters.push(page_token());
        let answers = &mut operation["responses"]["200"]["content"]["application/json"]["schema"];
        *answers = list_or_page(answers.take());
    } else if answers_pages(operation) {
        parameters.push(json!({
            "name": "pageSize", "in": "query", "schema": { "type": "integer", "minimum": 1 },
        }));
        parameters.push(page_token());
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    // A body that may be left out is still no null.
    let schema = "/requestBody/content/application~1json/schema";
    let choice = operation.pointer(&format!("{schema}/oneOf")).and_then(Value::as_array);
    let own = choice.and_then(|one| one.iter().find(|one| one["type"] != "null")).cloned();
    if let (Some(own), Some(schema)) = (own, operation.pointer_mut(schema)) {
        *schema = own;
        operation["requestBody"]["required"] = false.into();
    }
    let guarded = operation["security"][0].as_object().is_some_and(|one| !one.is_empty());
    let statuses: &[&str] =
        if guarded { &["400", "401", "403", "404", "503", "default"] } else { &["default"] };
    for status in statuses {
        operation["responses"][status] = json!({ "$ref": "#/components/responses/Problem" });
    }
}

fn page_token() -> Value {
    json!({ "name": "pageToken", "in": "query", "schema": { "type": "string" } })
}

/// What a list answers: all of it, or a page of it.
fn list_or_page(list: Value) -> Value {
    let page = json!({
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": list,
            "nextPageToken": { "type": ["string", "null"] },
            "totalCount": { "type": ["integer", "null"], "minimum": 0 },
        },
    });
    json!({ "oneOf": [list, page] })
}

/// Whether an operation always answers pages.
fn answers_pages(operation: &Value) -> bool {
    answers(operation)["$ref"].as_str().is_some_and(|name| name.contains("/Page"))
}

/// The schema of what an operation answers when all is well.
fn answers(operation: &Value) -> &Value {
    &operation["responses"]["200"]["content"]["application/json"]["schema"]
}
