//! `secret-groups`: made, shown and deleted.

use crate::{
    NOBODY, SECRETS, STORE,
    cast::{
        account, asks_for, finds_nothing, group_at, groups_of, keys_of, listed_in, makes, outsider,
        secret_at, secret_id, service, store_id, v1_at, versions_of,
    },
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

#[tokio::test]
async fn whoever_makes_a_group_is_its_administrator_and_is_shown_no_value() {
    let server = TestServer::start().await;
    let maker = server.token("default", &["secrets:read", "secrets:write"]).await;
    let made = asks_for(&maker, "payments", &[("B_KEY", "canary b"), ("A_KEY", "canary a")]).await;
    let group = made.expect(200)["data"].clone();
    let names = ["name", "fqn", "tenantName", "createdBy"].map(|name| group[name].clone());
    assert_eq!(json!(names), json!(["payments", "default:payments", "default", "operator"]));
    assert_eq!(group["integrationId"], json!(store_id(&maker).await));
    assert_eq!(
        group["manifest"],
        json!({ "type": "secret-group", "name": "payments", "integration_fqn": STORE,
            "collaborators": [{ "subject": "user:operator", "role_id": "secret-group-admin" }] })
    );
    assert_eq!(keys_of(&group), ["A_KEY", "B_KEY"]);
    for (secret, key) in group["associatedSecrets"].as_array().unwrap().iter().zip(["A", "B"]) {
        assert_eq!(secret["value"], Value::Null);
        assert_eq!(secret["fqn"], format!("default:payments:{key}_KEY"));
        assert_eq!(secret["secretGroupId"], group["id"]);
        assert_eq!(versions_of(&maker, &id_of(secret)).await, [1]);
    }
    let shown = maker.get(&group_at(&id_of(&group))).await;
    assert_eq!(shown.expect(200)["data"], group, "what is shown is what was answered");
    for reply in [made, shown] {
        assert!(!String::from_utf8_lossy(&reply.bytes).contains("canary"));
    }
}

#[tokio::test]
async fn a_group_and_its_secrets_have_every_member_their_client_asks_for() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "payments", &[("K", "v")]).await;
    let expected = [
        "accountId: string",
        "associatedSecrets: array",
        "createdAt: string",
        "createdBy: string",
        "createdBySubject: object",
        "fqn: string",
        "id: string",
        "integrationId: string",
        "manifest: object",
        "name: string",
        "tenantName: string",
        "updatedAt: string",
    ];
    assert_eq!(shape(&group), expected);
    assert_eq!(group["createdAt"], "2026-01-01T00:00:00Z");
    let subject = ["subjectDisplayName", "subjectId", "subjectSlug", "subjectType"]
        .map(|name| format!("{name}: string"));
    assert_eq!(shape(&group["createdBySubject"]), subject);
    assert_eq!(group["createdBySubject"]["subjectType"], "user");
    let expected = [
        "createdAt: string",
        "createdBy: string",
        "createdBySubject: object",
        "fqn: string",
        "id: string",
        "name: string",
        "secretGroupId: string",
        "updatedAt: string",
        "value: null",
    ];
    assert_eq!(shape(&group["associatedSecrets"][0]), expected);
    let version = admin.get(&format!("{}/versions", secret_at(&secret_id(&group, "K")))).await;
    let version = version.expect(200);
    let expected = [
        "createdAt: string",
        "fqn: string",
        "id: string",
        "secretId: string",
        "updatedAt: string",
        "version: integer",
    ];
    assert_eq!(shape(&version["data"][0]), expected);
    assert_eq!(version["data"][0]["fqn"], "default:payments:K:1");
    assert_eq!(version["pagination"], json!({ "total": 1, "offset": 0, "limit": 100 }));
}

#[tokio::test]
async fn making_a_group_takes_the_scope_and_roles_elsewhere_are_none_here() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let reader = server.token("default", &["secrets:read", "secrets:reveal"]).await;
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    let machine = account(&server, &admin, "ci", &[("passing", "admin")]).await;
    let rows = server.rows();
    for who in [reader, ana, machine] {
        for name in ["new", "passing"] {
            let refused = asks_for(&who, name, &[("K", "v")]).await;
            assert_eq!(refused.refused(403), "missing-scope", "whether it is there or not");
            assert_eq!(refused.json()["required"], "secrets:write");
        }
    }
    assert_eq!(groups_of(&admin, "fqn=default:new").await, Vec::<Value>::new());
    assert_eq!(server.rows(), rows);
    let made = makes(&service(&server, "maker", &["secrets:write"]).await, "new", &[]).await;
    assert_eq!(listed_in(&made), ["serviceaccount:maker secret-group-admin"]);
    assert_eq!(keys_of(&made), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_of_this_surface_is_none_of_the_groups_others_know_of() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "payments", &[("K", "in a group")]).await;
    assert_eq!(admin.get(&format!("{DEFAULT}/secrets")).await.expect(200), json!([]));
    assert_eq!(admin.get("/api/default/secrets").await.expect(200), json!([]));
    assert_eq!(admin.get("/api/default/secrets/K").await.refused(404), "not-found");
    let id = admin.keeps("K", "in default").await;
    assert_eq!(admin.get("/api/default/secrets/K").await.expect(200), json!("in default"));
    assert_eq!(admin.reveals(&id).await.expect(200)["value"], "in default");
}

#[tokio::test]
async fn a_deleted_group_is_gone_with_its_secrets_and_its_name_is_free() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "payments", &[("K", "v"), ("L", "w")]).await;
    makes(&admin, "kept", &[("K", "v")]).await;
    let (id, secret) = (id_of(&group), secret_id(&group, "K"));
    let deleted = admin.delete(&format!("{}?forceDelete=true", group_at(&id))).await;
    assert_eq!(deleted.expect(200), json!({}));
    for reply in [
        admin.get(&group_at(&id)).await,
        admin.delete(&group_at(&id)).await,
        admin.get(&secret_at(&secret)).await,
        admin.get(&v1_at(&secret)).await,
        admin.reveals(&secret).await,
        admin.post(SECRETS, json!({ "secretGroupId": id })).await,
    ] {
        assert_eq!(reply.refused(404), "not-found");
    }
    assert_eq!(server.number("SELECT COUNT(*) FROM revisions"), 1, "what is kept is another's");
    assert_eq!(server.number("SELECT COUNT(*) FROM group_members"), 1);
    let again = makes(&admin, "payments", &[("K", "new")]).await;
    assert_ne!(again["id"], group["id"]);
}

#[tokio::test]
async fn a_deleted_secret_is_counted_and_its_group_goes_on_without_it() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "payments", &[("K", "v"), ("L", "w")]).await;
    let secret = secret_id(&group, "K");
    assert_eq!(admin.delete(&secret_at(&secret)).await.expect(200), json!(1));
    assert_eq!(admin.delete(&secret_at(&secret)).await.refused(404), "not-found");
    let shown = admin.get(&group_at(&id_of(&group))).await.expect(200);
    assert_eq!(keys_of(&shown["data"]), ["L"]);
}

#[tokio::test]
async fn a_group_out_of_sight_is_as_good_as_none_on_every_route() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "payments", &[("K", "v")]).await;
    let (id, secret) = (id_of(&group), secret_id(&group, "K"));
    let everything = ["secrets:read", "secrets:write", "secrets:reveal", "grants:write"];
    let rest = json!({ "secrets": [{ "key": "K", "value": "w" }] });
    let roles = json!({ "collaborators": [{ "subject": "user:eve@acme.dev",
        "role_id": "secret-group-admin" }] });
    let named = json!({ "subjects": ["user:operator"] });
    let scoped = service(&server, "eve", &everything).await;
    let roleless = outsider(&server, &admin, "eve@acme.dev").await;
    let machine = account(&server, &admin, "eve", &[]).await;
    let (foreign, rows) = (server.admin("acme").await, server.rows());
    for who in [scoped, roleless, machine, foreign] {
        let (group, secret) = (group_at(&id), secret_at(&secret));
        let roles_at = crate::cast::authorize_at(&id);
        let versions = format!("{secret}/versions");
        for (method, path, body) in [
            (Method::GET, &group, None),
            (Method::PUT, &group, Some(&rest)),
            (Method::DELETE, &group, None),
            (Method::GET, &roles_at, None),
            (Method::POST, &roles_at, Some(&roles)),
            (Method::PUT, &roles_at, Some(&roles)),
            (Method::DELETE, &roles_at, Some(&named)),
        ] {
            finds_nothing(&who, method, path, body, &id).await;
        }
        let id = secret.rsplit('/').next().unwrap();
        for (method, path) in
            [(Method::GET, &secret), (Method::DELETE, &secret), (Method::GET, &versions)]
        {
            finds_nothing(&who, method, path, None, id).await;
        }
        let there = who.post(SECRETS, json!({ "secretGroupId": group.rsplit('/').next() })).await;
        let absent = who.post(SECRETS, json!({ "secretGroupId": NOBODY })).await;
        assert_eq!(there.refused(404), "not-found");
        assert_eq!(crate::cast::bare(&there), crate::cast::bare(&absent));
    }
    for odd in [id.replace('-', ""), "payments".into(), format!("{id}0"), "x".into()] {
        assert_eq!(admin.get(&group_at(&odd)).await.refused(404), "not-found", "{odd}");
    }
    assert_eq!(server.rows(), rows);
}
