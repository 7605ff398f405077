//! The walletcrew surface as a plain HTTP caller walks it: every route, and every answer to the byte.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod api_keys;
mod credential;
mod lists;
mod on_record;
mod reading;
mod secrets;
mod use_of_keys;
mod validity;

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;
use subrosa_testkit::{Actor, Reply, TestServer};

/// Where the secrets of the tenant `default` are.
const SECRETS: &str = "/api/default/secrets";

/// Where its API keys are.
const KEYS: &str = "/api/default/admin/apiKeys";

/// Where a secret is.
fn secret(key: &str) -> String {
    format!("{SECRETS}/{key}")
}

/// Where an API key is.
fn key(name: &str) -> String {
    format!("{KEYS}/{name}")
}

/// A request with these headers and no other credential.
async fn with(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = Request::builder().method(method).uri(path);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    server.stranger().send_whole(request.body(Body::empty()).unwrap()).await
}

/// A GET of a value as someone who accepts this.
async fn accepting(server: &TestServer, who: &Actor, key: &str, accept: &str) -> Reply {
    let bearer = format!("Bearer {}", who.token().unwrap());
    let headers = [("authorization", &*bearer), ("accept", accept)];
    with(server, Method::GET, &secret(key), &headers).await
}

/// All of an answer but its request's id: its status, its headers and the bytes of its body.
fn bare(reply: &Reply) -> (u16, Vec<String>, String) {
    let id = reply.headers["x-request-id"].to_str().unwrap();
    let headers = reply.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let mut headers: Vec<String> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    let body = String::from_utf8(reply.bytes.clone()).unwrap();
    (reply.status.as_u16(), headers, body.replace(id, "(the request)"))
}

/// The bytes of a body that was answered with 200.
#[track_caller]
fn text(reply: &Reply) -> &str {
    let text = std::str::from_utf8(&reply.bytes).unwrap();
    assert_eq!(reply.status, 200, "{text}");
    text
}

/// Where a validation problem says that something is wrong.
#[track_caller]
fn faults(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.refused(400), "invalid-request");
    let errors: Value = reply.json()["errors"].clone();
    errors.as_object().unwrap().keys().cloned().collect()
}
