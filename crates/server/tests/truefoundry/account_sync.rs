//! A virtual account's token kept as a secret, where its manifest says.

use crate::{
    cast::{
        account_manifest, faults, group_at, makes, secret_id, secrets_of, sees, service, shares,
        versions_of,
    },
    holders::{
        account_at, account_of, makes_account, on_record, puts_account, regenerates, text,
        token_again,
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, Reply, TestServer, id_of, shape};

/// A manifest that says where the token is kept.
fn kept_in(group: &str, key: &str) -> Value {
    let mut manifest = account_manifest("ci", &[]);
    manifest["secret_store_config"] =
        json!({ "type": "tfy-secrets", "secret_group": group, "key": key });
    manifest
}

/// Asks for the token to be kept.
async fn syncs(who: &Actor, id: &str, query: &str) -> Reply {
    let path = format!("{}/sync-to-secret-store{query}", account_at(id));
    who.send(http::Method::POST, &path, None).await
}

/// What it came to.
async fn synced(who: &Actor, id: &str, query: &str) -> Value {
    let synced = syncs(who, id, query).await.expect(200);
    assert_eq!(shape(&synced), ["syncTokenInSecretStoreInfo: object"]);
    let info = &synced["syncTokenInSecretStoreInfo"];
    assert_eq!(shape(info), ["jwtId: string", "updatedAt: string"]);
    info.clone()
}

#[tokio::test]
async fn the_token_is_kept_once_and_anew_only_when_it_is_another() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "ops", &[("OTHER", "v")]).await);
    let (id, token) = makes_account(&admin, &kept_in("ops", "CI_TOKEN")).await;
    let first = synced(&admin, &id, "").await;
    assert_eq!(first["jwtId"], account_of(&admin, &id).await["jwtId"]);
    assert_eq!(first["updatedAt"], "2026-01-01T00:00:00Z");
    let group = admin.get(&group_at(&group)).await.expect(200)["data"].clone();
    let secret = secret_id(&group, "CI_TOKEN");
    assert_eq!(sees(&admin, &secret).await["value"], json!(token));

    server.clock.advance(Duration::from_secs(60));
    for query in ["", "?force=false", "?force=true"] {
        assert_eq!(synced(&admin, &id, query).await, first, "{query}");
    }
    assert_eq!(versions_of(&admin, &secret).await, [1]);
    let new = text(&regenerates(&admin, &id, 0).await.expect(200), "token");
    let second = synced(&admin, &id, "?force=false").await;
    assert_eq!(second["updatedAt"], "2026-01-01T00:01:00Z");
    assert_ne!(second["jwtId"], first["jwtId"]);
    assert_eq!(sees(&admin, &secret).await["value"], json!(new));
    assert_eq!(versions_of(&admin, &secret).await, [2, 1]);
    let shown = on_record(&server, "action=token.show").await;
    assert_eq!(shown.len(), 5, "each time the token was had again for it");
}

#[tokio::test]
async fn the_group_may_be_named_in_full_and_be_the_group_default() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "ops", &[]).await;
    for (group, fqn) in [
        ("default:ops", "default:ops:CI_TOKEN"),
        ("default", "default:default:CI_TOKEN"),
        ("default:default", "default:default:CI_TOKEN"),
    ] {
        puts_account(&admin, &kept_in(group, "CI_TOKEN")).await.expect(200);
        let account = admin.get(&format!("{}?limit=1", crate::ACCOUNTS)).await.expect(200);
        let id = id_of(&account["data"][0]);
        synced(&admin, &id, "").await;
        let kept = secrets_of(&admin, json!({ "secretFqns": [fqn], "withValue": true })).await;
        let token = token_again(&admin, &id).await.expect(200);
        assert_eq!(kept[0]["value"], token["token"], "{group}");
    }
}

#[tokio::test]
async fn it_takes_the_callers_own_right_to_write_there() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "ops", &[]).await);
    let (id, _) = makes_account(&admin, &kept_in("ops", "CI_TOKEN")).await;
    let ana = service(&server, "ana", &["keys:write", "secrets:read", "secrets:write"]).await;
    let rows = server.rows();
    assert_eq!(syncs(&ana, &id, "").await.refused(404), "not-found", "no role, no group");
    assert_eq!(server.rows(), rows);
    for (role, status) in [("viewer", 403), ("editor", 200)] {
        shares(&admin, &group, &[("serviceaccount:ana", role)]).await;
        assert_eq!(on_record(&server, "action=token.show").await.len(), 0, "nor shown for it");
        assert_eq!(syncs(&ana, &id, "").await.status, status, "{role}");
    }
    let poor = service(&server, "poor", &["keys:write", "secrets:read"]).await;
    shares(&admin, &group, &[("serviceaccount:poor", "admin")]).await;
    assert_eq!(syncs(&poor, &id, "").await.expect(403)["required"], "secrets:write");
    puts_account(&admin, &kept_in("default", "CI_TOKEN")).await.expect(200);
    assert_eq!(syncs(&poor, &id, "").await.expect(403)["required"], "secrets:write");
    syncs(&ana, &id, "").await.expect(200);
}

#[tokio::test]
async fn what_cannot_be_kept_is_told_by_place_and_shows_no_token() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, _) = makes_account(&admin, &account_manifest("ci", &[])).await;
    assert_eq!(faults(&syncs(&admin, &id, "").await), ["/manifest/secret_store_config"]);
    puts_account(&admin, &kept_in("nowhere", "CI_TOKEN")).await.expect(200);
    assert_eq!(syncs(&admin, &id, "").await.refused(404), "not-found");
    assert_eq!(on_record(&server, "action=token.show").await.len(), 0);
    makes(&admin, "ops", &[]).await;
    puts_account(&admin, &kept_in("ops", "CI_TOKEN")).await.expect(200);
    let lock = server.locked();
    let refused = syncs(&admin, &id, "").await;
    assert_eq!(refused.status, 503);
    assert!(!String::from_utf8_lossy(&refused.bytes).contains("eyJ"));
    drop(lock);
    assert_eq!(secrets_of(&admin, json!({})).await.len(), 0, "nothing is half done");
    synced(&admin, &id, "").await;
    let jwt = text(&account_of(&admin, &id).await, "jwtId");
    admin.delete(&format!("{}/jwt/{jwt}", account_at(&id))).await.expect(204);
    assert_eq!(syncs(&admin, &id, "").await.refused(404), "not-found", "there is none to keep");
}
