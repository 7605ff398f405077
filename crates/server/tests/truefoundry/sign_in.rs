//! Signing in by device code as the fruxon command line does: begun by anyone, approved by whoever may mint, fetched
//! once.

use crate::{
    cast::service,
    holders::{current, on_record, personal, text},
    sign_ins::{SIGN_INS, approves, begins, code_at, denies, polls},
};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

#[tokio::test]
async fn what_begins_says_where_to_go_and_how_often_to_ask() {
    let server = TestServer::start().await;
    let body = json!({ "preset": "developer", "clientType": "CLI", "clientName": "Fruxon CLI 2.0.2",
        "deviceId": "0b0f1f0e-0000-4000-8000-000000000000", "deviceLabel": "ana-laptop" });
    let reply = server.stranger().post(SIGN_INS, body).await;
    let begun = reply.expect(201);
    let expected = [
        "deviceCode: string",
        "expiresInSeconds: integer",
        "pollIntervalSeconds: integer",
        "userCode: string",
        "verificationUri: string",
        "verificationUriComplete: string",
    ];
    assert_eq!(shape(&begun), expected);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let (user, device) = (text(&begun, "userCode"), text(&begun, "deviceCode"));
    assert!(user.len() == 8 && user.bytes().all(|b| b.is_ascii_uppercase()), "{user}");
    assert!(!user.contains(['A', 'E', 'I', 'O', 'U', 'Y']), "no words: {user}");
    assert!(device.len() == 43 && !device.contains(&user));
    assert_eq!(
        (&begun["expiresInSeconds"], &begun["pollIntervalSeconds"]),
        (&json!(600), &json!(2))
    );
    assert_eq!(begun["verificationUri"], "http://subrosa.test/device");
    let complete = format!("http://subrosa.test/device?code={user}");
    assert_eq!(begun["verificationUriComplete"], complete);
    let bare = server.stranger().send(http::Method::POST, SIGN_INS, None).await.expect(201);
    assert_ne!(
        (&bare["userCode"], &bare["deviceCode"]),
        (&begun["userCode"], &begun["deviceCode"])
    );
}

#[tokio::test]
async fn an_approved_device_gets_a_token_that_speaks_for_its_approver_and_gets_it_once() {
    let server = TestServer::start().await;
    let ana = service(&server, "ana", &["keys:write", "secrets:read", "secrets:write"]).await;
    let body =
        json!({ "preset": "observer", "clientName": "Fruxon CLI 2.0.2", "deviceLabel": "box" });
    let begun = begins(&server, body).await;
    for _ in 0..3 {
        let pending = polls(&server, &begun).await;
        assert_eq!((pending.status.as_u16(), pending.json()), (202, json!({})));
    }
    let shown = approves(&ana, &begun).await.expect(200);
    assert_eq!(shape(&shown), ["label: string", "scopes: array", "tenant: null"]);
    assert_eq!(shown["label"], "Fruxon CLI 2.0.2 on box");
    let poll = format!("{SIGN_INS}/{}", begun.device);
    let unseen = server.stranger().send(http::Method::HEAD, &poll, None).await;
    assert_eq!(unseen.status, 405, "nobody would see the token");
    let reply = polls(&server, &begun).await;
    let approved = reply.expect(200);
    let expected =
        ["apiKey: string", "tenantId: string", "tenantName: string", "tenantSlug: string"];
    assert_eq!(shape(&approved), expected);
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(approved["tenantSlug"], "default");
    let token = text(&approved, "apiKey");
    assert!(token.starts_with("sr_pat_"), "one of our own");
    let device = server.with_token(&token);
    let known = current(&device).await;
    assert_eq!(
        (&known["type"], &known["name"]),
        (&json!("CLI"), &json!("Fruxon CLI 2.0.2 on box"))
    );
    assert_eq!(known["ownerId"], current(&ana).await["ownerId"]);
    assert_eq!(known["scopes"], json!(["secrets:read"]), "of what it asked for, what ana has");
    let ends = server.clock.millis() + 90 * 86_400_000;
    assert_eq!(known["expiresAt"], ends, "90 days");
    device.get(&format!("{DEFAULT}/secrets")).await.expect(200);

    assert_eq!(polls(&server, &begun).await.refused(410), "device-over");
    assert_eq!(approves(&ana, &begun).await.refused(404), "not-found");
    assert_eq!(on_record(&server, "action=token.mint").await.len(), 2, "ana's own and this one");
    let approvals = server.operator().events("action=device.approve").await;
    assert_eq!(approvals.len(), 1);
    assert_eq!(approvals[0]["resource"]["key"], "Fruxon CLI 2.0.2 on box");
    assert_eq!(approvals[0]["details"], json!({ "scopes": ["secrets:read"] }));
    assert!(server.rows().iter().all(|row| !row.contains(&begun.device)), "no code is on disk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_ask_at_once_get_one_token_between_them() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({})).await;
    approves(&admin, &begun).await.expect(200);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (stranger, path) = (server.stranger(), format!("{SIGN_INS}/{}", begun.device));
        asking.spawn(async move { stranger.get(&path).await.status.as_u16() });
    }
    let statuses = asking.join_all().await;
    let fetched = statuses.iter().filter(|status| **status == 200).count();
    let over = statuses.iter().filter(|status| **status == 410).count();
    assert_eq!((fetched, over), (1, 15));
    assert_eq!(on_record(&server, "action=token.mint").await.len(), 2, "the admin's and this one");
}

#[tokio::test]
async fn a_denied_device_gets_nothing_and_what_is_decided_is_decided() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({ "clientName": "a box" })).await;
    assert_eq!(denies(&admin, &begun).await.expect(200)["label"], "a box");
    assert_eq!(approves(&admin, &begun).await.refused(404), "not-found");
    for _ in 0..2 {
        assert_eq!(polls(&server, &begun).await.refused(410), "device-over");
    }
    assert_eq!(on_record(&server, "action=device.deny").await.len(), 1);
    let begun = begins(&server, json!({})).await;
    approves(&admin, &begun).await.expect(200);
    assert_eq!(denies(&admin, &begun).await.refused(404), "not-found");
    polls(&server, &begun).await.expect(200);
    let nobody = crate::sign_ins::Begun { user: String::new(), device: "n".repeat(43) };
    assert_eq!(polls(&server, &nobody).await.refused(410), "device-over", "nor was there ever one");
}

#[tokio::test]
async fn after_ten_minutes_it_is_over_whatever_was_decided() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (waiting, approved) = (begins(&server, json!({})).await, begins(&server, json!({})).await);
    approves(&admin, &approved).await.expect(200);
    server.clock.advance(Duration::from_secs(599));
    polls(&server, &waiting).await.expect(202);
    admin.get(&code_at(&waiting.user)).await.expect(200);
    server.clock.advance(Duration::from_secs(1));
    for begun in [&waiting, &approved] {
        assert_eq!(polls(&server, begun).await.refused(410), "device-over");
        assert_eq!(approves(&admin, begun).await.refused(404), "not-found");
        assert_eq!(admin.get(&code_at(&begun.user)).await.refused(404), "not-found");
    }
}

#[tokio::test]
async fn what_is_asked_for_is_a_preset_and_what_is_given_is_no_more_than_the_approver_has() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let catalogue = admin.get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    let preset = |id: &str| -> Vec<Value> {
        let presets = catalogue["presets"].as_array().unwrap();
        let found = presets.iter().find(|one| one["id"] == id).unwrap();
        found["scopes"].as_array().unwrap().clone()
    };
    let given = async |body: Value| -> Vec<Value> {
        let begun = begins(&server, body).await;
        approves(&admin, &begun).await.expect(200);
        let approved = polls(&server, &begun).await.expect(200);
        let device = server.with_token(&text(&approved, "apiKey"));
        current(&device).await["scopes"].as_array().unwrap().clone()
    };
    for id in ["runner", "builder", "read-only", "admin", "agent", "reader"] {
        assert_eq!(given(json!({ "preset": id })).await, preset(id), "{id}");
    }
    assert_eq!(given(json!({ "preset": "observer" })).await, preset("read-only"));
    let developer = given(json!({ "preset": "developer" })).await;
    assert!(
        preset("read-only").iter().chain(&preset("builder")).all(|one| developer.contains(one))
    );
    assert_eq!(given(json!({})).await, developer, "unsaid");
    let operator = given(json!({ "preset": "operator" })).await;
    assert!(preset("read-only").iter().chain(&preset("runner")).all(|one| operator.contains(one)));
    let maintainer = given(json!({ "preset": "maintainer" })).await;
    for never in ["tenant:admin", "secrets:reveal"] {
        assert!(!maintainer.contains(&json!(never)) && !operator.contains(&json!(never)));
    }
    assert_eq!(maintainer.len() + 2, preset("admin").len());
    let poor = service(&server, "poor", &["keys:write"]).await;
    let begun = begins(&server, json!({ "preset": "observer" })).await;
    approves(&poor, &begun).await.expect(200);
    let approved = polls(&server, &begun).await.expect(200);
    let device = server.with_token(&text(&approved, "apiKey"));
    assert_eq!(current(&device).await["scopes"], json!([]), "nothing of it is theirs to give");
}

#[tokio::test]
async fn a_body_that_cannot_be_is_told_by_place() {
    let server = TestServer::start().await;
    let long = "x".repeat(129);
    for (body, place) in [
        (json!({ "preset": "root" }), "/preset"),
        (json!({ "preset": "" }), "/preset"),
        (json!({ "tenant": "No Such" }), "/tenant"),
        (json!({ "clientName": long }), "/clientName"),
        (json!({ "clientName": "a\nb" }), "/clientName"),
        (json!({ "deviceLabel": "a\u{1b}[2J" }), "/clientName"),
        (json!({ "unknown": 1 }), ""),
    ] {
        let refused = server.stranger().post(SIGN_INS, body.clone()).await.expect(400);
        assert!(refused["errors"].get(place).is_some(), "{body}: {refused}");
    }
}

#[tokio::test]
async fn a_sign_in_for_another_tenant_is_not_there_and_which_tenants_there_are_is_not_told() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let (admin, there) = (server.admin("default").await, server.admin("acme").await);
    let begun = begins(&server, json!({ "tenant": "acme" })).await;
    let nowhere = begins(&server, json!({ "tenant": "nowhere" })).await;
    let absent = admin.post(&format!("{}:approve", code_at("BCDFGHJK")), json!({})).await;
    for begun in [&begun, &nowhere] {
        for refused in [approves(&admin, begun).await, denies(&admin, begun).await] {
            assert_eq!(refused.refused(404), "not-found");
            assert_eq!(refused.without_instance(), absent.without_instance());
        }
        polls(&server, begun).await.expect(202);
    }
    let path = format!("/v1/tenants/acme/devices/{}:approve", begun.user);
    assert_eq!(admin.post(&path, json!({})).await.refused(404), "not-found");
    there.post(&path, json!({})).await.expect(200);
    assert_eq!(polls(&server, &begun).await.expect(200)["tenantSlug"], "acme");
    let anywhere = begins(&server, json!({})).await;
    let path = format!("/v1/tenants/acme/devices/{}:approve", anywhere.user);
    there.post(&path, json!({})).await.expect(200);
    assert_eq!(polls(&server, &anywhere).await.expect(200)["tenantSlug"], "acme", "the approver's");
}

#[tokio::test]
async fn looking_at_a_code_and_deciding_take_keys_write() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({ "tenant": "default", "preset": "agent" })).await;
    let poor = server.token("default", &["keys:read", "tenant:admin"]).await;
    for refused in [
        poor.get(&code_at(&begun.user)).await,
        approves(&poor, &begun).await,
        denies(&poor, &begun).await,
    ] {
        assert_eq!(refused.expect(403)["required"], "keys:write");
    }
    let (halves, user) = (begun.user.split_at(4), begun.user.to_ascii_lowercase());
    for spelling in [begun.user.clone(), user, format!("{}-{}", halves.0, halves.1)] {
        let shown = admin.get(&code_at(&spelling)).await.expect(200);
        let expected =
            json!({ "label": "a client", "scopes": ["secrets:use"], "tenant": "default" });
        assert_eq!(shown, expected, "as people type it: {spelling}");
    }
    server.operator().get(&code_at(&begun.user)).await.expect(200);
    approves(&personal(&server, &admin, "laptop").await, &begun).await.expect(200);
    polls(&server, &begun).await.expect(200);
}

#[tokio::test]
async fn the_operator_approves_for_the_tenants_own_user() {
    let server = TestServer::start().await;
    let begun = begins(&server, json!({ "preset": "reader" })).await;
    approves(&server.operator(), &begun).await.expect(200);
    let approved = polls(&server, &begun).await.expect(200);
    let device = server.with_token(&text(&approved, "apiKey"));
    let known = current(&device).await;
    assert_eq!(known["scopes"], json!(["secrets:read", "secrets:reveal"]));
    assert_eq!(known["ownerId"], current(&server.admin("default").await).await["ownerId"]);
}

#[tokio::test]
async fn a_devices_token_lives_no_longer_than_its_approver() {
    let server = TestServer::start().await;
    let body = json!({ "preset": "admin", "expirationDays": 1 });
    let minted = server.operator().mints(body).await;
    let approver = server.with_token(&text(&minted, "token"));
    let begun = begins(&server, json!({})).await;
    approves(&approver, &begun).await.expect(200);
    let approved = polls(&server, &begun).await.expect(200);
    let device = server.with_token(&text(&approved, "apiKey"));
    assert_eq!(current(&device).await["expiresAt"], minted["expiresAt"]);
    server.clock.advance(Duration::from_secs(86_400 - 60));
    let late = begins(&server, json!({})).await;
    approves(&approver, &late).await.expect(200);
    server.clock.advance(Duration::from_secs(60));
    assert_eq!(polls(&server, &late).await.refused(410), "device-over", "its approver is over");
    assert_eq!(device.get(&format!("{DEFAULT}/secrets")).await.status, 401);
}

#[tokio::test]
async fn what_its_approver_lost_meanwhile_the_device_does_not_have() {
    let server = TestServer::start().await;
    let accounts = format!("{DEFAULT}/serviceAccounts");
    let body = json!({ "scopes": ["keys:write", "secrets:read"] });
    let made = server.operator().post(&accounts, body).await.expect(201);
    let approver = server.with_token(&text(&made["key"], "token"));
    let begun = begins(&server, json!({ "preset": "observer" })).await;
    approves(&approver, &begun).await.expect(200);
    let account = format!("{accounts}/{}", id_of(&made["serviceAccount"]));
    server.operator().delete(&account).await.expect(204);
    let fetched = polls(&server, &begun).await;
    if let Some(token) = fetched.json()["apiKey"].as_str() {
        let device = server.with_token(token);
        assert_eq!(device.get(&format!("{DEFAULT}/secrets")).await.refused(401), "unauthenticated");
    }
    server.tenant("acme").await;
    let there = server.admin("acme").await;
    let begun = begins(&server, json!({})).await;
    let path = format!("/v1/tenants/acme/devices/{}:approve", begun.user);
    there.post(&path, json!({})).await.expect(200);
    server.operator().delete("/v1/tenants/acme").await.expect(204);
    assert_ne!(polls(&server, &begun).await.status, 200, "its tenant is gone");
}

#[tokio::test]
async fn a_token_that_could_not_be_written_is_still_to_be_had() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({})).await;
    let lock = server.locked();
    assert_eq!(approves(&admin, &begun).await.refused(503), "store-unavailable");
    drop(lock);
    polls(&server, &begun).await.expect(202);
    approves(&admin, &begun).await.expect(200);
    let lock = server.locked();
    assert_eq!(polls(&server, &begun).await.refused(503), "store-unavailable");
    drop(lock);
    polls(&server, &begun).await.expect(200);
    assert_eq!(on_record(&server, "action=device.approve").await.len(), 1);
}

#[tokio::test]
async fn after_a_restart_one_asks_again() {
    let server = TestServer::start().await;
    let begun = begins(&server, json!({})).await;
    let server = server.restart().await;
    assert_eq!(polls(&server, &begun).await.refused(410), "device-over");
    let admin = server.admin("default").await;
    assert_eq!(approves(&admin, &begun).await.refused(404), "not-found");
}

#[tokio::test]
async fn only_so_many_wait_and_nobody_is_kept_out_for_long() {
    let server = TestServer::start().await;
    for _ in 0..10_000 {
        begins(&server, json!({})).await;
    }
    let refused = server.stranger().post(SIGN_INS, json!({})).await;
    assert_eq!(refused.refused(503), "busy");
    assert!(refused.headers.contains_key("retry-after"));
    server.clock.advance(Duration::from_secs(600));
    begins(&server, json!({})).await;
}

#[tokio::test]
async fn what_the_approver_lost_since_is_not_handed_on() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let admin = json!({ "preset": "admin", "clientName": "cli" });
    let ana = service(&server, "ana", &["keys:write", "secrets:read"]).await;
    let begun = begins(&server, admin.clone()).await;
    approves(&ana, &begun).await.expect(200);
    let id = id_of(&current(&ana).await);
    operator.delete(&format!("{DEFAULT}/tokens/{id}")).await.expect(204);
    let rows = server.rows();
    assert_eq!(polls(&server, &begun).await.refused(410), "device-over");
    assert_eq!(server.rows(), rows, "nothing was minted");
    assert_eq!(polls(&server, &begun).await.refused(410), "device-over");

    let ben = server.token("default", &["keys:write", "secrets:read"]).await;
    let begun = begins(&server, admin).await;
    approves(&ben, &begun).await.expect(200);
    let rotate = format!("{DEFAULT}/tokens/{}:rotate", id_of(&current(&ben).await));
    operator.post(&rotate, json!({ "scopes": ["secrets:read"] })).await.expect(200);
    let device = server.with_token(&text(&polls(&server, &begun).await.expect(200), "apiKey"));
    assert_eq!(current(&device).await["scopes"], json!(["secrets:read"]));
}
