//! A store that is put back in place of a later one: known at the start, served to nobody, accepted on record.

use serde_json::{Value, json};
use std::fs;
use subrosa_testkit::{DEFAULT, Stopped, TestServer};

const READY: &str = "/health/ready";

/// A server with a secret, stopped, and a copy of its store as it was before the last change.
async fn with_an_older_copy() -> (Stopped, Vec<u8>) {
    let server = TestServer::start().await;
    server.operator().keeps("K", "v").await;
    let strict =
        json!({ "key": "P", "value": "v", "sensitivity": "PII", "disclosure": "READABLE" });
    server.operator().post(&format!("{DEFAULT}/secrets"), strict).await.expect(201);
    let stopped = server.stop().await;
    let older = fs::read(stopped.store_file()).unwrap();
    let server = stopped.start().await;
    server.operator().keeps("L", "v").await;
    (server.stop().await, older)
}

/// The positions that the deployment's log says were accepted.
async fn accepted(server: &TestServer) -> Vec<Value> {
    let list = "/v1/auditEvents?action=rollback.accept";
    let events = server.operator().get(list).await.expect(200)["items"].clone();
    let events = events.as_array().unwrap().clone();
    events.into_iter().map(|event| event["details"]["setBack"].clone()).collect()
}

#[tokio::test]
async fn an_older_copy_is_known_by_both_positions_and_serves_nobody_a_value() {
    let (stopped, older) = with_an_older_copy().await;
    fs::write(stopped.store_file(), &older).unwrap();
    let server = stopped.start().await;
    let unready = server.stranger().get(READY).await.expect(503);
    assert_eq!(unready["status"], "unready");
    let reason = unready["reason"].as_str().unwrap();
    assert!(reason.contains("behind its last checkpoint"), "{reason}");
    let numbers = reason.split(|one: char| !one.is_ascii_digit()).filter(|one| !one.is_empty());
    assert_eq!(numbers.count(), 2, "both positions: {reason}");

    let operator = server.operator();
    let listed = operator.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let [id, strict] = [0, 1].map(|at: usize| listed[at]["id"].as_str().unwrap());
    assert_eq!(listed.as_array().unwrap().len(), 2, "the operator may look");
    for (path, body) in [
        (format!("{DEFAULT}/secrets/{id}:reveal"), json!({})),
        (format!("{DEFAULT}/secrets/{strict}:reveal"), json!({})),
        (format!("{DEFAULT}/secrets:reveal"), json!({ "items": [{ "id": id }, { "id": strict }] })),
        (format!("{DEFAULT}/secrets"), json!({ "key": "M", "value": "v" })),
        (format!("{DEFAULT}/tokens:generate"), json!({})),
        ("/v1/tenants".to_owned(), json!({ "slug": "acme" })),
    ] {
        assert_eq!(operator.post(&path, body).await.refused(503), "store-set-back", "{path}");
    }
    // Its log too, and whether that holds: it is how the operator finds out which copy this is.
    let events = operator.get(&format!("{DEFAULT}/auditEvents")).await.expect(200);
    assert!(!events["items"].as_array().unwrap().is_empty());
    let verified = operator.get(&format!("{DEFAULT}/auditEvents:verify?deep=true")).await;
    assert_eq!(verified.expect(200)["intact"], true);
    drop(server.stop().await);
}

#[tokio::test]
async fn no_token_works_on_an_older_copy_for_it_may_have_been_revoked_since() {
    let server = TestServer::start().await;
    let token = server.token("default", &["secrets:read"]).await;
    let text = token.token().unwrap().to_owned();
    let stopped = server.stop().await;
    let older = fs::read(stopped.store_file()).unwrap();
    let server = stopped.start().await;
    let current = format!("{DEFAULT}/tokens/current");
    server.with_token(&text).delete(&current).await;
    let stopped = server.stop().await;
    fs::write(stopped.store_file(), &older).unwrap();
    let server = stopped.start().await;
    assert_eq!(server.with_token(&text).get(&current).await.refused(503), "store-set-back");
    let stopped = server.stop().await;
    stopped.accept().await.unwrap();
    let server = stopped.start().await;
    server.with_token(&text).get(&current).await.expect(200);
}

#[tokio::test]
async fn what_the_operator_accepts_is_on_record_and_is_the_latest_from_then_on() {
    let (stopped, older) = with_an_older_copy().await;
    assert_eq!(stopped.accept().await, None, "there is nothing to accept");
    let latest = fs::read(stopped.store_file()).unwrap();
    fs::write(stopped.store_file(), &older).unwrap();
    let set_back = stopped.accept().await.unwrap();
    assert!(set_back.store() < set_back.checkpoint().unwrap());
    assert_eq!(stopped.accept().await, None, "once is enough");
    let server = stopped.start().await;
    server.stranger().get(READY).await.expect(200);
    let positions = json!({ "store": set_back.store(), "checkpoint": set_back.checkpoint() });
    assert_eq!(accepted(&server).await, [positions]);
    server.operator().keeps("L", "again").await;
    let stopped = server.stop().await;

    fs::write(stopped.store_file(), &latest).unwrap();
    let server = stopped.start().await;
    server.stranger().get(READY).await.expect(503);
}

#[tokio::test]
async fn a_store_that_went_on_after_its_checkpoint_is_served() {
    let (stopped, _) = with_an_older_copy().await;
    let file = stopped.checkpoint_file();
    let earlier = fs::read(&file).unwrap();
    let server = stopped.start().await;
    server.operator().keeps("M", "v").await;
    let stopped = server.stop().await;
    assert!(fs::read(&file).unwrap() != earlier, "a change has its checkpoint");
    fs::write(&file, earlier).unwrap();
    let server = stopped.start().await;
    server.stranger().get(READY).await.expect(200);
    let stopped = server.stop().await;
    fs::remove_file(&file).unwrap();
    stopped.start().await.stranger().get(READY).await.expect(200);
}

#[tokio::test]
async fn a_store_that_went_another_way_is_not_the_one_of_its_checkpoint() {
    let (stopped, older) = with_an_older_copy().await;
    let file = stopped.checkpoint_file();
    let checkpoint = fs::read(&file).unwrap();
    fs::write(stopped.store_file(), &older).unwrap();
    fs::remove_file(&file).unwrap();
    let server = stopped.start().await;
    for key in ["OTHER", "AND_MORE", "AND_YET_MORE"] {
        server.operator().keeps(key, "v").await;
    }
    let stopped = server.stop().await;
    fs::write(&file, checkpoint).unwrap();
    let server = stopped.start().await;
    let unready = server.stranger().get(READY).await.expect(503);
    assert!(unready["reason"].as_str().unwrap().contains("is not the one"), "{unready}");
    let stopped = server.stop().await;
    stopped.accept().await.unwrap();
    stopped.start().await.stranger().get(READY).await.expect(200);
}

#[tokio::test]
async fn a_checkpoint_that_was_changed_is_none_and_says_so() {
    let (stopped, _) = with_an_older_copy().await;
    let file = stopped.checkpoint_file();
    let genuine = fs::read_to_string(&file).unwrap();
    let position = genuine.lines().nth(1).unwrap();
    let forgeries = [String::new(), "nonsense".to_owned(), genuine.replacen(position, "1", 1)];
    let mut stopped = stopped;
    for forged in forgeries {
        fs::write(&file, forged).unwrap();
        let server = stopped.start().await;
        let unready = server.stranger().get(READY).await.expect(503);
        let reason = unready["reason"].as_str().unwrap();
        assert!(reason.contains("none that this deployment signed"), "{reason}");
        stopped = server.stop().await;
    }
    fs::write(&file, genuine).unwrap();
    let server = stopped.start().await;
    server.stranger().get(READY).await.expect(200);
    let stopped = server.stop().await;

    fs::write(&file, "nonsense").unwrap();
    let set_back = stopped.accept().await.unwrap();
    assert_eq!(set_back.checkpoint(), None);
    let server = stopped.start().await;
    let positions = json!({ "store": set_back.store() });
    assert_eq!(accepted(&server).await, [positions], "no position is made up");
}
