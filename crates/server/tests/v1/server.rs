//! What is outside every tenant: the about page, health, metrics, the API's description, and what every answer has.

use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use subrosa_testkit::{DEFAULT, TestServer, shape};

#[tokio::test]
async fn anyone_learns_what_this_is_and_whether_it_serves() {
    let server = TestServer::start().await;
    let stranger = server.stranger();
    let about = stranger.get("/").await.expect(200);
    assert_eq!(shape(&about), ["name: string", "openapi: string", "version: string"]);
    assert_eq!(about["name"], "subrosa");
    assert_eq!(stranger.get("/health/live").await.expect(200), json!({ "status": "live" }));
    assert_eq!(stranger.get("/health/ready").await.expect(200), json!({ "status": "ready" }));
    let head = stranger.send(Method::HEAD, "/", None).await;
    assert_eq!(head.status, 200);
}

#[tokio::test]
async fn a_closed_store_is_not_ready_and_the_process_is_alive() {
    let server = TestServer::start().await;
    server.app().close().await.unwrap();
    let unready = server.stranger().get("/health/ready").await;
    assert_eq!(unready.expect(503), json!({ "status": "unready" }));
    server.stranger().get("/health/live").await.expect(200);
    let refused = server.operator().get(&format!("{DEFAULT}/secrets")).await;
    assert_eq!(refused.status, 503);
    assert!(refused.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn the_description_is_served_to_anyone_under_both_names() {
    let server = TestServer::start().await;
    let ours = server.stranger().get("/openapi.json").await;
    let theirs = server.stranger().get("/swagger/v1/swagger.json").await;
    assert_eq!(ours.expect(200), subrosa_server::http::openapi::document());
    assert_eq!(ours.bytes, theirs.bytes);
}

#[tokio::test]
async fn metrics_count_answers_and_name_nobody() {
    let server = TestServer::start().await;
    server.operator().keeps("CANARY_KEY", "CANARY_VALUE").await;
    server.stranger().get("/nowhere").await;
    let metrics = server.stranger().get("/metrics").await;
    let text = String::from_utf8(metrics.bytes).unwrap();
    assert!(text.contains("subrosa_http_answers_total{class=\"2xx\"} 1"), "{text}");
    assert!(text.contains("subrosa_http_answers_total{class=\"4xx\"} 1"), "{text}");
    assert!(!text.contains("CANARY") && !text.contains("default"), "{text}");
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_and_is_kept_by_nobody() {
    let server = TestServer::start().await;
    let mut ids = BTreeSet::new();
    let paths =
        ["/", "/nowhere", "/v1/tenants", "//", "/health/live", "/v1/tenants/default/secrets"];
    for path in paths {
        for who in [server.stranger(), server.operator()] {
            let reply = who.get(path).await;
            let id = reply.headers["x-request-id"].to_str().unwrap().to_owned();
            assert_eq!(id.len(), 36);
            assert_eq!(reply.headers["x-content-type-options"], "nosniff");
            assert_eq!(reply.headers["cache-control"], "no-store");
            if reply.status.is_client_error() {
                assert_eq!(reply.headers["content-type"], "application/problem+json");
                assert_eq!(reply.json()["instance"], format!("urn:uuid:{id}"));
            }
            assert!(ids.insert(id), "the same id twice");
        }
    }
}

#[tokio::test]
async fn a_problem_has_every_member_that_some_client_reads() {
    let server = TestServer::start().await;
    let refused = server.stranger().get(&format!("{DEFAULT}/secrets")).await;
    let body = refused.expect(401);
    let expected = [
        "code: string",
        "detail: string",
        "instance: string",
        "message: string",
        "status: integer",
        "statusCode: integer",
        "title: string",
        "type: string",
    ];
    assert_eq!(shape(&body), expected);
    assert_eq!((&body["status"], &body["statusCode"]), (&json!(401), &json!(401)));
    assert_eq!(body["detail"], body["message"]);
    assert_eq!(body["type"], "urn:subrosa:problem:unauthenticated");
    let refused = server.token("default", &[]).await.get(&format!("{DEFAULT}/secrets")).await;
    let mut with_scopes: Vec<&str> = expected.to_vec();
    with_scopes.extend(["error: string", "granted: array", "missing: array", "required: string"]);
    with_scopes.sort_unstable();
    assert_eq!(shape(&refused.expect(403)), with_scopes);
    let refused = server.operator().post(&format!("{DEFAULT}/secrets"), json!({})).await;
    let mut with_errors: Vec<&str> = expected.to_vec();
    with_errors.push("errors: object");
    with_errors.sort_unstable();
    assert_eq!(shape(&refused.expect(400)), with_errors);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_refused_and_an_unknown_path_is_not_there() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let put = operator.put(&format!("{DEFAULT}/secrets")).await;
    assert_eq!(put.refused(405), "method-not-allowed");
    for path in [
        "/nowhere",
        "/v1",
        "/v2/tenants",
        "/v1/tenants/default/nothing",
        "/v1/tenants/default/byok",
    ] {
        assert_eq!(operator.get(path).await.refused(404), "not-found", "{path}");
    }
}

#[tokio::test]
async fn bodies_say_they_are_json_or_say_nothing() {
    let server = TestServer::start().await;
    let sends = async |kind: Option<&str>, key: &str| {
        let body = json!({ "key": key, "value": "v" }).to_string();
        let mut request = http::Request::post(format!("{DEFAULT}/secrets"));
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        server.operator().send_whole(request.body(body.into()).unwrap()).await
    };
    for (at, kind) in [None, Some("application/json"), Some("Application/JSON; charset=utf-8")]
        .into_iter()
        .enumerate()
    {
        sends(kind, &format!("K{at}")).await.expect(201);
    }
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""]
    {
        assert_eq!(sends(Some(kind), "K").await.refused(415), "unsupported-media-type", "{kind}");
    }
}

#[tokio::test]
async fn a_restart_finds_everything_as_it_was() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps_as("FINANCIAL", "K", "one").await;
    operator.publishes(&id, "two").await;
    operator.put(&format!("{DEFAULT}/secrets/{id}/grants/a")).await.expect(200);
    let minted = operator.mints(json!({ "preset": "admin" })).await;
    operator.post(&format!("{DEFAULT}/serviceAccounts"), json!({ "name": "ci" })).await.expect(201);
    server.tenant("acme").await;
    let lists = [
        format!("{DEFAULT}/secrets"),
        format!("{DEFAULT}/secrets/{id}/revisions"),
        format!("{DEFAULT}/secrets/{id}/publications"),
        format!("{DEFAULT}/secrets/{id}/grants"),
        format!("{DEFAULT}/tokens"),
        format!("{DEFAULT}/serviceAccounts"),
        "/v1/tenants".to_owned(),
    ];
    let mut before = Vec::new();
    for list in &lists {
        before.push(operator.get(list).await.expect(200));
    }
    let server = server.restart().await;
    let mut after: Vec<Value> = Vec::new();
    for list in &lists {
        after.push(server.operator().get(list).await.expect(200));
    }
    assert_eq!(after, before);
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    assert_eq!(bearer.reveals(&id).await.expect(200)["value"], "two");
    let verified = bearer.get(&format!("{DEFAULT}/auditEvents:verify")).await.expect(200);
    assert_eq!(verified["intact"], true);
    assert!(
        server.operator().events("action=audit.gap").await.is_empty(),
        "it was stopped as one should"
    );
}
