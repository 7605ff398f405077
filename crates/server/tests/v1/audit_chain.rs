//! `auditEvents:verify`: an untouched log is intact, and a touched one is not, from a known place on.

use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, DEFAULT, TestServer, blob, shape};

async fn verifies(actor: &Actor) -> Value {
    actor.get(&format!("{DEFAULT}/auditEvents:verify")).await.expect(200)
}

/// A server whose tenant `default` has twelve events, and that tenant's id as SQL spells it.
async fn twelve_events() -> (TestServer, String) {
    let server = TestServer::start().await;
    for n in 0..11 {
        server.operator().keeps(&format!("K{n}"), "v").await;
    }
    let tenant = server.operator().get(DEFAULT).await.expect(200);
    (server, blob(tenant["id"].as_str().unwrap()))
}

#[tokio::test]
async fn an_untouched_log_is_intact_to_its_last_event_and_grows() {
    let (server, _) = twelve_events().await;
    let verified = verifies(&server.operator()).await;
    assert_eq!(
        shape(&verified),
        ["events: integer", "fault: null", "intact: boolean", "lanes: array", "states: null"]
    );
    assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(12)));
    let lane = &verified["lanes"][0];
    assert_eq!(shape(lane), ["events: integer", "head: string", "lane: integer"]);
    assert_eq!(lane["head"].as_str().unwrap().len(), 64);
    let server = server.restart().await;
    assert_eq!(verifies(&server.operator()).await, verified);
    server.operator().keeps("L", "v").await;
    let later = verifies(&server.operator()).await;
    assert_eq!((&later["intact"], &later["events"]), (&json!(true), &json!(13)));
    assert_ne!(later["lanes"][0]["head"], lane["head"]);
}

#[tokio::test]
async fn tampering_with_the_log_is_found_at_its_first_bad_place() {
    let cases = [
        ("UPDATE audit_events SET canonical = CAST(substr(canonical, 2) AS BLOB)", 5, "changed"),
        ("UPDATE audit_events SET hash = zeroblob(32)", 5, "changed"),
        (
            "UPDATE audit_events SET (canonical, hash) = (SELECT canonical, hash FROM audit_events \
             WHERE tenant_id = {T} AND seq = 6)",
            5,
            "changed",
        ),
        ("DELETE FROM audit_events", 5, "missing"),
        ("DELETE FROM audit_events", 1, "missing"),
        ("DELETE FROM audit_events", 12, "the end is cut off"),
    ];
    for (sql, seq, fault) in cases {
        let (server, tenant) = twelve_events().await;
        let sql = format!("{} WHERE tenant_id = {{T}} AND seq = {seq}", sql);
        let server = server.tampered(&sql.replace("{T}", &tenant)).await;
        let verified = verifies(&server.operator()).await;
        assert_eq!(verified["intact"], false, "{sql}");
        assert_eq!(verified["fault"], json!({ "lane": 0, "seq": seq, "what": fault }), "{sql}");
    }
}

#[tokio::test]
async fn a_log_that_was_emptied_is_found_out() {
    let (server, tenant) = twelve_events().await;
    let sql = format!("DELETE FROM audit_events WHERE tenant_id = {tenant}");
    let server = server.tampered(&sql).await;
    let verified = verifies(&server.operator()).await;
    let cut = json!({ "lane": 0, "seq": 1, "what": "the end is cut off" });
    assert_eq!(verified["fault"], cut);
}

#[tokio::test]
async fn a_log_that_was_taken_away_with_its_head_is_not_exported_as_an_empty_one() {
    let (server, tenant) = twelve_events().await;
    let begin = format!("{DEFAULT}/auditEvents:export");
    server.operator().get(&begin).await.expect(200);
    let from = |table: &str| format!("DELETE FROM {table} WHERE tenant_id = {tenant}");
    let server = server.tampered(&from("audit_events")).await;
    let server = server.tampered(&from("audit_heads")).await;
    let refused = server.operator().get(&begin).await;
    assert_eq!(refused.refused(500), "integrity-failure");
}

#[tokio::test]
async fn a_head_that_someone_else_wrote_is_not_believed() {
    for sql in [
        "UPDATE audit_heads SET seq = 11 WHERE tenant_id = {T}",
        "UPDATE audit_heads SET seal = zeroblob(32) WHERE tenant_id = {T}",
        "UPDATE audit_heads SET hash = (SELECT hash FROM audit_events WHERE tenant_id = {T} AND seq = 9) \
         WHERE tenant_id = {T}",
    ] {
        let (server, tenant) = twelve_events().await;
        let server = server.tampered(&sql.replace("{T}", &tenant)).await;
        let verified = verifies(&server.operator()).await;
        assert_eq!(verified["intact"], false, "{sql}");
        let written = server
            .operator()
            .post(&format!("{DEFAULT}/secrets"), json!({ "key": "L", "value": "v" }))
            .await;
        assert_eq!(written.refused(500), "integrity-failure", "nothing is chained to it: {sql}");
    }
}

#[tokio::test]
async fn a_log_without_a_head_is_a_log_taken_away() {
    let (server, tenant) = twelve_events().await;
    let server =
        server.tampered(&format!("DELETE FROM audit_heads WHERE tenant_id = {tenant}")).await;
    let verified = verifies(&server.operator()).await;
    assert_eq!(verified["intact"], false);
}

#[tokio::test]
async fn a_sudden_end_is_on_record_as_a_gap_and_loses_nothing_that_was_answered() {
    let server = TestServer::start().await;
    let start = server.clock.millis();
    server.clock.advance(Duration::from_secs(60));
    let id = server.operator().keeps_as("PII", "K", "v").await;
    server.operator().reveals(&id).await.expect(200);
    server.clock.advance(Duration::from_secs(60));
    let server = server.killed().await;
    let events = server.operator().events("").await;
    let actions: Vec<&Value> = events.iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["audit.gap", "secret.reveal", "secret.create", "tenant.create"]);
    let gap = &events[0]["details"]["gap"];
    assert!(gap["from"].as_i64().unwrap() >= start && gap["to"] == server.clock.millis(), "{gap}");
    assert_eq!(events[0]["actor"]["kind"], "system");
    assert_eq!(verifies(&server.operator()).await["intact"], true);
    assert_eq!(server.operator().reveals(&id).await.expect(200)["value"], "v");

    let server = server.restart().await;
    assert_eq!(server.operator().events("action=audit.gap").await.len(), 1, "one end, one gap");
}
