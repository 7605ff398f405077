//! `tokens:generate` and `:rotate`: never wider, never longer-lived than who asks.

use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer, id_of, shape};

const DAY: i64 = 86_400_000;

async fn asks(actor: &Actor, body: Value) -> Reply {
    actor.post(&format!("{DEFAULT}/tokens:generate"), body).await
}

#[tokio::test]
async fn an_empty_request_mints_a_token_that_may_do_nothing() {
    let server = TestServer::start().await;
    for body in [Some(b"{}".to_vec()), None] {
        let path = format!("{DEFAULT}/tokens:generate");
        let reply = server.operator().send(http::Method::POST, &path, body).await;
        let minted = reply.expect(201);
        let expected = [
            "createdAt: integer",
            "createdBy: string",
            "expiresAt: null",
            "id: string",
            "keyPrefix: string",
            "name: string",
            "scopes: array",
            "token: string",
            "type: string",
        ];
        assert_eq!(shape(&minted), expected);
        assert_eq!(reply.headers["location"], format!("{DEFAULT}/tokens/{}", id_of(&minted)));
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!((&minted["scopes"], &minted["type"]), (&json!([]), &json!("USER")));
        let name = minted["name"].as_str().unwrap();
        assert!(name.starts_with("token-") && name.len() == 10, "{name}");
        let token = minted["token"].as_str().unwrap();
        assert!(token.starts_with(minted["keyPrefix"].as_str().unwrap()));
        let parts: Vec<usize> = token.split('_').map(str::len).collect();
        assert_eq!(parts, [2, 3, 12, 49], "sr_pat_<key id>_<secret and checksum>");
        let bearer = server.with_token(token);
        assert_eq!(
            bearer.get(&format!("{DEFAULT}/secrets")).await.expect(403)["granted"],
            json!([])
        );
    }
}

#[tokio::test]
async fn presets_are_expanded_when_a_token_is_minted_and_united_with_its_scopes() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let scopes = async |body: Value| operator.mints(body).await["scopes"].clone();
    assert_eq!(scopes(json!({ "preset": "agent" })).await, json!(["secrets:use"]));
    let reader = scopes(json!({ "preset": "reader" })).await;
    assert_eq!(reader, json!(["secrets:read", "secrets:reveal"]));
    let runner = scopes(json!({ "preset": "runner" })).await;
    assert_eq!(runner, json!(["agents:execute", "traces:write"]));
    let both = json!({ "preset": "agent", "scopes": ["keys:read", "keys:read", "secrets:use"] });
    assert_eq!(scopes(both).await, json!(["secrets:use", "keys:read"]), "in catalogue order");
    let catalogue = operator.get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    for preset in catalogue["presets"].as_array().unwrap() {
        assert_eq!(scopes(json!({ "preset": preset["id"] })).await, preset["scopes"]);
    }
    let read_only = scopes(json!({ "preset": "read-only" })).await.to_string();
    for never in ["secrets:reveal", "audit:read", "billing:read"] {
        assert!(!read_only.contains(never));
    }
}

#[tokio::test]
async fn unknown_scopes_are_named_only_if_they_look_like_scopes() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let rows = server.rows();
    let scopes = ["secrets:read", "secrets:fly", "sk_live_Canary1", "A:B", "a:b:c", "moon:walk"];
    let refused = asks(&operator, json!({ "scopes": scopes })).await;
    assert_eq!(refused.refused(400), "unknown-scopes");
    let said = refused.json()["errors"]["/scopes"][0].as_str().unwrap().to_owned();
    assert!(said.contains("secrets:fly") && said.contains("moon:walk"), "{said}");
    for quiet in ["Canary", "A:B", "a:b:c", "secrets:read"] {
        assert!(!said.contains(quiet), "{said}");
    }
    let many: Vec<String> = (b'a'..=b'z').map(|letter| format!("x:{}", letter as char)).collect();
    let said = asks(&operator, json!({ "scopes": many })).await.expect(400).to_string();
    assert!(said.contains("x:t") && !said.contains("x:u"), "20 at most: {said}");
    let refused = asks(&operator, json!({ "preset": "root" })).await;
    assert!(refused.expect(400)["errors"]["/preset"].is_array());
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn nobody_mints_a_scope_they_lack() {
    let server = TestServer::start().await;
    let minter = server.token("default", &["keys:write", "secrets:read", "audit:read"]).await;
    let rows = server.rows();
    let beyond = ["audit:read", "tenant:admin", "secrets:reveal"];
    let refused = asks(&minter, json!({ "scopes": beyond })).await;
    let body = refused.expect(403);
    assert_eq!(body["code"], "missing-scope");
    assert_eq!(body["error"], "insufficient_scope");
    assert_eq!(body["required"], "secrets:reveal", "the first in catalogue order");
    assert_eq!(body["missing"], json!(["secrets:reveal", "tenant:admin"]));
    assert_eq!(body["granted"], json!(["secrets:read", "keys:write", "audit:read"]));
    let refused = asks(&minter, json!({ "preset": "reader" })).await;
    assert_eq!(refused.expect(403)["required"], "secrets:reveal", "a preset is no way around");
    assert_eq!(server.rows(), rows);
    let within = asks(&minter, json!({ "scopes": ["audit:read", "keys:write"] })).await.expect(201);
    let child = server.with_token(within["token"].as_str().unwrap());
    let refused = asks(&child, json!({ "scopes": ["secrets:read"] })).await;
    assert_eq!(refused.expect(403)["required"], "secrets:read", "nor a token in between");
}

#[tokio::test]
async fn every_single_scope_mints_itself_and_nothing_else() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let catalogue = operator.get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    let all: Vec<&str> = catalogue["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    for held in &all {
        let minted = operator.mints(json!({ "scopes": ["keys:write", held] })).await;
        let minter = server.with_token(minted["token"].as_str().unwrap());
        let refused = asks(&minter, json!({ "preset": "admin" })).await.expect(403);
        let missing: BTreeSet<&str> = refused["missing"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        let expected: BTreeSet<&str> =
            all.iter().copied().filter(|one| one != held && *one != "keys:write").collect();
        assert_eq!(missing, expected, "{held}");
        asks(&minter, json!({ "scopes": [held] })).await.expect(201);
    }
}

#[tokio::test]
async fn nobody_mints_a_longer_life_than_their_own() {
    let server = TestServer::start().await;
    let start = server.clock.millis();
    let minted =
        server.operator().mints(json!({ "scopes": ["keys:write"], "expirationDays": 10 })).await;
    assert_eq!(minted["expiresAt"], start + 10 * DAY);
    let minter = server.with_token(minted["token"].as_str().unwrap());
    let rows = server.rows();
    for longer in [json!({ "expirationDays": null }), json!({ "expirationDays": 11 })] {
        assert_eq!(asks(&minter, longer).await.refused(403), "beyond-minter");
    }
    assert_eq!(server.rows(), rows);
    let unsaid = asks(&minter, json!({})).await.expect(201);
    assert_eq!(unsaid["expiresAt"], start + 10 * DAY, "the minter's own end");
    let shorter = asks(&minter, json!({ "expirationDays": 9 })).await.expect(201);
    assert_eq!(shorter["expiresAt"], start + 9 * DAY);
    server.clock.advance(Duration::from_secs(86_400));
    assert_eq!(asks(&minter, json!({ "expirationDays": 10 })).await.refused(403), "beyond-minter");
    asks(&minter, json!({ "expirationDays": 9 })).await.expect(201);
}

#[tokio::test]
async fn days_that_are_no_life_are_refused() {
    let server = TestServer::start().await;
    let operator = server.operator();
    for days in [0, -1, i64::from(i32::MIN), 36_501, i64::from(i32::MAX)] {
        let refused = asks(&operator, json!({ "expirationDays": days })).await;
        assert_eq!(refused.refused(400), "invalid-request", "{days}");
        assert!(refused.json()["errors"]["/expirationDays"].is_array());
    }
    assert_eq!(
        asks(&operator, json!({ "expirationDays": null })).await.expect(201)["expiresAt"],
        Value::Null
    );
}

#[tokio::test]
async fn the_platforms_types_take_tenant_admin_and_open_nothing() {
    let server = TestServer::start().await;
    let minter = server.token("default", &["keys:write"]).await;
    let admin = server.token("default", &["keys:write", "tenant:admin"]).await;
    for kind in ["SYSTEM", "SERVICE_ACCOUNT"] {
        let refused = asks(&minter, json!({ "type": kind })).await.expect(403);
        assert_eq!(
            (&refused["code"], &refused["required"]),
            (&json!("missing-scope"), &json!("tenant:admin"))
        );
        let minted = asks(&admin, json!({ "type": kind })).await.expect(201);
        assert_eq!((&minted["type"], &minted["scopes"]), (&json!(kind), &json!([])));
        let prefix = if kind == "SYSTEM" { "sr_pat_" } else { "sr_sat_" };
        assert!(minted["token"].as_str().unwrap().starts_with(prefix), "{kind}");
    }
    for (kind, shown) in [("UNSPECIFIED", "USER"), ("USER", "USER"), ("CLI", "CLI")] {
        assert_eq!(asks(&minter, json!({ "type": kind })).await.expect(201)["type"], shown);
    }
}

#[tokio::test]
async fn what_the_server_decides_is_not_taken_from_the_body() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let owned = [
        "id",
        "token",
        "keyPrefix",
        "createdBy",
        "createdAt",
        "expiresAt",
        "revokedAt",
        "tenantId",
        "ownerId",
        "principalId",
        "lastUsedAt",
        "userId",
    ];
    for member in owned {
        let refused = asks(&operator, json!({ member: "x" })).await;
        assert_eq!(refused.refused(400), "invalid-request", "{member}");
    }
    for name in [json!(""), json!("n".repeat(129)), json!("a\nb")] {
        assert_eq!(asks(&operator, json!({ "name": name })).await.refused(400), "invalid-request");
    }
}

#[tokio::test]
async fn a_rotated_token_keeps_its_id_and_its_old_secret_is_dead_at_once() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "name": "ci", "scopes": ["secrets:read"], "expirationDays": 10 });
    let minted = operator.mints(body).await;
    let old = server.with_token(minted["token"].as_str().unwrap());
    old.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    server.clock.advance(Duration::from_secs(2 * 86_400));
    let path = format!("{DEFAULT}/tokens/{}:rotate", id_of(&minted));
    let rotated = operator.send(http::Method::POST, &path, None).await.expect(200);
    assert_eq!(shape(&rotated), shape(&minted), "the shape of a minted one");
    for same in ["id", "name", "scopes", "type", "createdBy", "createdAt"] {
        assert_eq!(rotated[same], minted[same], "{same}");
    }
    assert_ne!(rotated["token"], minted["token"]);
    assert_eq!(
        rotated["expiresAt"],
        server.clock.millis() + 10 * DAY,
        "the window it had, from now"
    );
    assert_eq!(old.get(&format!("{DEFAULT}/secrets")).await.refused(401), "unauthenticated");
    let new = server.with_token(rotated["token"].as_str().unwrap());
    new.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let listed = operator.get(&format!("{DEFAULT}/tokens")).await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 1, "no second token");

    let change = json!({ "name": "cd", "scopes": [], "preset": "agent", "expirationDays": null });
    let changed = operator.post(&path, change).await.expect(200);
    assert_eq!((&changed["name"], &changed["scopes"]), (&json!("cd"), &json!(["secrets:use"])));
    assert_eq!(changed["expiresAt"], Value::Null);
}

#[tokio::test]
async fn rotating_is_minting_so_nobody_widens_by_it() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let wide = id_of(&operator.mints(json!({ "preset": "admin" })).await);
    let narrow = id_of(&operator.mints(json!({ "scopes": ["secrets:read"] })).await);
    let minted = operator
        .mints(json!({ "scopes": ["keys:write", "secrets:read"], "expirationDays": 5 }))
        .await;
    let rotator = server.with_token(minted["token"].as_str().unwrap());
    let rotate = async |id: &str, body: Value| {
        rotator.post(&format!("{DEFAULT}/tokens/{id}:rotate"), body).await
    };
    let rows = server.rows();
    let refused = rotate(&wide, json!({})).await.expect(403);
    assert_eq!(refused["required"], "secrets:write", "who rotates a token holds it");
    let refused = rotate(&narrow, json!({ "scopes": ["secrets:reveal"] })).await.expect(403);
    assert_eq!(refused["required"], "secrets:reveal");
    let refused = rotate(&narrow, json!({ "expirationDays": null })).await;
    assert_eq!(refused.refused(403), "beyond-minter");
    let refused = rotate(&narrow, json!({ "expirationDays": 0 })).await;
    assert_eq!(refused.refused(400), "invalid-request");
    assert_eq!(server.rows(), rows);
    let rotated = rotate(&narrow, json!({})).await.expect(200);
    assert_eq!(rotated["expiresAt"], minted["expiresAt"], "no longer than the rotator's own life");
}
