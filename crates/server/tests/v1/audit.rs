//! `auditEvents`: what is on record, by whom it can be read, and how it is sifted.

use crate::NOBODY;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of, shape};

/// What events say was done, oldest first.
fn said(events: &[Value]) -> Vec<String> {
    let say = |event: &Value| {
        let resource = &event["resource"];
        format!(
            "{} {} {}",
            event["action"].as_str().unwrap(),
            resource["kind"].as_str().unwrap(),
            resource["key"].as_str().unwrap_or("-"),
        )
    };
    events.iter().rev().map(say).collect()
}

/// The events since the last time this was asked.
async fn news(reader: &Actor, seen: &mut usize) -> Vec<Value> {
    let mut events = reader.events("").await;
    let new = events.len() - *seen;
    *seen = events.len();
    events.truncate(new);
    events
}

#[tokio::test]
async fn every_change_is_one_event_that_says_who_did_what_to_what() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({ "name": "ana", "preset": "admin" })).await;
    let ana = server.with_token(minted["token"].as_str().unwrap());
    let me = ana.get(&format!("{DEFAULT}/tokens/current")).await.expect(200)["ownerId"].clone();
    let mut seen = 0;
    assert_eq!(
        said(&news(&operator, &mut seen).await),
        ["tenant.create tenant default", "token.mint token ana"]
    );

    let mut check = async |expected: &[&str]| {
        let events = news(&operator, &mut seen).await;
        assert_eq!(said(&events), expected);
        for event in &events {
            assert_eq!(
                event["actor"],
                json!({ "kind": "user", "id": me, "token": minted["id"], "tool": null })
            );
            let rest = (&event["decision"], &event["surface"], &event["count"]);
            assert_eq!(rest, (&json!("ALLOWED"), &json!("v1"), &json!(1)));
            assert!(event["requestId"].is_string());
        }
        events
    };
    let id = ana.keeps("K", "v").await;
    let secret = format!("{DEFAULT}/secrets/{id}");
    let events = check(&["secret.create secret K"]).await;
    assert_eq!((&events[0]["revision"], &events[0]["tier"]), (&json!(1), &json!("STANDARD")));
    assert_eq!(events[0]["resource"]["id"], json!(id));
    ana.publishes(&id, "w").await;
    let events = check(&["secret.publish secret K"]).await;
    assert_eq!(events[0]["revision"], 2);
    let one = ana.get(&format!("{secret}/revisions")).await.expect(200)[1]["id"].clone();
    ana.post(&format!("{secret}:rollback"), json!({ "revisionId": one })).await.expect(200);
    let events = check(&["secret.rollback secret K"]).await;
    assert_eq!(events[0]["revision"], 1);
    ana.patch(&secret, json!({ "sensitivity": "PHI" })).await.expect(200);
    let events = check(&["secret.update secret K"]).await;
    assert_eq!(events[0]["tier"], "PHI");
    ana.patch(&secret, json!({ "value": "x" })).await.expect(200);
    check(&["secret.publish secret K"]).await;
    ana.patch(&secret, json!({ "value": "y", "description": "d" })).await.expect(200);
    check(&["secret.update secret K", "secret.publish secret K"]).await;
    ana.put(&format!("{secret}/grants/agent")).await.expect(200);
    check(&["grant.create grant agent"]).await;
    ana.delete(&format!("{secret}/grants/agent")).await.expect(204);
    check(&["grant.delete grant agent"]).await;
    ana.reveals(&id).await.expect(200);
    check(&["secret.reveal secret K"]).await;
    ana.delete(&secret).await.expect(204);
    check(&["secret.delete secret K"]).await;

    let token = id_of(&ana.mints(json!({ "name": "t", "scopes": ["audit:read"] })).await);
    let events = check(&["token.mint token t"]).await;
    assert_eq!(events[0]["details"], json!({ "scopes": ["audit:read"] }));
    ana.post(&format!("{DEFAULT}/tokens/{token}:rotate"), json!({})).await.expect(200);
    let events = check(&["token.rotate token t"]).await;
    assert!(events[0]["details"]["keyPrefix"].is_string());
    ana.delete(&format!("{DEFAULT}/tokens/{token}")).await.expect(204);
    check(&["token.revoke token t"]).await;

    let accounts = format!("{DEFAULT}/serviceAccounts");
    let made = ana.post(&accounts, json!({ "name": "ci" })).await.expect(201);
    check(&["serviceAccount.create serviceAccount ci", "token.mint token ci-key"]).await;
    let account = format!("{accounts}/{}", id_of(&made["serviceAccount"]));
    ana.post(&format!("{account}:rotate"), json!({})).await.expect(200);
    check(&[
        "serviceAccount.rotate serviceAccount ci",
        "token.mint token ci-key",
        "token.revoke token ci-key",
    ])
    .await;
    ana.delete(&account).await.expect(204);
    check(&["serviceAccount.revoke serviceAccount ci", "token.revoke token ci-key"]).await;
    ana.post(&format!("{DEFAULT}/keys:rotate"), json!({})).await.expect(200);
    check(&["key.rotate key v2"]).await;
}

#[tokio::test]
async fn an_event_has_every_member_always() {
    let server = TestServer::start().await;
    let operator = server.operator();
    operator.keeps("K", "v").await;
    let page = operator.get(&format!("{DEFAULT}/auditEvents")).await.expect(200);
    assert_eq!(shape(&page), ["items: array", "nextPageToken: null", "totalCount: integer"]);
    let event = &page["items"][0];
    let expected = [
        "action: string",
        "actor: object",
        "count: integer",
        "decision: string",
        "details: null",
        "firstTime: null",
        "id: string",
        "lane: integer",
        "reason: null",
        "requestId: string",
        "resource: object",
        "revision: integer",
        "seq: integer",
        "surface: string",
        "tier: string",
        "time: integer",
    ];
    assert_eq!(shape(event), expected);
    assert_eq!(shape(&event["actor"]), ["id: string", "kind: string", "token: null", "tool: null"]);
    assert_eq!(shape(&event["resource"]), ["id: string", "key: string", "kind: string"]);
}

#[tokio::test]
async fn refusals_are_on_record_with_the_operation_and_never_its_arguments() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({ "scopes": ["secrets:read"] })).await;
    let reader = server.with_token(minted["token"].as_str().unwrap());
    let reply = reader
        .post(&format!("{DEFAULT}/secrets/CANARY:publish"), json!({ "value": "CANARY" }))
        .await;
    reply.expect(403);
    reader.delete("/v1/tenants/default").await.expect(403);
    reader.get("/v1/tenants/other/secrets").await.expect(404);
    let events = operator.events("action=request.refuse").await;
    let operations: Vec<(&Value, &Value)> =
        events.iter().rev().map(|event| (&event["resource"]["key"], &event["reason"])).collect();
    let expected = [
        (json!("POST /v1/tenants/{tenant}/secrets/{secret}:publish"), json!("missing-scope")),
        (json!("DELETE /v1/tenants/{tenant}"), json!("missing-scope")),
        (json!("GET /v1/tenants/{tenant}/secrets"), json!("not-found")),
    ];
    assert_eq!(operations, expected.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
    for event in &events {
        assert_eq!(
            (&event["decision"], &event["resource"]["kind"]),
            (&json!("DENIED"), &json!("operation"))
        );
        assert_eq!(event["actor"]["token"], minted["id"]);
    }
    assert_eq!(events[2]["details"], json!({ "required": "secrets:write" }));
    assert_eq!(events[2]["requestId"], reply.headers["x-request-id"].to_str().unwrap());
    assert!(!json!(events).to_string().contains("CANARY"));
}

#[tokio::test]
async fn each_filter_keeps_what_it_says_and_they_combine() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let start = server.clock.millis();
    let minted = operator.mints(json!({ "preset": "admin" })).await;
    let ana = server.with_token(minted["token"].as_str().unwrap());
    let id = ana.keeps("K", "v").await;
    server.clock.advance(Duration::from_secs(10));
    ana.publishes(&id, "w").await;
    operator.publishes(&id, "x").await;
    let nobody = server.token("default", &[]).await;
    nobody.get(&format!("{DEFAULT}/secrets")).await.expect(403);
    let count = async |query: String| operator.events(&query).await.len();
    assert_eq!(count(format!("resourceId={id}")).await, 3);
    assert_eq!(count(format!("resourceId={NOBODY}")).await, 0);
    assert_eq!(count("action=secret.publish".into()).await, 2);
    assert_eq!(count("Action=secret.publish&actorId=operator:0".into()).await, 1);
    assert_eq!(count("decision=DENIED".into()).await, 1);
    assert_eq!(count("decision=DENIED&action=secret.publish".into()).await, 0);
    assert_eq!(count("surface=v1&action=secret.create".into()).await, 1);
    assert_eq!(count("surface=walletcrew".into()).await, 0);
    assert_eq!(count("surface=system".into()).await, 1, "the tenant itself");
    let moment = start + 10_000;
    assert_eq!(count(format!("resourceId={id}&from={moment}")).await, 2);
    assert_eq!(count(format!("resourceId={id}&to={moment}")).await, 1, "before `to`");
    assert_eq!(count(format!("resourceId={id}&from={start}&to={}", moment + 1)).await, 3);
    for query in [
        "from=now",
        "to=1.5",
        "action=secret.fly",
        "decision=denied",
        "surface=web",
        "resourceId=K",
    ] {
        let refused = operator.get(&format!("{DEFAULT}/auditEvents?{query}")).await;
        assert_eq!(refused.refused(400), "invalid-request", "{query}");
    }
}

#[tokio::test]
async fn the_log_is_read_newest_first_page_by_page_with_its_length() {
    let server = TestServer::start().await;
    let operator = server.operator();
    for n in 0..9 {
        operator.keeps(&format!("K{n}"), "v").await;
    }
    let whole = operator.events("").await;
    let seqs: Vec<u64> = whole.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=10).rev().collect::<Vec<u64>>());
    let (mut walked, mut token) = (Vec::new(), String::new());
    loop {
        let page =
            operator.get(&format!("{DEFAULT}/auditEvents?pageSize=4{token}")).await.expect(200);
        assert_eq!(page["totalCount"], 10);
        walked.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["nextPageToken"].as_str() else { break };
        token = format!("&pageToken={next}");
    }
    assert_eq!(walked, whole);
    let some =
        operator.get(&format!("{DEFAULT}/auditEvents?action=secret.create&pageSize=2")).await;
    assert_eq!(some.expect(200)["totalCount"], 9, "a filtered list is counted, to 10,000");
}

#[tokio::test]
async fn each_tenant_has_a_log_of_its_own() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    server.operator().keeps("K", "v").await;
    let acme = server.admin("acme").await;
    acme.get("/v1/tenants/default/secrets").await.expect(404);
    let log = acme.get("/v1/tenants/acme/auditEvents").await.expect(200);
    let own: Vec<&Value> =
        log["items"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(own, ["request.refuse", "token.mint", "tenant.create"]);
    let theirs = server.operator().events("").await;
    assert!(
        theirs.iter().all(|event| event["action"] != "request.refuse"),
        "the probed one learns nothing"
    );
    acme.get("/v1/tenants/default/auditEvents").await.expect(404);
}

#[tokio::test]
async fn a_strangers_refusal_is_on_the_deployments_own_chain_and_on_no_tenants() {
    let server = TestServer::start().await;
    let own = "SELECT SUM(seq) FROM audit_heads WHERE tenant_id = zeroblob(16)";
    server.operator().events("").await;
    let before = server.number(own);
    for token in ["nonsense", "sr_pat_0123", ""] {
        server.with_token(token).get(&format!("{DEFAULT}/secrets")).await.expect(401);
    }
    server.stranger().post("/v1/tenants", json!({ "slug": "mine" })).await.expect(401);
    assert!(server.operator().events("action=request.refuse").await.is_empty());
    assert_eq!(server.number(own), before + 4);
}

#[tokio::test]
async fn the_operator_reads_and_verifies_the_deployments_own_log_and_nobody_else_does() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    server.stranger().get(&format!("{DEFAULT}/secrets")).await.expect(401);
    server.operator().delete("/v1/tenants/acme").await.expect(204);
    let page = server.operator().get("/v1/auditEvents").await.expect(200);
    assert_eq!(page["totalCount"], 4);
    // A refusal waits for the next write, so its place among the others is not given.
    let mut said = said(page["items"].as_array().unwrap());
    said.sort();
    assert_eq!(
        said,
        [
            "request.refuse operation GET /v1/tenants/{tenant}/secrets",
            "tenant.create tenant acme",
            "tenant.create tenant default",
            "tenant.delete tenant acme",
        ]
    );
    let verified = server.operator().get("/v1/auditEvents:verify").await.expect(200);
    assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(4)));
    let admin = server.admin("default").await;
    for path in ["/v1/auditEvents", "/v1/auditEvents:verify"] {
        assert_eq!(admin.get(path).await.refused(403), "missing-scope");
    }
}
