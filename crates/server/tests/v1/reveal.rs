//! `:reveal` of one secret: who reads a value, and what is on record when they have.

use crate::NOBODY;
use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

#[tokio::test]
async fn a_reader_reads_the_live_value_and_nobody_keeps_a_copy() {
    let server = TestServer::start().await;
    let id = server.operator().keeps("K", "s3cr3t").await;
    let reader = server.token("default", &["secrets:reveal"]).await;
    let read = reader.reveals(&id).await;
    let body = read.expect(200);
    assert_eq!(body, json!({ "secretId": id, "key": "K", "version": 1, "value": "s3cr3t" }));
    assert_eq!(read.headers["cache-control"], "no-store");
    assert_eq!(read.headers["x-content-type-options"], "nosniff");
    assert_eq!(read.headers["content-type"], "application/json");
}

#[tokio::test]
async fn the_body_of_a_reveal_may_be_left_out() {
    let server = TestServer::start().await;
    let id = server.operator().keeps("K", "v").await;
    let path = format!("{DEFAULT}/secrets/{id}:reveal");
    let bare = server.operator().send(http::Method::POST, &path, None).await;
    assert_eq!(bare.expect(200)["value"], "v");
}

#[tokio::test]
async fn bytes_that_are_no_text_come_back_as_base64_and_text_as_text() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let base64 = |key: &str, bytes: &str| json!({ "key": key, "valueBase64": bytes, "disclosure": "READABLE" });
    let binary = id_of(&operator.creates(base64("BINARY", "AP/+gA==")).await);
    let read = operator.reveals(&binary).await.expect(200);
    assert_eq!(read["valueBase64"], "AP/+gA==");
    assert_eq!(
        shape(&read),
        ["key: string", "secretId: string", "valueBase64: string", "version: integer"]
    );
    let text = id_of(&operator.creates(base64("TEXT", "cGzDpG4=")).await);
    assert_eq!(operator.reveals(&text).await.expect(200)["value"], "plän");
    let publish = json!({ "valueBase64": "/w==" });
    let path = format!("{DEFAULT}/secrets/{text}:publish");
    operator.post(&path, publish).await.expect(200);
    assert_eq!(operator.reveals(&text).await.expect(200)["valueBase64"], "/w==");
}

#[tokio::test]
async fn a_value_of_64_kib_is_kept_to_the_byte_and_one_byte_more_is_too_large() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (most, over) = ("x".repeat(65_536), "x".repeat(65_537));
    let id = operator.keeps("K", &most).await;
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], most);
    operator.publishes(&id, &most).await;
    // Whoever reads the log has what was counted written first, so that the clock does not write it in between.
    operator.events("").await;
    let rows = server.rows();
    let secret = format!("{DEFAULT}/secrets/{id}");
    let made =
        operator.post(&format!("{DEFAULT}/secrets"), json!({ "key": "L", "value": over })).await;
    assert_eq!(made.refused(413), "value-too-large");
    let published = operator.post(&format!("{secret}:publish"), json!({ "value": over })).await;
    assert_eq!(published.refused(413), "value-too-large");
    let patched = operator.patch(&secret, json!({ "value": over })).await;
    assert_eq!(patched.refused(413), "value-too-large");
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn a_use_only_value_is_read_by_nobody_not_even_the_operator() {
    let server = TestServer::start().await;
    let operator = server.operator();
    for tier in ["STANDARD", "PII", "PHI", "FINANCIAL", "REGULATED"] {
        let body = json!({ "key": tier, "value": "canary", "sensitivity": tier });
        let id = id_of(&operator.creates(body).await);
        for who in [&operator, &server.admin("default").await] {
            let refused = who.reveals(&id).await;
            assert_eq!(refused.refused(403), "use-only");
            assert!(!String::from_utf8_lossy(&refused.bytes).contains("canary"));
        }
        let refusals = operator.events(&format!("resourceId={id}&decision=DENIED")).await;
        assert_eq!(refusals.len(), 2);
        assert_eq!(refusals[0]["reason"], "use-only");
        assert_eq!(
            (&refusals[0]["action"], &refusals[0]["tier"]),
            (&json!("secret.reveal"), &json!(tier))
        );
    }
}

#[tokio::test]
async fn a_strict_reveal_is_one_event_each_with_who_why_and_which_revision() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({ "scopes": ["secrets:reveal"] })).await;
    let reader = server.with_token(minted["token"].as_str().unwrap());
    for tier in ["PII", "PHI", "FINANCIAL", "REGULATED"] {
        let id = operator.keeps_as(tier, tier, "v").await;
        operator.publishes(&id, "v2").await;
        let path = format!("{DEFAULT}/secrets/{id}:reveal");
        let read = reader.post(&path, json!({ "reason": "ticket 7" })).await;
        read.expect(200);
        reader.reveals(&id).await.expect(200);
        let events = operator.events(&format!("resourceId={id}&action=secret.reveal")).await;
        assert_eq!(events.len(), 2, "{tier}");
        let event = &events[1];
        assert_eq!(event["reason"], "ticket 7");
        assert_eq!(events[0]["reason"], Value::Null);
        assert_eq!((&event["count"], &event["revision"]), (&json!(1), &json!(2)));
        assert_eq!((&event["tier"], &event["decision"]), (&json!(tier), &json!("ALLOWED")));
        assert_eq!(event["actor"]["token"], minted["id"]);
        assert_eq!(event["actor"]["kind"], "user");
        assert_eq!(event["resource"], json!({ "kind": "secret", "id": id, "key": tier }));
        assert_eq!(event["requestId"], read.headers["x-request-id"].to_str().unwrap());
    }
}

#[tokio::test]
async fn standard_reveals_are_counted_exactly_for_each_caller_revision_and_reason() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let reader = server.token("default", &["secrets:reveal"]).await;
    let path = format!("{DEFAULT}/secrets/{id}:reveal");
    let mut reading = tokio::task::JoinSet::new();
    for n in 0..60 {
        let (reader, path) = (reader.clone(), path.clone());
        let body = if n % 3 == 0 { json!({ "reason": "deploy" }) } else { json!({}) };
        reading.spawn(async move { reader.post(&path, body).await.expect(200) });
    }
    reading.join_all().await;
    operator.publishes(&id, "v2").await;
    for _ in 0..7 {
        operator.reveals(&id).await.expect(200);
    }
    let events = operator.events(&format!("resourceId={id}&action=secret.reveal")).await;
    let counted = |actor: &str, revision: u64, reason: Value| -> u64 {
        let alike = events.iter().filter(|event| {
            event["actor"]["kind"] == actor
                && event["revision"] == revision
                && event["reason"] == reason
        });
        alike.map(|event| event["count"].as_u64().unwrap()).sum()
    };
    assert_eq!(counted("user", 1, json!("deploy")), 20);
    assert_eq!(counted("user", 1, Value::Null), 40);
    assert_eq!(counted("operator", 2, Value::Null), 7);
    let all: u64 = events.iter().map(|event| event["count"].as_u64().unwrap()).sum();
    assert_eq!(all, 67, "nothing twice, nothing lost");
    for event in &events {
        assert_eq!(event["tier"], "STANDARD");
        assert_eq!(event["firstTime"].is_null(), event["count"] == 1);
    }
}

#[tokio::test]
async fn reasons_that_cannot_be_recorded_are_refused_before_anything_is_read() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps_as("PHI", "K", "v").await;
    for reason in ["".to_owned(), "r".repeat(257), "line\nbreak".to_owned()] {
        let path = format!("{DEFAULT}/secrets/{id}:reveal");
        let refused = operator.post(&path, json!({ "reason": reason })).await;
        assert_eq!(refused.refused(400), "invalid-request");
        assert!(refused.json()["errors"]["/reason"].is_array());
    }
    assert!(operator.events("action=secret.reveal").await.is_empty());
}

#[tokio::test]
async fn absent_foreign_and_misspelled_ids_are_refused_alike() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let id = server.operator().keeps("K", "v").await;
    let acme = server.admin("acme").await;
    let refused = async |id: &str| {
        let path = format!("/v1/tenants/acme/secrets/{id}:reveal");
        let reply = acme.post(&path, json!({})).await;
        assert_eq!(reply.refused(404), "not-found", "{id}");
        reply.without_instance()
    };
    let absent = refused(NOBODY).await;
    for other in [&*id, &id.to_uppercase(), &id.replace('-', ""), "K", "x"] {
        assert_eq!(refused(other).await, absent, "{other}");
    }
}
