//! `serviceAccounts`: principals that are machines.

use crate::NOBODY;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of, shape};

const ACCOUNTS: &str = "/v1/tenants/default/serviceAccounts";

async fn makes(actor: &Actor, body: Value) -> (String, Value) {
    let made = actor.post(ACCOUNTS, body).await.expect(201);
    (id_of(&made["serviceAccount"]), made)
}

#[tokio::test]
async fn a_service_account_is_made_with_its_first_key_which_works_and_is_shown_once() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "name": "ci", "description": "builds", "scopes": ["secrets:read"],
        "preset": "agent", "keyExpirationDays": 30 });
    let reply = operator.post(ACCOUNTS, body).await;
    let made = reply.expect(201);
    assert_eq!(shape(&made), ["key: object", "serviceAccount: object"]);
    let account = &made["serviceAccount"];
    assert_eq!(reply.headers["location"], format!("{ACCOUNTS}/{}", id_of(account)));
    let expected = [
        "createdAt: integer",
        "createdBy: string",
        "description: string",
        "id: string",
        "isActive: boolean",
        "modifiedAt: integer",
        "name: string",
        "revokedAt: null",
        "scopes: array",
    ];
    assert_eq!(shape(account), expected);
    assert_eq!((&account["name"], &account["isActive"]), (&json!("ci"), &json!(true)));
    assert_eq!(account["scopes"], json!(["secrets:read", "secrets:use"]));
    let key = &made["key"];
    assert_eq!((&key["type"], &key["scopes"]), (&json!("SERVICE_ACCOUNT"), &account["scopes"]));
    assert_eq!(key["expiresAt"], server.clock.millis() + 30 * 86_400_000);
    let token = key["token"].as_str().unwrap();
    assert!(token.starts_with("sr_sat_"));
    let machine = server.with_token(token);
    machine.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let current = machine.get(&format!("{DEFAULT}/tokens/current")).await.expect(200);
    assert_eq!(
        (&current["ownerType"], &current["ownerId"]),
        (&json!("SERVICE_ACCOUNT"), &account["id"])
    );
    let page = operator.get(ACCOUNTS).await.expect(200);
    assert_eq!(page, json!({ "items": [account], "nextPageToken": null, "totalCount": 1 }));
}

#[tokio::test]
async fn a_bare_request_makes_an_account_that_can_do_nothing() {
    let server = TestServer::start().await;
    let (_, made) = makes(&server.operator(), json!({})).await;
    assert_eq!(made["serviceAccount"]["scopes"], json!([]));
    assert_eq!(made["serviceAccount"]["description"], "");
    assert_eq!(made["key"]["expiresAt"], Value::Null);
    let machine = server.with_token(made["key"]["token"].as_str().unwrap());
    assert_eq!(machine.get(&format!("{DEFAULT}/secrets")).await.refused(403), "missing-scope");
}

#[tokio::test]
async fn accounts_are_bounded_by_who_makes_them() {
    let server = TestServer::start().await;
    let minted =
        server.operator().mints(json!({ "scopes": ["keys:write"], "expirationDays": 5 })).await;
    let maker = server.with_token(minted["token"].as_str().unwrap());
    let rows = server.rows();
    let refused = maker.post(ACCOUNTS, json!({ "scopes": ["secrets:read"] })).await;
    assert_eq!(refused.expect(403)["required"], "secrets:read");
    let refused = maker.post(ACCOUNTS, json!({ "keyExpirationDays": 6 })).await;
    assert_eq!(refused.refused(403), "beyond-minter");
    let refused = maker.post(ACCOUNTS, json!({ "keyExpirationDays": 0 })).await;
    assert_eq!(refused.refused(400), "invalid-request");
    let refused = maker.post(ACCOUNTS, json!({ "scopes": ["secrets:fly"] })).await;
    assert_eq!(refused.refused(400), "unknown-scopes");
    assert_eq!(server.rows(), rows);
    let (id, made) = makes(&maker, json!({})).await;
    assert_eq!(made["key"]["expiresAt"], minted["expiresAt"]);

    let (wide, _) = makes(&server.operator(), json!({ "preset": "admin" })).await;
    let refused = maker.post(&format!("{ACCOUNTS}/{wide}:rotate"), json!({})).await;
    assert_eq!(refused.expect(403)["code"], "missing-scope", "who rotates a key holds it");
    let refused = maker.post(&format!("{ACCOUNTS}/{id}:rotate?expirationDays=6"), json!({})).await;
    assert_eq!(refused.refused(403), "beyond-minter");
}

#[tokio::test]
async fn a_name_is_one_living_accounts_alone() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (id, _) = makes(&operator, json!({ "name": "ci" })).await;
    let refused = operator.post(ACCOUNTS, json!({ "name": "ci" })).await;
    assert_eq!(refused.refused(409), "already-exists");
    operator.delete(&format!("{ACCOUNTS}/{id}")).await.expect(204);
    makes(&operator, json!({ "name": "ci" })).await;
    assert_eq!(operator.get(ACCOUNTS).await.expect(200)["totalCount"], 2, "the old one is kept");
}

#[tokio::test]
async fn rotating_an_account_puts_a_new_key_live_and_ends_the_others() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (id, made) = makes(&operator, json!({ "scopes": ["secrets:read"] })).await;
    let old = server.with_token(made["key"]["token"].as_str().unwrap());
    old.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let path = format!("{ACCOUNTS}/{id}:rotate?expirationDays=3");
    let key = operator.send(http::Method::POST, &path, None).await.expect(200);
    assert_eq!(shape(&key).len(), 9, "the shape of a minted token");
    assert_ne!(key["id"], made["key"]["id"]);
    assert_eq!(key["expiresAt"], server.clock.millis() + 3 * 86_400_000);
    assert_eq!(old.get(&format!("{DEFAULT}/secrets")).await.refused(401), "unauthenticated");
    let new = server.with_token(key["token"].as_str().unwrap());
    new.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let old = operator.get(&format!("{DEFAULT}/tokens/{}", id_of(&made["key"]))).await.expect(200);
    assert_eq!(old["revokedAt"], server.clock.millis());
    let minted = operator.events(&format!("action=token.mint&resourceId={}", id_of(&key))).await;
    assert_eq!(minted.len(), 1, "the new key's minting is on record");
    for days in ["0", "-1", "x", "99999999999"] {
        let refused = operator
            .post(&format!("{ACCOUNTS}/{id}:rotate?expirationDays={days}"), json!({}))
            .await;
        assert_eq!(refused.refused(400), "invalid-request", "{days}");
    }
}

#[tokio::test]
async fn deleting_an_account_ends_every_key_at_once() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (id, made) = makes(&operator, json!({ "scopes": ["secrets:read", "keys:write"] })).await;
    let machine = server.with_token(made["key"]["token"].as_str().unwrap());
    let child = machine.mints(json!({ "scopes": ["secrets:read"] })).await;
    let child = server.with_token(child["token"].as_str().unwrap());
    for bearer in [&machine, &child] {
        bearer.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    }
    server.clock.advance(Duration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(operator.delete(&format!("{ACCOUNTS}/{id}")).await.status, 204);
    }
    for bearer in [&machine, &child] {
        assert_eq!(bearer.get(&format!("{DEFAULT}/secrets")).await.refused(401), "unauthenticated");
    }
    let account = operator.get(ACCOUNTS).await.expect(200)["items"][0].clone();
    assert_eq!(
        (&account["isActive"], &account["revokedAt"]),
        (&json!(false), &json!(server.clock.millis()))
    );
    let rotated = operator.post(&format!("{ACCOUNTS}/{id}:rotate"), json!({})).await;
    assert_eq!(rotated.refused(409), "conflict");
    let events = operator.get(&format!("{ACCOUNTS}/{id}/auditEvents")).await.expect(200);
    let kinds: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|event| &event["eventType"]).collect();
    assert_eq!(kinds, ["USED_WHILE_REVOKED", "USED_WHILE_REVOKED", "REVOKED", "PROVISIONED"]);
}

#[tokio::test]
async fn an_accounts_events_and_activity_are_the_union_over_its_keys() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (id, made) = makes(&operator, json!({ "scopes": ["secrets:read"] })).await;
    makes(&operator, json!({})).await;
    let first = server.with_token(made["key"]["token"].as_str().unwrap());
    first.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let key = operator.post(&format!("{ACCOUNTS}/{id}:rotate"), json!({})).await.expect(200);
    let second = server.with_token(key["token"].as_str().unwrap());
    second.get(&format!("{DEFAULT}/tokens")).await.expect(403);
    let page = operator.get(&format!("{ACCOUNTS}/{id}/activity")).await.expect(200);
    let tokens: Vec<(&Value, &Value)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["tokenId"], &one["keyPrefix"]))
        .collect();
    assert_eq!(
        tokens,
        [(&key["id"], &key["keyPrefix"]), (&made["key"]["id"], &made["key"]["keyPrefix"])]
    );
    let events = operator.get(&format!("{ACCOUNTS}/{id}/auditEvents")).await.expect(200);
    let expected = [
        "actor: null",
        "createdAt: integer",
        "details: string",
        "eventType: string",
        "id: string",
        "serviceAccountId: string",
        "tenantId: string",
        "userId: string",
    ];
    assert_eq!(shape(&events["items"][0]), expected);
    let kinds: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|event| &event["eventType"]).collect();
    assert_eq!(kinds, ["ROTATED", "PROVISIONED"]);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_refused_alike_and_so_is_a_person() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({})).await;
    let person = server.with_token(minted["token"].as_str().unwrap());
    let person =
        person.get(&format!("{DEFAULT}/tokens/current")).await.expect(200)["ownerId"].clone();
    let absent = operator.delete(&format!("{ACCOUNTS}/{NOBODY}")).await.without_instance();
    for id in [NOBODY, person.as_str().unwrap()] {
        let replies = [
            operator.delete(&format!("{ACCOUNTS}/{id}")).await,
            operator.post(&format!("{ACCOUNTS}/{id}:rotate"), json!({})).await,
            operator.get(&format!("{ACCOUNTS}/{id}/auditEvents")).await,
            operator.get(&format!("{ACCOUNTS}/{id}/activity")).await,
        ];
        for reply in replies {
            assert_eq!(reply.refused(404), "not-found");
            assert_eq!(reply.without_instance(), absent);
        }
    }
}
