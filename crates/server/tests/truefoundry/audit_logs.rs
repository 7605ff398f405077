//! `audit-logs`: everyone's for administrators, one's own for everybody else.

use crate::{
    cast::{account, makes, member, secret_at, secret_id, service, shares},
    holders::{current, personal, text},
};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of, shape};

const LOGS: &str = "/api/svc/v1/audit-logs";

/// The log a query finds.
async fn logs(who: &Actor, query: &str) -> Vec<Value> {
    let listed = who.get(&format!("{LOGS}?metric=list&{query}")).await.expect(200);
    listed["data"].as_array().unwrap().clone()
}

/// What was done by it, newest first: `secret.create KEY`.
async fn done(who: &Actor, query: &str) -> Vec<String> {
    let say = |one: &Value| {
        format!("{} {}", text(one, "action"), one["resourceName"].as_str().unwrap_or("-"))
    };
    logs(who, query).await.iter().map(say).collect()
}

/// How many events a query counts.
async fn counts(who: &Actor, query: &str) -> u64 {
    let counted = who.get(&format!("{LOGS}?metric=count&{query}")).await.expect(200);
    assert_eq!(shape(&counted), ["data: object"]);
    assert_eq!(shape(&counted["data"]), ["count: integer"]);
    counted["data"]["count"].as_u64().unwrap()
}

#[tokio::test]
async fn an_entry_says_who_did_what_to_what_by_which_surface() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let listed = admin.get(&format!("{LOGS}?metric=list&action=group.create")).await.expect(200);
    assert_eq!(listed["pagination"], json!({ "total": 1, "offset": 0, "limit": 100 }));
    let entry = &listed["data"][0];
    let expected = [
        "action: string",
        "clusterId: null",
        "createdAt: string",
        "id: string",
        "metaData: object",
        "requestPath: null",
        "resourceFqn: string",
        "resourceId: string",
        "resourceName: string",
        "resourceType: string",
        "subject: object",
        "tenantName: string",
        "updatedAt: string",
        "workspaceId: null",
    ];
    assert_eq!(shape(entry), expected);
    let said = [&entry["resourceType"], &entry["resourceFqn"], &entry["tenantName"]];
    assert_eq!(said, ["secret-group", "default:prod", "default"]);
    assert_eq!((&entry["resourceId"], &entry["resourceName"]), (&group["id"], &json!("prod")));
    assert_eq!(entry["createdAt"], "2026-01-01T00:00:00Z");
    let me = current(&admin).await["ownerId"].clone();
    let subject = json!({ "subjectId": me, "subjectType": "user", "subjectSlug": "operator",
        "subjectDisplayName": "operator" });
    assert_eq!(entry["subject"], subject);
    let meta = json!({ "surface": "truefoundry", "decision": "ALLOWED", "reason": null,
        "version": null, "count": 1 });
    assert_eq!(entry["metaData"], meta);
    let poor = server.token("default", &[]).await;
    poor.get(&format!("{DEFAULT}/secrets")).await.expect(403);
    let refused = &logs(&admin, "action=request.refuse").await[0];
    assert_eq!(refused["requestPath"], "GET /v1/tenants/{tenant}/secrets");
    let meta = (&refused["metaData"]["decision"], &refused["metaData"]["reason"]);
    assert_eq!(meta, (&json!("DENIED"), &json!("missing-scope")));
}

#[tokio::test]
async fn administrators_see_everyones_and_everybody_else_their_own() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let ana = service(&server, "ana", &["secrets:read", "secrets:write"]).await;
    let ben = service(&server, "ben", &["keys:write", "audit:read"]).await;
    ana.keeps("ANAS", "v").await;
    personal(&server, &ben, "bens").await;
    let group = id_of(&makes(&admin, "prod", &[("K", "v")]).await);
    shares(&admin, &group, &[("user:eve@acme.dev", "editor")]).await;
    let eve = member(&server, &admin, "eve@acme.dev").await;
    crate::cast::replaces(&eve, &group, &[("EVES", "v")]).await.expect(200);
    let ci = account(&server, &admin, "ci", &[("prod", "editor")]).await;
    crate::cast::replaces(&ci, &group, &[("CIS", "v")]).await.expect(200);

    assert_eq!(done(&ana, "").await, ["secret.create ANAS"]);
    assert_eq!(done(&ben, "").await, ["token.mint bens"], "even with audit:read");
    let touched = |logs: &[String], key: &str| logs.iter().any(|one| one.ends_with(key));
    let (eves, cis) = (done(&eve, "").await, done(&ci, "").await);
    assert!(touched(&eves, " EVES") && !touched(&eves, " CIS"), "{eves:?}");
    assert!(touched(&cis, " CIS") && touched(&cis, " EVES"), "who deleted it again: {cis:?}");
    let everyones = done(&admin, "").await;
    for key in [" ANAS", " bens", " EVES", " CIS", " prod"] {
        assert!(touched(&everyones, key), "{key}");
    }
    assert_eq!(done(&ana, "subjectSlug=ben").await, Vec::<String>::new());
    assert_eq!(done(&ana, "resourceFqn=default:prod").await, Vec::<String>::new());
    assert_eq!((counts(&ana, "").await, counts(&admin, "").await), (1, everyones.len() as u64));
    let nobody = server.stranger().get(&format!("{LOGS}?metric=list")).await;
    assert_eq!(nobody.refused(401), "unauthenticated");
}

#[tokio::test]
async fn every_filter_narrows_and_all_hold_together() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let ana = service(&server, "ana", &["secrets:read", "secrets:write", "secrets:reveal"]).await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let other = makes(&admin, "other", &[("K", "v")]).await;
    server.clock.advance(Duration::from_secs(60));
    let key = ana.keeps("K", "v").await;
    server.clock.advance(Duration::from_secs(60));
    admin.get(&secret_at(&secret_id(&group, "K"))).await.expect(200);
    ana.reveals(&key).await.expect(200);

    assert_eq!(
        done(&admin, "action=group.create").await,
        ["group.create other", "group.create prod"]
    );
    assert_eq!(done(&admin, "resourceName=prod").await, ["group.create prod"]);
    assert_eq!(done(&admin, "resourceType=secret-group").await.len(), 2);
    assert_eq!(done(&admin, "resourceType=group").await.len(), 2, "by our own word as well");
    assert_eq!(done(&admin, "resourceType=secret&resourceName=K").await.len(), 5);
    assert_eq!(done(&admin, "resourceType=token&resourceName=K").await.len(), 0);
    assert_eq!(
        done(&admin, &format!("resourceId={key}")).await,
        ["secret.reveal K", "secret.create K"]
    );
    let of_group = format!("resourceId={}", id_of(&other));
    assert_eq!(done(&admin, &of_group).await, ["group.create other"]);

    assert_eq!(done(&admin, "resourceFqn=default:prod").await, ["group.create prod"]);
    let in_prod = done(&admin, "resourceFqn=default:prod:K").await;
    assert_eq!(in_prod, ["secret.reveal K", "secret.create K"], "and no other secret of that key");
    assert_eq!(done(&admin, "resourceFqn=default:other:K").await, ["secret.create K"]);
    let in_default = done(&admin, "resourceFqn=tfy-secret://default:default:K").await;
    assert_eq!(in_default, ["secret.reveal K", "secret.create K"]);
    for nothing in [
        "acme:prod",
        "acme:prod:K",
        "default:nowhere",
        "default:nowhere:K",
        "default:prod:L",
        "a:b:c:d",
    ] {
        let found = done(&admin, &format!("resourceFqn={nothing}")).await;
        assert_eq!(found, Vec::<String>::new(), "{nothing}");
    }
    let both = format!("resourceFqn=default:prod:K&resourceId={}", secret_id(&group, "K"));
    assert_eq!(done(&admin, &both).await.len(), 2);
    assert_eq!(
        done(&admin, &format!("resourceFqn=default:prod:K&resourceId={key}")).await.len(),
        0
    );

    assert_eq!(done(&admin, "subjectSlug=ana").await, ["secret.reveal K", "secret.create K"]);
    let all = counts(&admin, "").await;
    let named = "subjectSlug=ana,operator,operator:0";
    assert_eq!(
        counts(&admin, &format!("{named},nobody")).await,
        all - 1,
        "but for what the server did itself"
    );
    assert_eq!(done(&admin, "subjectSlug=an").await.len(), 0, "whole names");
    assert_eq!(
        done(&admin, "start=2026-01-01T00:01:00Z&end=2026-01-01T00:02:00Z").await,
        ["secret.create K"]
    );
    assert_eq!(done(&admin, "start=2026-01-01T01:02:00%2B01:00").await.len(), 2);
    let together =
        "subjectSlug=ana&action=secret.reveal&resourceType=secret&start=2026-01-01T00:02:00Z";
    assert_eq!(done(&admin, together).await, ["secret.reveal K"]);
    assert_eq!(counts(&admin, together).await, 1);
    admin.delete(&crate::cast::group_at(&id_of(&other))).await.expect(200);
    let gone = done(&admin, "resourceFqn=default:other").await;
    assert_eq!(gone, ["group.delete other", "group.create other"], "also when it is gone");
}

#[tokio::test]
async fn a_question_that_is_none_is_told_by_the_parameter() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for (query, place) in [
        ("", "metric"),
        ("metric=sum", "metric"),
        ("metric=list&metric=count", "metric"),
        ("metric=list&action=secret.fly", "action"),
        ("metric=list&resourceId=1", "resourceId"),
        ("metric=list&resourceType=planet", "resourceType"),
        ("metric=list&start=yesterday", "start"),
        ("metric=list&end=2026-01-01", "end"),
        ("metric=list&limit=0", "limit"),
        ("metric=list&limit=1001", "limit"),
        ("metric=count&offset=-1", "offset"),
    ] {
        let refused = admin.get(&format!("{LOGS}?{query}")).await;
        assert_eq!(crate::cast::faults(&refused), [place], "{query}");
    }
    admin
        .get(&format!("{LOGS}?metric=list&clusterId=x&workspaceId=y&whatever=z"))
        .await
        .expect(200);
}

#[tokio::test]
async fn pages_by_offset_cover_everything_once_and_end() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let poor = server.token("default", &[]).await;
    let events = 1_205;
    for _ in 0..events {
        poor.get(&format!("{DEFAULT}/secrets")).await.expect(403);
    }
    let query = "action=request.refuse";
    assert_eq!(counts(&admin, query).await, events);
    let mut ids = Vec::new();
    loop {
        let path = format!("{LOGS}?metric=list&{query}&limit=500&offset={}", ids.len());
        let page = admin.get(&path).await.expect(200);
        let expected = json!({ "total": events, "offset": ids.len(), "limit": 500 });
        assert_eq!(page["pagination"], expected);
        let data = page["data"].as_array().unwrap();
        if data.is_empty() {
            break;
        }
        ids.extend(data.iter().map(id_of));
    }
    assert_eq!(ids.len() as u64, events);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len() as u64, events, "each once");
    assert_eq!(logs(&admin, &format!("{query}&offset=1204&limit=5")).await.len(), 1);
    assert_eq!(logs(&admin, "offset=4294967295").await.len(), 0);
}

#[tokio::test]
async fn no_value_and_no_token_is_in_it_and_nothing_of_another_tenant() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    let there = server.admin("acme").await;
    there
        .post("/v1/tenants/acme/secrets", json!({ "key": "THEIRS", "value": "v" }))
        .await
        .expect(201);
    let group = makes(&admin, "prod", &[("K", "canary value")]).await;
    let seen = admin.get(&secret_at(&secret_id(&group, "K"))).await.expect(200);
    assert_eq!(seen["data"]["value"], "canary value");
    let laptop = personal(&server, &admin, "laptop").await;
    let ci = account(&server, &admin, "ci", &[("prod", "viewer")]).await;
    let log = json!(logs(&admin, "limit=1000").await).to_string();
    assert!(log.contains("secret.reveal"), "what was read just now is there");
    for never in ["canary", "THEIRS", laptop.token().unwrap(), ci.token().unwrap()] {
        assert!(!log.contains(never));
    }
    let theirs = json!(logs(&there, "limit=1000").await).to_string();
    assert!(theirs.contains("THEIRS") && !theirs.contains("prod"), "{theirs}");
}
