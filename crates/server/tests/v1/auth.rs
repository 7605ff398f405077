//! `auth/health`, and what counts as a credential.

use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, shape};

#[tokio::test]
async fn a_token_without_any_scope_learns_who_it_is() {
    let server = TestServer::start().await;
    let minted = server.operator().mints(json!({ "name": "me", "expirationDays": 1 })).await;
    let me = server.with_token(minted["token"].as_str().unwrap());
    let health = me.get(&format!("{DEFAULT}/auth/health")).await.expect(200);
    let expected = [
        "apiKeyExpiresAt: integer",
        "apiKeyName: string",
        "authenticationSource: string",
        "email: null",
        "scopes: array",
        "tenantId: string",
        "tokenExpiresAt: integer",
        "tokenName: string",
        "userId: string",
    ];
    assert_eq!(shape(&health), expected);
    assert_eq!(
        (&health["authenticationSource"], &health["apiKeyName"]),
        (&json!("API_KEY"), &json!("me"))
    );
    assert_eq!(health["apiKeyExpiresAt"], minted["expiresAt"]);
}

#[tokio::test]
async fn the_operator_is_known_by_the_socket_and_has_every_scope_in_every_tenant() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    for tenant in ["default", "acme"] {
        let path = format!("/v1/tenants/{tenant}/auth/health");
        let health = server.operator().get(&path).await.expect(200);
        assert_eq!(health["authenticationSource"], "OPERATOR");
        assert_eq!(health["userId"], "operator:0");
        assert_eq!(health["apiKeyName"], Value::Null);
        assert!(health["scopes"].as_array().unwrap().contains(&json!("tenant:admin")));
    }
    let absent = server.operator().get("/v1/tenants/nobody/auth/health").await;
    assert_eq!(absent.refused(404), "not-found");
}

#[tokio::test]
async fn a_token_sent_over_the_socket_is_who_it_says_and_not_the_operator() {
    let server = TestServer::start().await;
    let minted = server.operator().mints(json!({})).await;
    let over_socket = async |token: &str| {
        let request = http::Request::get(format!("{DEFAULT}/secrets"))
            .header("authorization", format!("Bearer {token}"));
        server.operator().send_whole(request.body(axum::body::Body::empty()).unwrap()).await
    };
    let refused = over_socket(minted["token"].as_str().unwrap()).await;
    assert_eq!(refused.refused(403), "missing-scope");
    assert_eq!(over_socket("nonsense").await.refused(401), "unauthenticated", "never a fallback");
}

#[tokio::test]
async fn only_one_bearer_header_is_a_credential() {
    let server = TestServer::start().await;
    let token = server.admin("default").await.token().unwrap().to_owned();
    let path = format!("{DEFAULT}/secrets");
    let asks = async |headers: &[(&str, &str)]| {
        let request = headers.iter().fold(http::Request::get(&path), |request, (name, value)| {
            request.header(*name, *value)
        });
        server.stranger().send_whole(request.body(axum::body::Body::empty()).unwrap()).await
    };
    let bearer = format!("Bearer {token}");
    asks(&[("authorization", &bearer)]).await.expect(200);
    asks(&[("authorization", &format!("bearer {token}"))]).await.expect(200);
    let basic = format!("Basic {token}");
    let two_spaces = format!("Bearer  {token}");
    let comma = format!("Bearer {token}, Bearer {token}");
    let wrong: [&[(&str, &str)]; 11] = [
        &[],
        &[("authorization", &bearer), ("authorization", &bearer)],
        &[("authorization", &bearer), ("authorization", "Bearer x")],
        &[("x-api-key", &token)],
        &[("authorization", &token)],
        &[("authorization", &basic)],
        &[("authorization", "Bearer")],
        &[("authorization", &two_spaces)],
        &[("authorization", &comma)],
        &[("cookie", &bearer)],
        &[("proxy-authorization", &bearer)],
    ];
    let refused = asks(wrong[0]).await.without_instance();
    for headers in wrong {
        let reply = asks(headers).await;
        assert_eq!(reply.refused(401), "unauthenticated", "{} headers", headers.len());
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
        assert_eq!(reply.without_instance(), refused);
    }
    let query = server.stranger().get(&format!("{path}?access_token={token}&apiKey={token}")).await;
    assert_eq!(query.refused(401), "unauthenticated");
}

#[tokio::test]
async fn the_tool_a_caller_says_it_is_is_noted_as_a_claim() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let says = async |tool: &str, key: &str| {
        let body = json!({ "key": key, "value": "v" }).to_string();
        let request =
            http::Request::post(format!("{DEFAULT}/secrets")).header("x-fruxon-actor", tool);
        operator.send_whole(request.body(body.into()).unwrap()).await.expect(201);
        let events = operator.events("action=secret.create").await;
        events[0]["actor"].clone()
    };
    let actor = says("claude-code", "A").await;
    assert_eq!(
        actor,
        json!({ "kind": "operator", "id": "operator:0", "token": null, "tool": "claude-code" })
    );
    assert_eq!(
        says("sk_live_canary", "B").await["tool"],
        Value::Null,
        "what is no word is dropped"
    );
}
