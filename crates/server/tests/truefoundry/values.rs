//! Values: who is shown one, and that nothing tells why another is not.

use crate::cast::{
    account, finds_nothing, makes, member, replaces, secret_at, secret_id, secrets_of, sees,
    service, shares, v1_at,
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, TestServer, id_of, shape};

/// The value that showing a secret shows, and that a list shows; both must be the same.
async fn value(who: &Actor, secret: &str) -> Option<Value> {
    let shown = sees(who, secret).await;
    let listed = secrets_of(who, json!({ "withValue": true })).await;
    let listed = listed.into_iter().find(|one| one["id"] == *secret).unwrap();
    let without = secrets_of(who, json!({})).await;
    let without = without.into_iter().find(|one| one["id"] == *secret).unwrap();
    assert_eq!(listed.get("value"), shown.get("value"), "a list shows what showing it does");
    assert_eq!((without.get("value"), without.get("valueBase64")), (None, None));
    shown.get("value").cloned()
}

#[tokio::test]
async fn administrators_and_editors_see_values_and_viewers_see_that_there_are_some() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "canary")]).await;
    let secret = secret_id(&group, "K");
    let roles = ["viewer", "editor", "admin"];
    let users = roles.map(|role| format!("user:{role}@acme.dev"));
    let scoped = roles.map(|role| format!("serviceaccount:{role}"));
    let mut services = Vec::new();
    for role in roles {
        services.push(service(&server, role, &["secrets:read", "secrets:reveal"]).await);
    }
    let named =
        |all: &[String; 3]| -> Vec<(String, &str)> { all.iter().cloned().zip(roles).collect() };
    let all: Vec<(String, &str)> = [named(&users), named(&scoped)].concat();
    let all: Vec<(&str, &str)> = all.iter().map(|(who, role)| (&**who, *role)).collect();
    shares(&admin, &id_of(&group), &all).await;
    for (at, role) in roles.into_iter().enumerate() {
        let user = member(&server, &admin, &format!("{role}@acme.dev")).await;
        let machine = account(&server, &admin, role, &[("prod", role)]).await;
        for who in [&user, &services[at], &machine] {
            let expected = (role != "viewer").then(|| json!("canary"));
            assert_eq!(value(who, &secret).await, expected, "{role}");
            let reply = who.get(&secret_at(&secret)).await;
            assert_eq!(reply.headers["cache-control"], "no-store");
            assert_eq!(
                String::from_utf8_lossy(&reply.bytes).contains("canary"),
                role != "viewer",
                "{role}"
            );
        }
    }
    assert_eq!(value(&admin, &secret).await, Some(json!("canary")), "no role, tenant:admin");
}

#[tokio::test]
async fn a_value_takes_the_scope_as_well_as_the_role() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "canary")]).await;
    let secret = secret_id(&group, "K");
    for scopes in [
        &["secrets:read"][..],
        &["secrets:read", "secrets:write", "secrets:use", "grants:write", "keys:write"],
        &["secrets:read", "tenant:admin"],
    ] {
        let without = server.token("default", scopes).await;
        assert_eq!(value(&without, &secret).await, None, "{scopes:?}");
    }
    let with = server.token("default", &["secrets:read", "secrets:reveal"]).await;
    assert_eq!(value(&with, &secret).await, Some(json!("canary")), "it is the creator's");
    let blind = server.token("default", &["secrets:reveal"]).await;
    assert_eq!(blind.get(&secret_at(&secret)).await.refused(403), "missing-scope");
}

#[tokio::test]
async fn a_value_that_is_left_out_is_left_out_alike_whatever_the_reason() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "canary")]).await;
    let secret = secret_id(&group, "K");
    let named = [("user:v@acme.dev", "viewer"), ("user:e@acme.dev", "editor")];
    shares(&admin, &id_of(&group), &named).await;
    let (viewer, editor) =
        (member(&server, &admin, "v@acme.dev").await, member(&server, &admin, "e@acme.dev").await);
    let now = server.clock.millis();
    let by_role = sees(&viewer, &secret).await;
    assert!(!shape(&by_role).iter().any(|member| member.starts_with("value")));
    for said in [
        json!({ "disclosure": "USE_ONLY" }),
        json!({ "disclosure": "READABLE", "value": "canary", "expiresOn": now }),
        json!({ "expiresOn": now - 1 }),
        json!({ "expiresOn": null, "notBefore": now + 1 }),
        json!({ "disclosure": "USE_ONLY", "expiresOn": now + 60_000 }),
    ] {
        admin.patch(&v1_at(&secret), said.clone()).await.expect(200);
        let by_reason = sees(&editor, &secret).await;
        assert_eq!(by_reason, sees(&viewer, &secret).await, "{said}: one answer for every reason");
        assert_eq!(by_reason, by_role, "{said}");
        for who in [&editor, &viewer, &admin] {
            assert_eq!(value(who, &secret).await, None, "{said}");
        }
    }
    let again =
        json!({ "disclosure": "READABLE", "value": "back", "notBefore": null, "expiresOn": null });
    admin.patch(&v1_at(&secret), again).await.expect(200);
    assert_eq!(value(&editor, &secret).await, Some(json!("back")));
    assert_eq!(value(&viewer, &secret).await, None);
}

#[tokio::test]
async fn a_window_opens_and_closes_to_the_moment() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let (secret, now) = (secret_id(&group, "K"), server.clock.millis());
    let window = json!({ "notBefore": now + 1_000, "expiresOn": now + 2_000 });
    admin.patch(&v1_at(&secret), window).await.expect(200);
    for (wait, there) in [(0, false), (999, false), (1, true), (999, true), (1, false)] {
        server.clock.advance(Duration::from_millis(wait));
        assert_eq!(value(&admin, &secret).await.is_some(), there);
    }
}

#[tokio::test]
async fn what_an_earlier_version_said_in_confidence_stays_closed() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "one")]).await;
    let secret = secret_id(&group, "K");
    admin.patch(&v1_at(&secret), json!({ "disclosure": "USE_ONLY" })).await.expect(200);
    replaces(&admin, &id_of(&group), &[("K", "two")]).await.expect(200);
    assert_eq!(value(&admin, &secret).await, None, "a write here opens nothing");
    let open = json!({ "disclosure": "READABLE" });
    assert_eq!(admin.patch(&v1_at(&secret), open).await.refused(400), "new-value-needed");
    let open = json!({ "disclosure": "READABLE", "value": "three" });
    admin.patch(&v1_at(&secret), open).await.expect(200);
    assert_eq!(value(&admin, &secret).await, Some(json!("three")));
}

#[tokio::test]
async fn values_are_answered_to_the_letter_and_bytes_that_are_no_text_as_base64() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let odd = "a\"\\\n\u{0}ü\u{1f339}";
    let group = makes(&admin, "prod", &[("ODD", odd), ("EMPTY", ""), ("BYTES", "x")]).await;
    assert_eq!(value(&admin, &secret_id(&group, "ODD")).await, Some(json!(odd)));
    assert_eq!(value(&admin, &secret_id(&group, "EMPTY")).await, Some(json!("")));
    let bytes = secret_id(&group, "BYTES");
    let publish = format!("{}:publish", v1_at(&bytes));
    admin.post(&publish, json!({ "valueBase64": "AP/+gA==" })).await.expect(200);
    let shown = sees(&admin, &bytes).await;
    assert_eq!((shown.get("value"), &shown["valueBase64"]), (None, &json!("AP/+gA==")));
    let kept = json!({ "secrets": [{ "key": "BYTES" }] });
    admin.puts(&crate::cast::group_at(&id_of(&group)), kept).await.expect(200);
    assert_eq!(sees(&admin, &bytes).await["valueBase64"], "AP/+gA==");
}

#[tokio::test]
async fn a_secret_out_of_sight_is_answered_as_one_that_is_not_there() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "canary")]).await;
    let secret = secret_id(&group, "K");
    let other = service(&server, "other", &["secrets:read", "secrets:reveal"]).await;
    let end = server.clock.millis();
    for said in [json!({}), json!({ "disclosure": "USE_ONLY" }), json!({ "expiresOn": end })] {
        admin.patch(&v1_at(&secret), said).await.expect(200);
        finds_nothing(&other, Method::GET, &secret_at(&secret), None, &secret).await;
    }
    assert_eq!(secrets_of(&other, json!({ "withValue": true })).await, Vec::<Value>::new());
}
