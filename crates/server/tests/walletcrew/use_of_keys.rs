//! What an API key can do from one moment to the next: switched off and on, widened and narrowed, deleted.

use crate::{KEYS, SECRETS, bare, key, secret, text, with};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer};

/// Makes a key; its token.
async fn makes(admin: &Actor, name: &str, permissions: Value) -> String {
    let body = json!({ "name": name, "permissions": permissions });
    admin.post(KEYS, body).await.expect(201)["token"].as_str().unwrap().to_owned()
}

async fn asks(server: &TestServer, path: &str, token: &str) -> Reply {
    with(server, Method::GET, path, &[("x-api-key", token)]).await
}

#[tokio::test]
async fn a_key_does_what_its_permissions_say() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (reader, writer) = (
        makes(&admin, "reader", json!(["Secret.Read"])).await,
        makes(&admin, "writer", json!(["Secret.Write"])).await,
    );
    let writes = server.with_token(&writer);
    writes.puts(&secret("K"), json!({ "value": "v" })).await.expect(204);
    assert_eq!(writes.get(&secret("K")).await.refused(403), "missing-scope");
    assert_eq!(text(&asks(&server, SECRETS, &reader).await), r#"["K"]"#);
    assert_eq!(text(&asks(&server, &secret("K"), &reader).await), r#""v""#);
    let reads = server.with_token(&reader);
    assert_eq!(reads.delete(&secret("K")).await.refused(403), "missing-scope");
    let everything = server.with_token(&makes(&admin, "all", json!(["*"])).await);
    everything.post(KEYS, json!({ "name": "made", "permissions": ["*"] })).await.expect(201);
    everything.get(&format!("{DEFAULT}/auditEvents")).await.expect(200);
}

#[tokio::test]
async fn a_key_that_is_switched_off_is_no_credential_until_it_is_on_again() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let token = makes(&admin, "k", json!(["Secret.Read"])).await;
    let wrong = bare(&asks(&server, SECRETS, "sr_pat_wrong").await);
    for _ in 0..2 {
        asks(&server, SECRETS, &token).await.expect(200);
        admin.patch(&key("k"), json!({ "enabled": false })).await.expect(200);
        assert_eq!(bare(&asks(&server, SECRETS, &token).await), wrong);
        let body = json!({ "enabled": true, "permissions": ["Secret.Read"] });
        admin.puts(&key("k"), body).await.expect(200);
    }
    asks(&server, SECRETS, &token).await.expect(200);
}

#[tokio::test]
async fn a_key_that_is_made_switched_off_works_once_it_is_on() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = json!({ "name": "k", "enabled": false, "permissions": ["Secret.Read"] });
    let token = admin.post(KEYS, body).await.expect(201)["token"].as_str().unwrap().to_owned();
    assert_eq!(asks(&server, SECRETS, &token).await.refused(401), "unauthenticated");
    admin.patch(&key("k"), json!({ "enabled": true })).await.expect(200);
    asks(&server, SECRETS, &token).await.expect(200);
}

#[tokio::test]
async fn nobody_switches_a_key_on_that_may_do_more_than_they() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let token = makes(&admin, "k", json!(["Secret.Read"])).await;
    admin.patch(&key("k"), json!({ "enabled": false })).await.expect(200);
    let narrow = server.token("default", &["keys:read", "keys:write"]).await;
    let refused = narrow.patch(&key("k"), json!({ "enabled": true })).await;
    assert_eq!(refused.refused(403), "missing-scope");
    assert_eq!(asks(&server, SECRETS, &token).await.refused(401), "unauthenticated");
    narrow.patch(&key("k"), json!({ "enabled": false })).await.expect(200);
    admin.patch(&key("k"), json!({ "enabled": true })).await.expect(200);
    asks(&server, SECRETS, &token).await.expect(200);
}

#[tokio::test]
async fn other_permissions_hold_at_once() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("K"), json!({ "value": "v" })).await.expect(204);
    let token = makes(&admin, "k", json!(["Secret.Read"])).await;
    asks(&server, &secret("K"), &token).await.expect(200);
    admin.patch(&key("k"), json!({ "permissions": ["secrets:read"] })).await.expect(200);
    assert_eq!(asks(&server, &secret("K"), &token).await.refused(403), "missing-scope");
    asks(&server, SECRETS, &token).await.expect(200);
    let whole = json!({ "enabled": true, "permissions": [] });
    admin.puts(&key("k"), whole).await.expect(200);
    assert_eq!(asks(&server, SECRETS, &token).await.refused(403), "missing-scope");
}

#[tokio::test]
async fn a_deleted_key_is_dead_at_once_and_its_further_use_is_on_record() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let token = makes(&admin, "k", json!(["Secret.Read"])).await;
    asks(&server, SECRETS, &token).await.expect(200);
    let tokens = operator.get(&format!("{DEFAULT}/tokens")).await.expect(200);
    let row = tokens.as_array().unwrap().iter().find(|one| one["name"] == "k").unwrap();
    admin.delete(&key("k")).await.expect(204);
    let wrong = bare(&asks(&server, SECRETS, "sr_pat_wrong").await);
    assert_eq!(bare(&asks(&server, SECRETS, &token).await), wrong);
    let events = format!("{DEFAULT}/tokens/{}/auditEvents", row["id"].as_str().unwrap());
    let events = operator.get(&events).await.expect(200);
    let types: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|one| &one["eventType"]).collect();
    assert_eq!(types, ["USED_WHILE_REVOKED", "REVOKED", "MINTED"]);
    let used = operator.events("action=token.use_revoked").await;
    assert_eq!((used.len(), &used[0]["surface"]), (1, &json!("walletcrew")));

    let next = makes(&admin, "k", json!(["Secret.Read"])).await;
    asks(&server, SECRETS, &next).await.expect(200);
    assert_eq!(asks(&server, SECRETS, &token).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn a_key_made_by_a_token_that_ends_ends_with_it() {
    let server = TestServer::start().await;
    let minted = json!({ "preset": "admin", "expirationDays": 1 });
    let minted = server.operator().mints(minted).await;
    let admin = server.with_token(minted["token"].as_str().unwrap());
    let token = makes(&admin, "k", json!(["Secret.Read"])).await;
    server.clock.advance(Duration::from_secs(86_399));
    asks(&server, SECRETS, &token).await.expect(200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(asks(&server, SECRETS, &token).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn a_key_survives_a_restart_as_it_was() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let token = makes(&admin, "on", json!(["Secret.Read"])).await;
    let off = makes(&admin, "off", json!(["Secret.Read"])).await;
    admin.patch(&key("off"), json!({ "enabled": false })).await.expect(200);
    let server = server.restart().await;
    asks(&server, SECRETS, &token).await.expect(200);
    assert_eq!(asks(&server, SECRETS, &off).await.refused(401), "unauthenticated");
}
