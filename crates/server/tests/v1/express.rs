//! What is asked most goes past the router: nobody can tell, neither who asks nor who reads the log. A question mark
//! without a query makes the router take the same request.

use crate::NOBODY;
use http::Method;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

/// How many of those who ask are anybody.
const KNOWN: usize = 5;

type Header = (&'static str, &'static [u8]);

const JSON: Header = ("content-type", b"application/json");
const TEXT: Header = ("accept", b"text/plain");

/// What may be sent to each path.
fn sent() -> Vec<(Vec<Header>, Vec<u8>)> {
    let text: (&str, &[u8]) = ("content-type", b"text/plain");
    let key: (&str, &[u8]) = ("x-api-key", b"sr_pat_nonsense");
    let tool: (&str, &[u8]) = ("x-fruxon-actor", b"a-tool/1.0");
    vec![
        (vec![], vec![]),
        (vec![TEXT], vec![]),
        (vec![key], vec![]),
        (vec![tool, JSON], b"{}".to_vec()),
        (vec![JSON], br#"{"reason":"ticket 7"}"#.to_vec()),
        (vec![JSON], br#"{"reason":7}"#.to_vec()),
        (vec![JSON], br#"{"unknown":1}"#.to_vec()),
        (vec![JSON], b"{".to_vec()),
        (vec![text], b"{}".to_vec()),
        (vec![JSON], vec![b' '; 2 * 1024 * 1024]),
    ]
}

/// Sends everything to these paths as each of these; what was answered, to the byte. How long a body is says the router
/// or, after it, hyper; the order of headers means nothing.
async fn asked(who: &[Actor], paths: &[(Method, String)], end: &str) -> Vec<(String, Vec<u8>)> {
    let mut answers = Vec::new();
    for (at, actor) in who.iter().enumerate() {
        for (method, path) in paths {
            // Of whom nobody knows not more than a little: their refusals are kept one by one, up to a number.
            for (headers, body) in sent().into_iter().take(if at < KNOWN { 10 } else { 2 }) {
                let what = format!("{at} {method} {path} {headers:?} {} bytes", body.len());
                let reply = actor.sends(method, &format!("{path}{end}"), &headers, body).await;
                let mut reply = reply.unwrap();
                reply.headers.remove("content-length");
                let mut headers: Vec<_> = reply.headers.iter().collect();
                headers.sort_by_key(|(name, _)| name.as_str());
                let headers =
                    headers.into_iter().map(|(name, value)| (name.clone(), value.clone()));
                reply.headers = headers.collect();
                answers.push((what, reply.as_bytes()));
            }
        }
    }
    answers
}

/// The log without what differs from one request to the next: how often each event is there. What is counted may be
/// written in between, so counts are added up.
async fn log(server: &TestServer) -> BTreeMap<String, u64> {
    let operator = server.operator();
    let mut events = operator.events("").await;
    events.extend(operator.all_events("/v1/auditEvents", "").await);
    let mut all = BTreeMap::new();
    for mut event in events {
        let event = event.as_object_mut().unwrap();
        for name in ["id", "time", "firstTime", "requestId", "seq"] {
            event.remove(name);
        }
        let count = event.remove("count").and_then(|count| count.as_u64()).unwrap_or(1);
        *all.entry(serde_json::to_string(event).unwrap()).or_default() += count;
    }
    all
}

/// What was added to a log.
fn added(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let more = now.iter().map(|(event, count)| {
        (event.clone(), count - before.get(event).copied().unwrap_or_default())
    });
    more.filter(|(_, count)| *count > 0).collect()
}

/// What a token was used for from one moment to another.
fn used(page: &Value, from: i64, to: i64) -> BTreeSet<String> {
    let all = page["items"].as_array().unwrap().iter();
    let then = all.filter(|one| (from..to).contains(&one["createdAt"].as_i64().unwrap()));
    then.map(|one| format!("{} {} {}", one["method"], one["path"], one["statusCode"])).collect()
}

#[tokio::test]
async fn past_the_router_is_answered_and_recorded_as_through_it() {
    let server = TestServer::start().await;
    let operator = server.operator();
    server.tenant("other").await;
    let mut ids = vec![NOBODY.to_owned(), NOBODY.to_uppercase(), "x".repeat(36)];
    for (key, tier, disclosure) in [
        ("STANDARD", "STANDARD", "READABLE"),
        ("PII", "PII", "READABLE"),
        ("USE-ONLY", "STANDARD", "USE_ONLY"),
    ] {
        let body =
            json!({ "key": key, "value": "v", "sensitivity": tier, "disclosure": disclosure });
        ids.push(id_of(&operator.creates(body).await));
    }
    let bytes = json!({ "key": "BYTES", "valueBase64": "AP/+gA==", "disclosure": "READABLE" });
    ids.push(id_of(&operator.creates(bytes).await));
    let mut paths = Vec::new();
    for id in &ids {
        paths.push((Method::POST, format!("{DEFAULT}/secrets/{id}:reveal")));
        paths.push((Method::POST, format!("/v1/tenants/nowhere/secrets/{id}:reveal")));
        paths.push((Method::GET, format!("{DEFAULT}/secrets/{id}:reveal")));
        paths.push((Method::GET, format!("/api/svc/v1/secrets/{id}")));
        paths.push((Method::POST, format!("/api/svc/v1/secrets/{id}")));
    }
    for key in ["STANDARD", "PII", "USE-ONLY", "BYTES", "ABSENT", "no key", "a.b"] {
        let key = key.replace(' ', "%20");
        paths.push((Method::GET, format!("/api/default/secrets/{key}")));
        paths.push((Method::HEAD, format!("/api/default/secrets/{key}")));
        paths.push((Method::GET, format!("/api/nowhere/secrets/{key}")));
        paths.push((Method::GET, format!("/api/svc/secrets/{key}")));
    }
    let reader = operator.mints(json!({ "scopes": ["secrets:reveal"] })).await;
    let who = [
        server.operator(),
        server.admin("default").await,
        server.with_token(reader["token"].as_str().unwrap()),
        server.token("default", &["secrets:read"]).await,
        server.admin("other").await,
        server.stranger(),
        server.with_token("sr_pat_wrong"),
    ];
    // Once before: who reads what is told from then on, for an hour.
    asked(&who, &paths, "").await;
    log(&server).await;
    server.clock.advance(Duration::from_secs(2 * 3_600));
    let (before, from) = (log(&server).await, server.clock.millis());
    let past = asked(&who, &paths, "").await;
    let between = log(&server).await;
    server.clock.advance(Duration::from_secs(60));
    let middle = server.clock.millis();
    let through = asked(&who, &paths, "?").await;
    let after = log(&server).await;
    for ((what, past), (_, through)) in past.iter().zip(&through) {
        let text = String::from_utf8_lossy;
        assert_eq!(text(past), text(through), "{what}");
    }
    let (past, through) = (added(&before, &between), added(&between, &after));
    assert!(past.len() > 20, "{} events", past.len());
    assert_eq!(past, through);
    let activity = format!("{DEFAULT}/tokens/{}/activity?pageSize=1000", id_of(&reader));
    let page = operator.get(&activity).await.expect(200);
    let (past, through) = (used(&page, from, middle), used(&page, middle, i64::MAX));
    assert!(past.len() > 5, "{past:?}");
    assert_eq!(past, through);
}
