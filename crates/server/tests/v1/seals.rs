//! Rows that decide security, edited behind the server's back: found out with cold caches, and never believed.

use serde_json::json;
use subrosa_testkit::{Actor, DEFAULT, TestServer, blob, id_of};

/// Every way to the value or the metadata of a secret.
async fn refuses_all_of_it(actor: &Actor, id: &str, what: &str) {
    let secret = format!("{DEFAULT}/secrets/{id}");
    let replies = [
        actor.reveals(id).await,
        actor.reveals_all(json!([{ "id": id }])).await,
        actor.reveals_all(json!([{ "key": "K" }])).await,
        actor.get(&secret).await,
        actor.get(&format!("{DEFAULT}/secrets")).await,
        actor.get(&format!("{DEFAULT}/secrets?key=K")).await,
        actor.get(&format!("{secret}/revisions")).await,
        actor.get(&format!("{secret}/grants")).await,
        actor.post(&format!("{secret}:publish"), json!({ "value": "new" })).await,
        actor.patch(&secret, json!({ "description": "new" })).await,
        actor.put(&format!("{secret}/grants/agent")).await,
        actor.delete(&secret).await,
    ];
    for (at, reply) in replies.iter().enumerate() {
        assert_eq!(reply.refused(500), "integrity-failure", "{what}: way {at}");
        assert!(!String::from_utf8_lossy(&reply.bytes).contains("canary"), "{what}");
    }
}

#[tokio::test]
async fn a_secret_whose_deciding_columns_were_edited_is_never_believed() {
    let edits = [
        ("tier", "UPDATE secrets SET sensitivity = 1"),
        ("disclosure", "UPDATE secrets SET disclosure = 2 - (disclosure = 2)"),
        (
            "published pointer",
            "UPDATE secrets SET live_version = 1, live_revision_id = \
            (SELECT id FROM revisions WHERE version = 1)",
        ),
        ("tier of the live revision", "UPDATE secrets SET live_sensitivity = 1"),
        ("end", "UPDATE secrets SET expires_on = NULL"),
        ("beginning", "UPDATE secrets SET not_before = 0"),
        ("numbering", "UPDATE secrets SET latest_version = 9"),
        ("key", "UPDATE secrets SET key = 'K', row_version = row_version + 1"),
        ("seal", "UPDATE secrets SET seal = zeroblob(32)"),
        ("group", "UPDATE secrets SET seal = randomblob(32)"),
    ];
    for (what, sql) in edits {
        let server = TestServer::start().await;
        let operator = server.operator();
        let body = json!({ "key": "K", "value": "canary 1", "disclosure": "READABLE",
            "sensitivity": "REGULATED", "expiresOn": server.clock.millis() + 1_000 });
        let id = id_of(&operator.creates(body).await);
        operator.publishes(&id, "canary 2").await;
        let server = server.tampered(sql).await;
        let before = server.rows();
        refuses_all_of_it(&server.operator(), &id, what).await;
        assert_eq!(server.rows(), before, "{what}");
        let reveals = server.operator().events("action=secret.reveal&decision=ALLOWED").await;
        assert!(reveals.is_empty(), "{what}");
    }
}

#[tokio::test]
async fn a_value_put_in_anothers_place_does_not_open_and_is_on_record() {
    let swaps = [
        (
            "a value",
            "UPDATE revisions SET value = (SELECT value FROM revisions r WHERE r.secret_id = {B})",
        ),
        (
            "a wrap",
            "UPDATE revisions SET wrap = (SELECT wrap FROM revisions r WHERE r.secret_id = {B})",
        ),
        (
            "value and wrap",
            "UPDATE revisions SET \
            value = (SELECT value FROM revisions r WHERE r.secret_id = {B}), \
            wrap = (SELECT wrap FROM revisions r WHERE r.secret_id = {B})",
        ),
        (
            "a flipped byte",
            "UPDATE revisions SET value = CAST(substr(value, 1, length(value) - 1) || x'00' AS BLOB)",
        ),
        ("the tier it was made under", "UPDATE revisions SET sensitivity = 5"),
    ];
    for (what, sql) in swaps {
        let server = TestServer::start().await;
        let operator = server.operator();
        let a = operator.keeps("A", "canary a").await;
        let b = operator.keeps("B", "canary b").await;
        let sql = format!("{} WHERE secret_id = {}", sql.replace("{B}", &blob(&b)), blob(&a));
        let server = server.tampered(&sql).await;
        let operator = server.operator();
        let refused = operator.reveals(&a).await;
        assert_eq!(refused.refused(500), "integrity-failure", "{what}");
        assert!(!String::from_utf8_lossy(&refused.bytes).contains("canary"), "{what}");
        let batch = operator.reveals_all(json!([{ "id": b }, { "id": a }])).await;
        assert_eq!(batch.refused(500), "integrity-failure", "{what}");
        assert_eq!(operator.reveals(&b).await.expect(200)["value"], "canary b", "{what}");
        let events = operator.events("action=integrity.failure").await;
        assert_eq!(events.len(), 2, "{what}");
        assert_eq!(events[0]["resource"]["id"], json!(a));
        assert_ne!(events[0]["decision"], "ALLOWED", "{what}: a failure is no success");
    }
}

#[tokio::test]
async fn a_revision_moved_to_another_secret_does_not_open_there() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (a, b) = (operator.keeps("A", "canary a").await, operator.keeps("B", "canary b").await);
    let sql = format!(
        "UPDATE revisions SET value = o.value, wrap = o.wrap, sensitivity = o.sensitivity, created_at = o.created_at \
         FROM (SELECT * FROM revisions WHERE secret_id = {}) AS o WHERE revisions.secret_id = {}",
        blob(&b),
        blob(&a),
    );
    let server = server.tampered(&sql).await;
    assert_eq!(server.operator().reveals(&a).await.refused(500), "integrity-failure");
}

#[tokio::test]
async fn a_token_whose_deciding_columns_were_edited_opens_nothing() {
    let edits = [
        ("scopes", "UPDATE tokens SET scopes = 'secrets:read secrets:reveal tenant:admin'"),
        ("revocation", "UPDATE tokens SET revoked_at = NULL"),
        ("end", "UPDATE tokens SET expires_at = NULL"),
        ("kind", "UPDATE tokens SET kind = 3"),
        ("hash", "UPDATE tokens SET digest = zeroblob(32)"),
        ("seal", "UPDATE tokens SET seal = randomblob(32)"),
        ("its principal's state", "UPDATE principals SET scopes = 'secrets:reveal'"),
    ];
    for (what, sql) in edits {
        let server = TestServer::start().await;
        let operator = server.operator();
        let body = json!({ "scopes": ["secrets:read"], "expirationDays": 1 });
        let minted = operator.mints(body).await;
        let path = format!("{DEFAULT}/tokens/{}", id_of(&minted));
        if what == "revocation" {
            operator.delete(&path).await.expect(204);
        }
        let server = server.tampered(sql).await;
        let bearer = server.with_token(minted["token"].as_str().unwrap());
        let refused = bearer.get(&format!("{DEFAULT}/secrets")).await;
        assert_eq!(refused.refused(500), "integrity-failure", "{what}");
        if what != "its principal's state" {
            for reply in [
                server.operator().get(&path).await,
                server.operator().get(&format!("{DEFAULT}/tokens")).await,
                server.operator().post(&format!("{path}:rotate"), json!({})).await,
                server.operator().delete(&path).await,
            ] {
                assert_eq!(reply.refused(500), "integrity-failure", "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_moved_to_another_tenant_or_person_opens_nothing() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let minted = server.operator().mints(json!({ "preset": "admin" })).await;
    let made =
        server.operator().post(&format!("{DEFAULT}/serviceAccounts"), json!({})).await.expect(201);
    let person = blob(&id_of(&made["serviceAccount"]));
    let sql = format!("UPDATE tokens SET principal_id = {person} WHERE kind = 1");
    let server = server.tampered(&sql).await;
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    assert_eq!(bearer.get(&format!("{DEFAULT}/secrets")).await.refused(500), "integrity-failure");
    let acme = server.operator().get("/v1/tenants/acme").await.expect(200);
    let tenant = blob(acme["id"].as_str().unwrap());
    let sql = format!(
        "UPDATE tokens SET tenant_id = {tenant}, principal_id = \
         (SELECT id FROM principals WHERE tenant_id = {tenant}) WHERE kind = 1"
    );
    let server = server.tampered(&sql).await;
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    assert_eq!(bearer.get("/v1/tenants/acme/secrets").await.refused(500), "integrity-failure");
}

#[tokio::test]
async fn a_revoked_account_a_deleted_tenant_and_a_grant_are_sealed_as_well() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let accounts = format!("{DEFAULT}/serviceAccounts");
    let made = operator.post(&accounts, json!({})).await.expect(201);
    let account = format!("{accounts}/{}", id_of(&made["serviceAccount"]));
    operator.delete(&account).await.expect(204);
    let server = server.tampered("UPDATE principals SET state = 1 WHERE kind = 2").await;
    let bearer = server.with_token(made["key"]["token"].as_str().unwrap());
    assert_eq!(
        bearer.get(&format!("{DEFAULT}/auth/health")).await.refused(500),
        "integrity-failure"
    );
    assert_eq!(server.operator().get(&accounts).await.refused(500), "integrity-failure");

    let id = server.operator().keeps("K", "v").await;
    let grants = format!("{DEFAULT}/secrets/{id}/grants");
    server.operator().put(&format!("{grants}/a")).await.expect(200);
    let server = server.tampered("UPDATE grants SET agent_id = 'b'").await;
    assert_eq!(server.operator().get(&grants).await.refused(500), "integrity-failure");

    server.tenant("acme").await;
    server.operator().delete("/v1/tenants/acme").await.expect(204);
    let server = server.tampered("UPDATE tenants SET state = 1 WHERE slug = 'acme'").await;
    assert_eq!(server.operator().get("/v1/tenants/acme").await.refused(500), "integrity-failure");
    let server = server.tampered("UPDATE tenants SET slug = 'stolen' WHERE slug = 'default'").await;
    assert_eq!(server.operator().get("/v1/tenants/stolen").await.refused(500), "integrity-failure");
}

#[tokio::test]
async fn a_broken_seal_is_on_record() {
    let server = TestServer::start().await;
    let id = server.operator().keeps("K", "v").await;
    let server = server.tampered("UPDATE secrets SET sensitivity = 5").await;
    server.operator().reveals(&id).await.expect(500);
    let events = server.operator().events("action=integrity.failure").await;
    assert_eq!(events.len(), 1);
    assert_ne!(events[0]["decision"], "ALLOWED");
}
