//! `secrets`: made, listed, shown, changed and deleted.

use crate::NOBODY;
use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

const SECRETS: &str = "/v1/tenants/default/secrets";

#[tokio::test]
async fn the_operator_creates_a_secret_and_sees_all_of_it_but_the_value() {
    let server = TestServer::start().await;
    let body = json!({ "key": "STRIPE", "value": "canary", "note": "first" });
    let made = server.operator().post(SECRETS, body).await;
    let secret = made.expect(201);
    assert_eq!(made.headers["location"], format!("{SECRETS}/{}", id_of(&secret)));
    assert_eq!(secret["key"], "STRIPE");
    assert_eq!(secret["sensitivity"], "STANDARD");
    assert_eq!(secret["disclosure"], "USE_ONLY", "v1 promises that no read returns the value");
    assert_eq!(secret["publishedVersion"], 1);
    assert_eq!(secret["createdBy"], "operator:0");
    let listed = server.operator().get(SECRETS).await.expect(200);
    assert_eq!(listed, json!([secret]));
    assert!(!listed.to_string().contains("canary"));
}

#[tokio::test]
async fn a_secret_has_every_member_always_null_where_there_is_nothing() {
    let server = TestServer::start().await;
    let bare = server.operator().creates(json!({ "key": "K", "value": "v" })).await;
    let expected = [
        "createdAt: integer",
        "createdBy: string",
        "description: null",
        "disclosure: string",
        "expiresOn: null",
        "id: string",
        "key: string",
        "lastUsedAt: null",
        "modifiedAt: integer",
        "notBefore: null",
        "publishedRevisionId: string",
        "publishedVersion: integer",
        "sensitivity: string",
    ];
    assert_eq!(shape(&bare), expected);
    assert_eq!(bare["createdAt"], server.clock.millis());
    let full = json!({
        "key": "L", "value": "v", "description": "d", "sensitivity": "PHI", "note": "n",
        "disclosure": "READABLE", "notBefore": 1_000, "expiresOn": 2_000,
    });
    let full = server.operator().creates(full).await;
    let words = ["description", "sensitivity", "disclosure", "notBefore", "expiresOn"];
    let seen: Vec<&Value> = words.iter().map(|word| &full[word]).collect();
    assert_eq!(json!(seen), json!(["d", "PHI", "READABLE", 1_000, 2_000]));
    assert_eq!(server.operator().shows(&id_of(&full)).await, full);
}

#[tokio::test]
async fn unspecified_sensitivity_is_standard_on_create_and_refused_on_patch() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "key": "K", "value": "v", "sensitivity": "UNSPECIFIED" });
    let secret = operator.creates(body).await;
    assert_eq!(secret["sensitivity"], "STANDARD");
    let path = format!("{SECRETS}/{}", id_of(&secret));
    let refused = operator.patch(&path, json!({ "sensitivity": "UNSPECIFIED" })).await;
    assert_eq!(refused.refused(400), "invalid-request");
    assert!(refused.json()["errors"]["/sensitivity"].is_array());
}

#[tokio::test]
async fn a_taken_key_is_refused_and_the_secret_that_has_it_stays() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let first = operator.keeps("K", "first").await;
    let rows = server.rows();
    let refused = operator.post(SECRETS, json!({ "key": "K", "value": "second" })).await;
    assert_eq!(refused.refused(409), "already-exists");
    assert_eq!(server.rows(), rows);
    assert_eq!(operator.reveals(&first).await.expect(200)["value"], "first");
    operator.creates(json!({ "key": "k", "value": "v" })).await;
}

#[tokio::test]
async fn keys_and_values_that_cannot_be_are_refused_by_pointer() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let refused = [
        (json!({ "value": "v" }), "/key"),
        (json!({ "key": "a.b", "value": "v" }), "/key"),
        (json!({ "key": "", "value": "v" }), "/key"),
        (json!({ "key": "k".repeat(128), "value": "v" }), "/key"),
        (json!({ "key": null, "value": "v" }), "/key"),
        (json!({ "key": "K" }), "/value"),
        (json!({ "key": "K", "value": null }), "/value"),
        (json!({ "key": "K", "value": "v", "valueBase64": "dg==" }), "/value"),
        (json!({ "key": "K", "valueBase64": "no base64" }), "/valueBase64"),
        (json!({ "key": "K", "value": "v", "description": "d".repeat(1_025) }), "/description"),
        (json!({ "key": "K", "value": "v", "note": "n\0" }), "/note"),
        (json!({ "key": "K", "value": "v", "sensitivity": "pii" }), "/sensitivity"),
        (json!({ "key": "K", "value": "v", "disclosure": "OPEN" }), "/disclosure"),
        (json!({ "key": "K", "value": "v", "notBefore": "now" }), "/notBefore"),
        (json!({ "key": "K", "value": "v", "notBefore": 2, "expiresOn": 2 }), "/expiresOn"),
        (json!({ "key": "K", "value": "v", "id": NOBODY }), ""),
        (json!({ "key": "K", "value": "v", "createdBy": "me" }), ""),
    ];
    for (body, pointer) in refused {
        let reply = operator.post(SECRETS, body.clone()).await;
        assert_eq!(reply.refused(400), "invalid-request", "{body}");
        assert!(reply.json()["errors"][pointer].is_array(), "{body}: {}", reply.json());
    }
    assert_eq!(operator.get(SECRETS).await.expect(200), json!([]));
    operator.creates(json!({ "key": "k".repeat(127), "value": "" })).await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_leaves_the_rest() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "key": "K", "value": "v", "description": "old", "expiresOn": 9_000 });
    let before = operator.creates(body).await;
    let path = format!("{SECRETS}/{}", id_of(&before));
    server.clock.advance(std::time::Duration::from_secs(1));

    let same = operator.patch(&path, json!({ "description": null })).await.expect(200);
    assert_eq!(same, before, "null leaves the description, like absence");
    let same = operator.patch(&path, json!({ "description": "old" })).await.expect(200);
    assert_eq!(same, before, "what is as asked already is no change");

    let mut expected = before.clone();
    expected["description"] = json!("new");
    expected["sensitivity"] = json!("PII");
    expected["modifiedAt"] = json!(server.clock.millis());
    let body = json!({ "description": "new", "sensitivity": "PII" });
    assert_eq!(operator.patch(&path, body).await.expect(200), expected);
    assert_eq!(operator.get(&path).await.expect(200), expected);

    let body = json!({ "description": "", "expiresOn": null, "notBefore": 5_000 });
    let cleared = operator.patch(&path, body).await.expect(200);
    assert_eq!(cleared["description"], Value::Null);
    assert_eq!(cleared["expiresOn"], Value::Null);
    assert_eq!(cleared["notBefore"], 5_000);
    let refused = operator.patch(&path, json!({ "expiresOn": 4_000 })).await;
    assert_eq!(refused.refused(400), "invalid-request");
    let refused = operator.patch(&path, json!({ "key": "RENAMED" })).await;
    assert_eq!(refused.refused(400), "invalid-request", "a key is never renamed");
}

#[tokio::test]
async fn sensitivity_rises_through_every_tier_and_never_falls() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let path = format!("{SECRETS}/{}", operator.keeps("K", "v").await);
    let tiers = ["STANDARD", "PII", "PHI", "FINANCIAL", "REGULATED"];
    for (rank, tier) in tiers.iter().enumerate() {
        let raised = operator.patch(&path, json!({ "sensitivity": tier })).await.expect(200);
        assert_eq!(raised["sensitivity"], *tier);
        for lower in &tiers[..rank] {
            let refused = operator.patch(&path, json!({ "sensitivity": lower })).await;
            assert_eq!(refused.refused(400), "sensitivity-lowered", "{tier} to {lower}");
            assert!(refused.json()["errors"]["/sensitivity"].is_array());
        }
    }
    assert_eq!(operator.get(&path).await.expect(200)["sensitivity"], "REGULATED");
}

#[tokio::test]
async fn a_use_only_secret_becomes_readable_only_together_with_a_new_value() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = id_of(&operator.creates(json!({ "key": "K", "value": "never seen" })).await);
    let path = format!("{SECRETS}/{id}");
    let refused = operator.patch(&path, json!({ "disclosure": "READABLE" })).await;
    assert_eq!(refused.refused(400), "new-value-needed");
    assert_eq!(operator.reveals(&id).await.refused(403), "use-only");

    let body = json!({ "disclosure": "READABLE", "value": "seen", "note": "opened" });
    let opened = operator.patch(&path, body).await.expect(200);
    assert_eq!(
        (&opened["disclosure"], &opened["publishedVersion"]),
        (&json!("READABLE"), &json!(2))
    );
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "seen");
    let revisions = operator.get(&format!("{path}/revisions")).await.expect(200);
    assert_eq!(revisions[0]["note"], "opened");

    let closed = operator.patch(&path, json!({ "disclosure": "USE_ONLY" })).await.expect(200);
    assert_eq!(closed["disclosure"], "USE_ONLY");
    assert_eq!(operator.reveals(&id).await.refused(403), "use-only");
}

#[tokio::test]
async fn a_secret_once_use_only_is_not_opened_by_rolling_back_to_its_unseen_value() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let made = operator.creates(json!({ "key": "K", "value": "never seen" })).await;
    let id = id_of(&made);
    let body = json!({ "disclosure": "READABLE", "value": "seen" });
    operator.patch(&format!("{SECRETS}/{id}"), body).await.expect(200);
    let body = json!({ "revisionId": made["publishedRevisionId"] });
    let path = format!("{SECRETS}/{id}:rollback");
    let refused = operator.post(&path, body.clone()).await;
    assert_eq!(refused.refused(400), "new-value-needed");
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "seen");

    operator
        .patch(&format!("{SECRETS}/{id}"), json!({ "disclosure": "USE_ONLY" }))
        .await
        .expect(200);
    operator.post(&path, body).await.expect(200);
    assert_eq!(operator.reveals(&id).await.refused(403), "use-only");
    let reopened =
        operator.patch(&format!("{SECRETS}/{id}"), json!({ "disclosure": "READABLE" })).await;
    assert_eq!(reopened.refused(400), "new-value-needed");
}

#[tokio::test]
async fn listing_by_key_finds_one_or_none() {
    let server = TestServer::start().await;
    let operator = server.operator();
    operator.keeps("OTHER", "v").await;
    let secret = operator.shows(&operator.keeps("K", "v").await).await;
    let by_key = async |query: &str| operator.get(&format!("{SECRETS}?{query}")).await.expect(200);
    assert_eq!(by_key("key=K").await, json!([secret]));
    assert_eq!(by_key("KEY=K").await, json!([secret]), "names of parameters have no case");
    assert_eq!(by_key("key=K&unknown=1").await, json!([secret]));
    for nothing in ["key=k", "key=NONE", "key=", "key=a.b", "key=%00"] {
        assert_eq!(by_key(nothing).await, json!([]), "{nothing}");
    }
    let twice = operator.get(&format!("{SECRETS}?key=K&Key=K")).await;
    assert_eq!(twice.refused(400), "invalid-request");
}

#[tokio::test]
async fn a_deleted_secret_is_gone_with_its_values_and_its_key_is_free() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "old").await;
    let live = operator.shows(&id).await["publishedRevisionId"].as_str().unwrap().to_owned();
    operator.put(&format!("{SECRETS}/{id}/grants/agent")).await.expect(200);
    let deleted = operator.delete(&format!("{SECRETS}/{id}")).await;
    assert_eq!((deleted.status.as_u16(), deleted.bytes.len()), (204, 0));

    let absent = operator.get(&format!("{SECRETS}/{NOBODY}")).await.without_instance();
    for path in ["", "/revisions", "/publications", "/grants", &format!("/revisions/{live}")] {
        let gone = operator.get(&format!("{SECRETS}/{id}{path}")).await;
        assert_eq!(gone.refused(404), "not-found", "{path}");
        assert_eq!(gone.without_instance(), absent, "{path}");
    }
    assert_eq!(operator.reveals(&id).await.without_instance(), absent);
    assert_eq!(operator.delete(&format!("{SECRETS}/{id}")).await.without_instance(), absent);
    assert_eq!(operator.get(SECRETS).await.expect(200), json!([]));
    for table in ["secrets ", "revisions ", "publications ", "grants "] {
        assert!(server.rows().iter().all(|row| !row.starts_with(table)), "{table} left");
    }

    let again = operator.creates(json!({ "key": "K", "value": "new" })).await;
    assert_ne!(id_of(&again), id);
    assert_eq!(again["publishedVersion"], 1);
    let old = operator.events(&format!("resourceId={id}")).await;
    let actions: Vec<&Value> = old.iter().map(|event| &event["action"]).collect();
    let expected = ["secret.reveal", "secret.delete", "grant.create", "secret.create"];
    assert_eq!(actions, expected, "the audit stays, and who asked for what is gone is in it");
}

#[tokio::test]
async fn the_last_use_of_a_secret_is_shown_and_survives_a_restart() {
    let server = TestServer::start().await;
    let id = server.operator().keeps("K", "v").await;
    assert_eq!(server.operator().shows(&id).await["lastUsedAt"], Value::Null);
    server.clock.advance(std::time::Duration::from_secs(60));
    let used_at = server.clock.millis();
    for _ in 0..5 {
        server.operator().reveals(&id).await.expect(200);
    }
    let server = server.restart().await;
    let shown = server.operator().shows(&id).await;
    assert_eq!(shown["lastUsedAt"], used_at);
    assert!(shown["modifiedAt"].as_i64().unwrap() < used_at, "using is not changing");
}

#[tokio::test]
async fn a_secret_of_another_tenant_is_not_there() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let id = server.operator().keeps("K", "v").await;
    let acme = server.admin("acme").await;
    let absent = acme.get(&format!("/v1/tenants/acme/secrets/{NOBODY}")).await;
    let foreign = acme.get(&format!("/v1/tenants/acme/secrets/{id}")).await;
    assert_eq!(foreign.refused(404), "not-found");
    assert_eq!(foreign.without_instance(), absent.without_instance());
    assert_eq!(acme.get(&format!("{DEFAULT}/secrets/{id}")).await.refused(404), "not-found");
    let both =
        server.operator().post("/v1/tenants/acme/secrets", json!({"key":"K","value":"v"})).await;
    both.expect(201);
}
