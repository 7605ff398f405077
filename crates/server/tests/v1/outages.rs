//! The store cannot be written: what is refused, what goes on, and that nothing is half done.

use serde_json::json;
use subrosa_testkit::{DEFAULT, TestServer};

#[tokio::test]
async fn while_the_store_is_locked_strict_reads_and_writes_are_refused_and_then_go_on() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let plain = operator.keeps("PLAIN", "plain").await;
    let strict = operator.keeps_as("PHI", "STRICT", "canary").await;
    operator.reveals(&plain).await.expect(200);
    operator.reveals(&strict).await.expect(200);
    let before = server.rows();
    let lock = server.locked();

    let refused = operator.reveals(&strict).await;
    assert_eq!(refused.refused(503), "audit-unavailable");
    assert!(refused.headers.contains_key("retry-after"));
    assert!(!String::from_utf8_lossy(&refused.bytes).contains("canary"));
    let batch = operator.reveals_all(json!([{ "id": plain }, { "id": strict }])).await;
    assert_eq!(batch.refused(503), "audit-unavailable");
    assert!(!String::from_utf8_lossy(&batch.bytes).contains("plain"), "nothing of the batch");
    let path = format!("{DEFAULT}/secrets/{plain}");
    let writes = [
        operator.post(&format!("{path}:publish"), json!({ "value": "w" })).await,
        operator.patch(&path, json!({ "description": "d" })).await,
        operator.delete(&path).await,
        operator.post(&format!("{DEFAULT}/secrets"), json!({ "key": "L", "value": "v" })).await,
        operator.post(&format!("{DEFAULT}/tokens:generate"), json!({})).await,
        operator.post("/v1/tenants", json!({ "slug": "acme" })).await,
    ];
    for (at, reply) in writes.iter().enumerate() {
        assert_eq!(reply.refused(503), "store-unavailable", "write {at}");
    }
    for _ in 0..3 {
        operator.reveals(&plain).await.expect(200);
    }
    operator.shows(&plain).await;
    drop(lock);

    assert_eq!(operator.reveals(&strict).await.expect(200)["value"], "canary");
    let after: Vec<String> = server.rows();
    let sealed = |rows: &[String]| -> Vec<String> {
        let is_note =
            |row: &&String| row.starts_with("secret_uses ") || row.starts_with("secret_readers ");
        rows.iter().filter(|row| !is_note(row)).cloned().collect()
    };
    assert_eq!(sealed(&after), sealed(&before), "nothing was half done");
    let events = operator.events(&format!("resourceId={plain}&action=secret.reveal")).await;
    let counted: u64 = events.iter().map(|event| event["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 4, "what was counted meanwhile is written exactly");
    let strict = operator.events(&format!("resourceId={strict}&action=secret.reveal")).await;
    assert_eq!(strict.len(), 2, "what was refused is no reveal");
    assert_eq!(operator.publishes(&plain, "w").await["version"], 2);
    let verified = operator.get(&format!("{DEFAULT}/auditEvents:verify")).await.expect(200);
    assert_eq!(verified["intact"], true);
}
