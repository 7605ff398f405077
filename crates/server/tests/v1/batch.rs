//! `secrets:reveal`: many values at once, an answer for each.

use crate::NOBODY;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

#[tokio::test]
async fn a_batch_answers_each_item_in_its_place_with_a_value_or_a_problem() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let plain = operator.keeps("PLAIN", "p").await;
    let strict = operator.keeps_as("REGULATED", "STRICT", "s").await;
    let closed = id_of(&operator.creates(json!({ "key": "CLOSED", "value": "canary" })).await);
    let body = json!({ "key": "BYTES", "valueBase64": "/w==", "disclosure": "READABLE" });
    let bytes = id_of(&operator.creates(body).await);
    let body = json!({ "key": "LATER", "value": "canary", "disclosure": "READABLE",
        "notBefore": server.clock.millis() + 1_000 });
    let later = id_of(&operator.creates(body).await);

    let items = json!([
        { "key": "STRICT" }, { "id": plain }, { "id": closed }, { "key": "NONE" },
        { "id": NOBODY }, { "key": "BYTES" }, { "id": later }, { "id": plain },
    ]);
    let reply = operator.reveals_all(items).await;
    let answer = reply.expect(200);
    assert_eq!(shape(&answer), ["items: array"]);
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 8);
    assert_eq!(items[0], json!({ "id": strict, "key": "STRICT", "version": 1, "value": "s" }));
    assert_eq!(items[1], json!({ "id": plain, "key": "PLAIN", "version": 1, "value": "p" }));
    assert_eq!(
        items[5],
        json!({ "id": bytes, "key": "BYTES", "version": 1, "valueBase64": "/w==" })
    );
    assert_eq!(items[7], items[1]);
    let named = |at: usize, member: &str| (shape(&items[at]), items[at][member].clone());
    assert_eq!(
        named(2, "id"),
        (vec!["id: string".into(), "problem: object".into()], json!(closed))
    );
    assert_eq!(
        named(3, "key"),
        (vec!["key: string".into(), "problem: object".into()], json!("NONE"))
    );
    assert_eq!(items[2]["problem"]["code"], "use-only");
    let absent = &items[4]["problem"];
    assert_eq!((&absent["code"], &absent["status"]), (&json!("not-found"), &json!(404)));
    for at in [3, 6] {
        assert_eq!(&items[at]["problem"], absent, "absent, unknown and not yet valid are alike");
    }
    assert!(!answer.to_string().contains("canary"));
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn every_reveal_of_a_batch_is_on_record_strict_ones_by_themselves() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let plain = operator.keeps("PLAIN", "p").await;
    let strict = operator.keeps_as("PHI", "STRICT", "s").await;
    let closed = id_of(&operator.creates(json!({ "key": "CLOSED", "value": "v" })).await);
    let items = json!([{ "id": plain }, { "id": strict }, { "id": plain }, { "key": "STRICT" }, { "id": closed }]);
    let body = json!({ "items": items, "reason": "deploy" });
    operator.post(&format!("{DEFAULT}/secrets:reveal"), body).await.expect(200);
    let of =
        async |id: &str| operator.events(&format!("action=secret.reveal&resourceId={id}")).await;
    let strict = of(&strict).await;
    assert_eq!(strict.len(), 2);
    assert!(strict.iter().all(|event| event["count"] == 1 && event["reason"] == "deploy"));
    let plain: u64 = of(&plain).await.iter().map(|event| event["count"].as_u64().unwrap()).sum();
    assert_eq!(plain, 2);
    let closed = of(&closed).await;
    assert_eq!((closed.len(), &closed[0]["decision"]), (1, &json!("DENIED")));
}

#[tokio::test]
async fn a_batch_that_names_an_item_badly_is_refused_whole() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let refused = [
        (json!({}), "/items"),
        (json!({ "items": null }), "/items"),
        (json!({ "items": [{}] }), "/items"),
        (json!({ "items": [{ "id": id, "key": "K" }] }), "/items"),
        (json!({ "items": [{ "id": id }, { "id": "x" }] }), "/items/1/id"),
        (json!({ "items": [{ "key": "a.b" }] }), "/items/0/key"),
        (json!({ "items": [{ "key": "K", "x": 1 }] }), "/items/0"),
        (json!({ "items": [], "reason": "" }), "/reason"),
    ];
    for (body, pointer) in refused {
        let reply = operator.post(&format!("{DEFAULT}/secrets:reveal"), body.clone()).await;
        assert_eq!(reply.refused(400), "invalid-request", "{body}");
        assert!(reply.json()["errors"][pointer].is_array(), "{body}: {}", reply.json());
    }
    assert!(operator.events("action=secret.reveal").await.is_empty());
    assert_eq!(operator.reveals_all(json!([])).await.expect(200), json!({ "items": [] }));
}

#[tokio::test]
async fn a_thousand_items_are_answered_and_one_more_is_too_many() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let items = |count: usize| Value::from(vec![json!({ "id": id }); count]);
    let answer = operator.reveals_all(items(1_000)).await.expect(200);
    assert_eq!(answer["items"].as_array().unwrap().len(), 1_000);
    assert_eq!(operator.reveals_all(items(1_001)).await.refused(413), "batch-too-large");
    let events = operator.events("action=secret.reveal").await;
    let all: u64 = events.iter().map(|event| event["count"].as_u64().unwrap()).sum();
    assert_eq!(all, 1_000, "what was refused was not read");
}

#[tokio::test]
async fn more_than_16_mib_of_values_is_too_large_and_nothing_is_read() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps_as("PII", "K", &"x".repeat(65_536)).await;
    let items = |count: usize| Value::from(vec![json!({ "id": id }); count]);
    assert_eq!(operator.reveals_all(items(257)).await.refused(413), "batch-too-large");
    assert!(operator.events("action=secret.reveal").await.is_empty());
    operator.reveals_all(items(200)).await.expect(200);
}

#[tokio::test]
async fn a_batch_reads_what_is_live_at_its_moment() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "key": "K", "value": "v", "disclosure": "READABLE",
        "expiresOn": server.clock.millis() + 1_000 });
    operator.creates(body).await;
    let asks = async || operator.reveals_all(json!([{ "key": "K" }])).await.expect(200);
    assert_eq!(asks().await["items"][0]["value"], "v");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(asks().await["items"][0]["problem"]["code"], "not-found");
}
