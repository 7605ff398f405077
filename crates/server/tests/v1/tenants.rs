//! `tenants`: the operator's, but for a look at one's own; and what is left when one is deleted.

use serde_json::{Value, json};
use subrosa_testkit::{TestServer, id_of, shape};

#[tokio::test]
async fn the_operator_makes_a_tenant_and_sees_it() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let reply = operator.post("/v1/tenants", json!({ "slug": "acme", "name": "Acme Ltd" })).await;
    let tenant = reply.expect(201);
    assert_eq!(reply.headers["location"], "/v1/tenants/acme");
    let expected = [
        "createdAt: integer",
        "createdBy: string",
        "id: string",
        "modifiedAt: integer",
        "name: string",
        "slug: string",
    ];
    assert_eq!(shape(&tenant), expected);
    assert_eq!((&tenant["slug"], &tenant["name"]), (&json!("acme"), &json!("Acme Ltd")));
    assert_eq!(operator.get("/v1/tenants/acme").await.expect(200), tenant);
    let unnamed = operator.post("/v1/tenants", json!({ "slug": "b" })).await.expect(201);
    assert_eq!(unnamed["name"], "b", "the slug unless said");
}

#[tokio::test]
async fn a_tenant_default_is_there_from_the_first_start() {
    let server = TestServer::start().await;
    let listed = server.operator().get("/v1/tenants").await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["slug"], "default");
}

#[tokio::test]
async fn slugs_that_are_taken_or_cannot_be_are_refused() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let rows = server.rows();
    let taken = operator.post("/v1/tenants", json!({ "slug": "default" })).await;
    assert_eq!(taken.refused(409), "already-exists");
    for slug in
        ["", "-a", "Acme", "a_b", "a.b", "ä", "v1", "api", "svc", "operator", &"s".repeat(64)]
    {
        let refused = operator.post("/v1/tenants", json!({ "slug": slug })).await;
        assert_eq!(refused.refused(400), "invalid-request", "{slug}");
        assert!(refused.json()["errors"]["/slug"].is_array(), "{slug}");
    }
    for body in
        [json!({}), json!({ "slug": "a", "id": "x" }), json!({ "slug": "a", "name": "\u{7}" })]
    {
        assert_eq!(operator.post("/v1/tenants", body).await.refused(400), "invalid-request");
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn a_token_sees_its_own_tenant_and_manages_none() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let acme = server.admin("acme").await;
    let own = server.operator().get("/v1/tenants/acme").await.expect(200);
    assert_eq!(acme.get("/v1/tenants").await.expect(200), json!([own]));
    assert_eq!(acme.get("/v1/tenants/acme").await.expect(200), own);
    let foreign = acme.get("/v1/tenants/default").await;
    assert_eq!(foreign.refused(404), "not-found");
    let absent = acme.get("/v1/tenants/nobody").await;
    assert_eq!(foreign.without_instance(), absent.without_instance());

    let rows = server.rows();
    let refused = [
        acme.post("/v1/tenants", json!({ "slug": "mine" })).await,
        acme.post("/v1/tenants", json!("not even a body")).await,
        acme.delete("/v1/tenants/acme").await,
    ];
    for reply in refused {
        let body = reply.expect(403);
        assert_eq!(body["code"], "missing-scope");
        assert_eq!(
            (&body["error"], &body["required"]),
            (&json!("insufficient_scope"), &json!("tenants:write"))
        );
        assert!(!body["granted"].as_array().unwrap().is_empty());
    }
    for slug in ["default", "nobody"] {
        let refused = acme.delete(&format!("/v1/tenants/{slug}")).await;
        assert_eq!(refused.without_instance(), absent.without_instance(), "{slug}");
    }
    assert_eq!(server.rows(), rows);
    let minting =
        acme.post("/v1/tenants/acme/tokens:generate", json!({ "scopes": ["tenants:write"] })).await;
    assert_eq!(minting.refused(400), "unknown-scopes", "a scope that no token can hold");
}

#[tokio::test]
async fn a_deleted_tenant_answers_nothing_and_leaves_the_others_alone() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let operator = server.operator();
    let kept = operator.keeps("K", "kept").await;
    let mine = server.admin("default").await;
    let acme = server.admin("acme").await;
    let body = json!({ "key": "K", "value": "gone", "disclosure": "READABLE" });
    let secret = acme.post("/v1/tenants/acme/secrets", body).await.expect(201);
    let path = format!("/v1/tenants/acme/secrets/{}", id_of(&secret));
    acme.post(&format!("{path}:reveal"), json!({})).await.expect(200);
    acme.put(&format!("{path}/grants/a")).await.expect(200);
    acme.post("/v1/tenants/acme/serviceAccounts", json!({})).await.expect(201);
    let id = operator.get("/v1/tenants/acme").await.expect(200)["id"].as_str().unwrap().to_owned();

    let deleted = operator.delete("/v1/tenants/acme").await;
    assert_eq!((deleted.status.as_u16(), deleted.bytes.len()), (204, 0));
    let absent = operator.get("/v1/tenants/nobody").await.without_instance();
    for gone in ["", "/secrets", "/tokens", "/auditEvents", "/auth/health", "/serviceAccounts"] {
        let reply = operator.get(&format!("/v1/tenants/acme{gone}")).await;
        assert_eq!(reply.refused(404), "not-found", "{gone}");
        assert_eq!(reply.without_instance(), absent, "{gone}");
        assert_eq!(
            acme.get(&format!("/v1/tenants/acme{gone}")).await.refused(401),
            "unauthenticated"
        );
    }
    let reveal = operator.post(&format!("{path}:reveal"), json!({})).await;
    assert_eq!(reveal.without_instance(), absent);
    let written =
        operator.post("/v1/tenants/acme/secrets", json!({ "key": "K", "value": "v" })).await;
    assert_eq!(written.without_instance(), absent);
    assert_eq!(operator.delete("/v1/tenants/acme").await.without_instance(), absent);

    let blob: String = id.replace('-', "");
    let bytes: Vec<u8> =
        (0..16).map(|at| u8::from_str_radix(&blob[2 * at..2 * at + 2], 16).unwrap()).collect();
    let left: Vec<String> =
        server.rows().into_iter().filter(|row| row.contains(&format!("{bytes:?}"))).collect();
    let tables: Vec<&str> = left.iter().filter_map(|row| row.split(' ').next()).collect();
    assert!(
        tables.iter().all(|table| ["tenants", "changes", "counters"].contains(table)),
        "{tables:?}"
    );

    assert_eq!(operator.reveals(&kept).await.expect(200)["value"], "kept");
    assert_eq!(mine.reveals(&kept).await.expect(200)["value"], "kept");
    let left = operator.get("/v1/tenants").await.expect(200);
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deleted_tenants_slug_is_free_and_nothing_of_the_old_one_comes_back() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let operator = server.operator();
    let old = server.admin("acme").await;
    let body = json!({ "key": "K", "value": "old", "disclosure": "READABLE" });
    let secret = old.post("/v1/tenants/acme/secrets", body.clone()).await.expect(201);
    let before = operator.get("/v1/tenants/acme").await.expect(200);
    operator.delete("/v1/tenants/acme").await.expect(204);
    server.tenant("acme").await;
    let after = operator.get("/v1/tenants/acme").await.expect(200);
    assert_ne!(after["id"], before["id"]);
    assert_eq!(operator.get("/v1/tenants/acme/secrets").await.expect(200), json!([]));
    assert_eq!(old.get("/v1/tenants/acme/auth/health").await.refused(401), "unauthenticated");
    let path = format!("/v1/tenants/acme/secrets/{}:reveal", id_of(&secret));
    assert_eq!(operator.post(&path, json!({})).await.refused(404), "not-found");
    let events = operator.get("/v1/tenants/acme/auditEvents").await.expect(200);
    assert!(!events.to_string().contains("secret.create"), "its log begins anew");
    operator.post("/v1/tenants/acme/secrets", body).await.expect(201);

    let server = server.restart().await;
    let operator = server.operator();
    assert_eq!(operator.get("/v1/tenants/acme").await.expect(200), after);
    let listed = operator.get("/v1/tenants/acme/secrets").await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(operator.get("/v1/tenants/default/secrets").await.expect(200), json!([]));
}

#[tokio::test]
async fn the_default_tenant_is_not_made_again_once_it_was_deleted() {
    let server = TestServer::start().await;
    server.operator().delete("/v1/tenants/default").await.expect(204);
    let server = server.restart().await;
    let listed = server.operator().get("/v1/tenants").await.expect(200);
    assert_eq!(listed, Value::Array(Vec::new()));
}
