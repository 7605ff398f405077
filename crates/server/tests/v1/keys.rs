//! `keys:rotate`, the rewrap that follows it, and a restart in between.

use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, DEFAULT, TestServer, shape};

async fn rotates(actor: &Actor) -> Value {
    actor.send(http::Method::POST, &format!("{DEFAULT}/keys:rotate"), None).await.expect(200)
}

async fn reads(actor: &Actor, secrets: &[(String, String)]) {
    for (id, value) in secrets {
        assert_eq!(actor.reveals(id).await.expect(200)["value"], **value);
    }
}

#[tokio::test]
async fn after_a_rotation_old_and_new_values_are_read_before_and_after_the_rewrap() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let mut secrets = Vec::new();
    for n in 0..5 {
        secrets.push((
            operator.keeps(&format!("OLD{n}"), &format!("old {n}")).await,
            format!("old {n}"),
        ));
    }
    let rotated = rotates(&operator).await;
    assert_eq!(shape(&rotated), ["createdAt: integer", "version: integer"]);
    assert_eq!(rotated["version"], 2);
    let new = operator.keeps_as("PHI", "NEW", "new").await;
    secrets.push((new, "new".to_owned()));
    reads(&operator, &secrets).await;
    server.app().rewrap_all().await.unwrap();
    reads(&operator, &secrets).await;
    assert_eq!(server.app().rewrap_all().await.unwrap(), 0, "nothing is left under the old key");
    assert_eq!(rotates(&operator).await["version"], 3);
    server.app().rewrap_all().await.unwrap();
    let server = server.restart().await;
    reads(&server.operator(), &secrets).await;
    let events = server.operator().events("action=key.rotate").await;
    let keys: Vec<&Value> = events.iter().map(|event| &event["resource"]["key"]).collect();
    assert_eq!(keys, ["v3", "v2"]);
}

#[tokio::test]
async fn a_rewrap_replaces_wraps_and_leaves_values_as_they_are_on_disk() {
    let server = TestServer::start().await;
    let operator = server.operator();
    operator.keeps("K", "v").await;
    let cells = |server: &TestServer| -> (String, String) {
        let row = server.rows().into_iter().find(|row| row.starts_with("revisions ")).unwrap();
        let blobs: Vec<&str> = row.split("Blob(").collect();
        (blobs[4].to_owned(), blobs[blobs.len() - 1].to_owned())
    };
    let (wrap, value) = cells(&server);
    rotates(&operator).await;
    server.app().rewrap_all().await.unwrap();
    let (wrap_after, value_after) = cells(&server);
    assert_eq!(value_after, value, "a value is written once");
    assert_ne!(wrap_after, wrap);
}

#[tokio::test]
async fn eight_rotations_at_once_make_eight_versions_one_of_them_active() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let mut rotating = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let operator = operator.clone();
        rotating.spawn(async move { rotates(&operator).await["version"].as_u64().unwrap() });
    }
    let mut versions = rotating.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, (2..=9).collect::<Vec<u64>>());
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "v");
    assert_eq!(operator.events("action=key.rotate").await.len(), 8);
}

#[tokio::test]
async fn publishing_while_keys_rotate_loses_no_value() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let mut working = tokio::task::JoinSet::new();
    for n in 0..24 {
        let (operator, id) = (operator.clone(), id.clone());
        working.spawn(async move {
            if n % 6 == 0 {
                rotates(&operator).await;
            } else {
                operator.publishes(&id, &format!("value {n}")).await;
            }
        });
    }
    working.join_all().await;
    server.app().rewrap_all().await.unwrap();
    let path = format!("{DEFAULT}/secrets/{id}");
    let revisions = operator.get(&format!("{path}/revisions")).await.expect(200);
    assert_eq!(revisions.as_array().unwrap().len(), 21);
    for revision in revisions.as_array().unwrap() {
        let body = json!({ "revisionId": revision["id"] });
        operator.post(&format!("{path}:rollback"), body).await.expect(200);
        assert!(
            operator.reveals(&id).await.expect(200)["value"].as_str().unwrap().starts_with('v')
        );
    }
}

#[tokio::test]
async fn rotating_one_tenants_key_is_the_administrators_alone_and_no_other_tenants_business() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let almost = server.token("default", &["keys:write", "secrets:write"]).await;
    let path = format!("{DEFAULT}/keys:rotate");
    let refused = almost.post(&path, json!({})).await.expect(403);
    assert_eq!(refused["required"], "tenant:admin");
    assert_eq!(rotates(&server.operator()).await["version"], 2);
    let other = server.operator().post("/v1/tenants/acme/keys:rotate", json!({})).await.expect(200);
    assert_eq!(other["version"], 2, "each tenant counts for itself");
}

#[tokio::test]
async fn a_retired_key_is_destroyed_after_its_grace_and_only_once_nothing_needs_it() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    rotates(&operator).await;
    server.app().rewrap_all().await.unwrap();
    let destroys = async || server.app().destroy_retired_keys().await.unwrap();
    server.clock.advance(Duration::from_secs(7 * 86_400 - 1));
    assert_eq!(destroys().await, 0, "not before seven days");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(destroys().await, 1);
    assert_eq!(destroys().await, 0);
    let gone = "SELECT COUNT(*) FROM tenant_keys WHERE length(wrapped) = 0";
    assert_eq!(server.number(gone), 1, "its bytes are gone");
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "v");
    let events = operator.events("action=key.destroy").await;
    assert_eq!((events.len(), &events[0]["resource"]["key"]), (1, &json!("v1")));
    assert_eq!(events[0]["actor"]["kind"], "system");
    let server = server.restart().await;
    assert_eq!(server.operator().reveals(&id).await.expect(200)["value"], "v");
}
