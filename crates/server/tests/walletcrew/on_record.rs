//! What the audit log says of this surface, and that a strict value is not read before it does.

use crate::{KEYS, key, secret, text};
use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, id_of};

/// What events say was done and how it went, oldest first.
fn said(events: &[Value]) -> Vec<String> {
    let say = |event: &Value| {
        let words = [&event["action"], &event["resource"]["key"], &event["decision"]];
        words.map(|word| word.as_str().unwrap_or("-").to_owned()).join(" ")
    };
    events.iter().rev().map(say).collect()
}

#[tokio::test]
async fn every_change_and_every_read_is_on_record_as_this_surfaces() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let minted = admin.get(&format!("{DEFAULT}/tokens/current")).await.expect(200);
    admin.puts(&secret("K"), json!({ "value": "a" })).await.expect(204);
    admin.puts(&secret("K"), json!({ "value": "b" })).await.expect(204);
    admin.get(&secret("K")).await.expect(200);
    let events = operator.events("surface=walletcrew").await;
    assert_eq!(
        said(&events),
        ["secret.create K ALLOWED", "secret.publish K ALLOWED", "secret.reveal K ALLOWED"]
    );
    for event in &events {
        assert_eq!((&event["surface"], &event["count"]), (&json!("walletcrew"), &json!(1)));
        assert_eq!(event["actor"]["token"], minted["id"]);
    }
    admin.delete(&secret("K")).await.expect(204);
    admin.post(KEYS, json!({ "name": "ci" })).await.expect(201);
    admin.patch(&key("ci"), json!({ "enabled": false })).await.expect(200);
    admin.delete(&key("ci")).await.expect(204);
    let events = operator.events("surface=walletcrew").await;
    assert_eq!(
        said(&events)[3..],
        [
            "secret.delete K ALLOWED",
            "token.mint ci ALLOWED",
            "token.update ci ALLOWED",
            "token.revoke ci ALLOWED"
        ]
    );
}

#[tokio::test]
async fn refusals_are_on_record_and_name_the_route_and_nothing_put_into_it() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    operator.creates(json!({ "key": "CLOSED", "value": "v" })).await;
    admin.get(&secret("CLOSED")).await.expect(403);
    let nobody = server.token("default", &[]).await;
    nobody.get(&secret("sk_live_canary")).await.expect(403);
    admin.get("/api/acme/secrets/sk_live_canary").await.expect(404);
    let refusals = operator.events("surface=walletcrew&decision=DENIED").await;
    assert_eq!(
        said(&refusals),
        [
            "secret.reveal CLOSED DENIED",
            "request.refuse GET /api/{tenant}/secrets/{key} DENIED",
            "request.refuse GET /api/{tenant}/secrets/{key} DENIED",
        ]
    );
    let reasons: Vec<&Value> = refusals.iter().rev().map(|event| &event["reason"]).collect();
    assert_eq!(reasons, ["use-only", "missing-scope", "not-found"]);
}

#[tokio::test]
async fn a_strict_value_is_not_read_while_its_record_cannot_be_written() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let id = operator.keeps_as("PHI", "STRICT", "canary").await;
    operator.keeps("PLAIN", "plain").await;
    assert_eq!(text(&admin.get(&secret("STRICT")).await), r#""canary""#);
    assert_eq!(text(&admin.get(&secret("PLAIN")).await), r#""plain""#);
    let lock = server.locked();
    for accept in ["*/*", "text/plain"] {
        let refused = crate::accepting(&server, &admin, "STRICT", accept).await;
        assert_eq!(refused.refused(503), "audit-unavailable");
        assert!(refused.headers.contains_key("retry-after"));
        assert!(!String::from_utf8_lossy(&refused.bytes).contains("canary"));
    }
    assert_eq!(
        text(&admin.get(&secret("PLAIN")).await),
        r#""plain""#,
        "counted, and written later"
    );
    let put = admin.puts(&secret("PLAIN"), json!({ "value": "w" })).await;
    assert_eq!(put.refused(503), "store-unavailable");
    drop(lock);
    assert_eq!(text(&admin.get(&secret("STRICT")).await), r#""canary""#);
    let reads = operator.events(&format!("resourceId={id}&action=secret.reveal")).await;
    assert_eq!(reads.len(), 2, "what was refused is no reveal");
    assert!(reads.iter().all(|event| event["surface"] == "walletcrew" && event["tier"] == "PHI"));
}

#[tokio::test]
async fn standard_reads_are_counted_exactly_and_apart_from_those_of_other_surfaces() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let reader = server.token("default", &["secrets:reveal"]).await;
    for _ in 0..7 {
        reader.get(&secret("K")).await.expect(200);
    }
    for _ in 0..3 {
        reader.reveals(&id).await.expect(200);
    }
    let counted = async |surface: &str| -> u64 {
        let query = format!("resourceId={id}&action=secret.reveal&surface={surface}");
        let events = operator.events(&query).await;
        events.iter().map(|event| event["count"].as_u64().unwrap()).sum()
    };
    assert_eq!((counted("walletcrew").await, counted("v1").await), (7, 3));
}

#[tokio::test]
async fn requests_are_in_the_activity_of_their_token_by_route() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("K"), json!({ "value": "v" })).await.expect(204);
    let me = admin.get(&format!("{DEFAULT}/tokens/current")).await.expect(200);
    let activity = format!("{DEFAULT}/tokens/{}/activity", id_of(&me));
    let page = admin.get(&activity).await.expect(200);
    let put = page["items"].as_array().unwrap().iter().find(|one| one["method"] == "PUT").unwrap();
    assert_eq!(put["path"], "/api/{tenant}/secrets/{key}");
    assert_eq!(put["statusCode"], 204);
}
