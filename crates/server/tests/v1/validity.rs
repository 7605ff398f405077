//! `notBefore` and `expiresOn`: when a secret resolves, to the moment.

use crate::NOBODY;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, id_of};

#[tokio::test]
async fn a_value_is_there_from_the_first_moment_of_its_window_until_its_end() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let start = server.clock.millis();
    let body = json!({ "key": "K", "value": "v", "disclosure": "READABLE",
        "notBefore": start + 10_000, "expiresOn": start + 20_000 });
    let id = id_of(&operator.creates(body).await);
    let absent = operator.reveals(NOBODY).await.without_instance();
    let step = async |by: u64, visible: bool| {
        server.clock.advance(Duration::from_millis(by));
        let reply = operator.reveals(&id).await;
        if visible {
            assert_eq!(reply.expect(200)["value"], "v", "{}", server.clock.millis() - start);
        } else {
            assert_eq!(reply.refused(404), "not-found", "{}", server.clock.millis() - start);
            assert_eq!(reply.without_instance(), absent);
        }
    };
    step(0, false).await;
    step(9_999, false).await;
    step(1, true).await;
    step(9_999, true).await;
    step(1, false).await;
    step(1_000_000, false).await;
}

#[tokio::test]
async fn outside_its_window_a_secret_still_lists_and_changes() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "key": "K", "value": "v", "disclosure": "READABLE", "expiresOn": 1_000 });
    let id = id_of(&operator.creates(body).await);
    assert_eq!(operator.reveals(&id).await.refused(404), "not-found");
    assert_eq!(operator.shows(&id).await["expiresOn"], 1_000);
    let listed = operator.get(&format!("{DEFAULT}/secrets?key=K")).await.expect(200);
    assert_eq!(id_of(&listed[0]), id);
    assert_eq!(operator.publishes(&id, "w").await["version"], 2);
    let path = format!("{DEFAULT}/secrets/{id}");
    operator.patch(&path, json!({ "expiresOn": null })).await.expect(200);
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "w");
}

#[tokio::test]
async fn a_refusal_for_the_window_is_on_record_and_the_caller_is_not_told_why() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "key": "K", "value": "v", "disclosure": "USE_ONLY", "expiresOn": 1_000 });
    let id = id_of(&operator.creates(body).await);
    assert_eq!(
        operator.reveals(&id).await.refused(404),
        "not-found",
        "not even that it is USE_ONLY"
    );
    let events = operator.events(&format!("resourceId={id}&action=secret.reveal")).await;
    assert_eq!((events.len(), &events[0]["decision"]), (1, &json!("DENIED")));
}

#[tokio::test]
async fn an_open_window_is_null_at_both_ends_and_always_holds() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let shown = operator.shows(&id).await;
    assert_eq!((&shown["notBefore"], &shown["expiresOn"]), (&Value::Null, &Value::Null));
    server.clock.advance(Duration::from_secs(100 * 365 * 86_400));
    operator.reveals(&id).await.expect(200);
}
