//! `activeDeploymentsCount`: how many have read or used a secret of late.

use crate::cast::{account, makes, secret_id, secrets_of, sees};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, TestServer, id_of};

/// What a viewer, who reads no value, is shown of each key; what was counted in memory is written first.
async fn counted(server: &TestServer, viewer: &Actor) -> Vec<Value> {
    server.operator().events("action=secret.reveal").await;
    let listed = secrets_of(viewer, json!({ "withValue": true })).await;
    let counts: Vec<Value> =
        listed.iter().map(|one| one["activeDeploymentsCount"].clone()).collect();
    for (secret, count) in listed.iter().zip(&counts) {
        assert_eq!(sees(viewer, &id_of(secret)).await["activeDeploymentsCount"], *count);
    }
    counts
}

#[tokio::test]
async fn everybody_who_read_a_value_in_thirty_days_is_counted_once() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("PLAIN", "v"), ("STRICT", "w")]).await;
    let (plain, strict) = (secret_id(&group, "PLAIN"), secret_id(&group, "STRICT"));
    let raise = json!({ "sensitivity": "PHI" });
    admin.patch(&crate::cast::v1_at(&strict), raise).await.expect(200);
    let viewer = account(&server, &admin, "viewer", &[("prod", "viewer")]).await;
    let editor = account(&server, &admin, "editor", &[("prod", "editor")]).await;
    assert_eq!(counted(&server, &viewer).await, [json!(0), json!(0)]);
    for _ in 0..3 {
        sees(&editor, &plain).await;
        secrets_of(&editor, json!({ "withValue": true })).await;
    }
    assert_eq!(counted(&server, &viewer).await, [json!(1), json!(1)], "looking counts for nothing");
    admin.reveals(&plain).await.expect(200);
    assert_eq!(counted(&server, &viewer).await, [json!(2), json!(1)], "on whichever surface");
    server.token("default", &["secrets:reveal"]).await.reveals(&plain).await.expect(200);
    assert_eq!(counted(&server, &viewer).await, [json!(2), json!(1)], "a principal, not a token");
    let days = |days: u64| Duration::from_secs(days * 86_400);
    server.clock.advance(days(20));
    sees(&editor, &strict).await;
    server.clock.advance(days(10));
    assert_eq!(counted(&server, &viewer).await, [json!(2), json!(1)], "thirty days are not over");
    server.clock.advance(days(1));
    assert_eq!(counted(&server, &viewer).await, [json!(0), json!(1)]);
    server.clock.advance(days(20));
    assert_eq!(counted(&server, &viewer).await, [json!(0), json!(0)]);
}

#[tokio::test]
async fn in_answers_about_groups_nobody_is_counted() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    sees(&admin, &secret_id(&group, "K")).await;
    assert_eq!(group["associatedSecrets"][0].get("activeDeploymentsCount"), None);
}
