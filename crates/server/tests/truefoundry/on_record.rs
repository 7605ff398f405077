//! What the audit log says of this surface, and that a strict value is not read before it does.

use crate::{
    SECRETS,
    cast::{
        account, asks_for, authorize_at, group_at, makes, people, replaces, secret_at, secret_id,
        secrets_of, sees, v1_at,
    },
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

/// What events say was done and how it went, oldest first.
fn said(events: &[Value]) -> Vec<String> {
    let say = |event: &Value| {
        let words = [&event["action"], &event["resource"]["key"], &event["decision"]];
        words.map(|word| word.as_str().unwrap_or("-").to_owned()).join(" ")
    };
    events.iter().rev().map(say).collect()
}

/// How often the log says a secret was read on this surface.
async fn reads(operator: &Actor, secret: &str) -> u64 {
    let query = format!("resourceId={secret}&action=secret.reveal&surface=truefoundry");
    let events = operator.events(&query).await;
    assert!(events.iter().all(|event| event["decision"] == "ALLOWED"));
    events.iter().map(|event| event["count"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn every_change_is_on_record_as_this_surfaces_and_no_value_is() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let group = makes(&admin, "prod", &[("A", "canary 1"), ("B", "canary 2")]).await;
    let id = id_of(&group);
    let set = [("A", "canary 3"), ("C", "canary 4")];
    replaces(&admin, &id, &set).await.expect(200);
    let body = json!({ "collaborators": people(&[("user:ana@acme.dev", "viewer")]) });
    admin.post(&authorize_at(&id), body).await.expect(200);
    admin.delete(&secret_at(&secret_id(&group, "A"))).await.expect(200);
    admin.delete(&group_at(&id)).await.expect(200);
    let events = operator.events("surface=truefoundry").await;
    let mut all = said(&events);
    all[..3].sort();
    all[3..7].sort();
    assert_eq!(
        all,
        [
            "group.create prod ALLOWED",
            "secret.create A ALLOWED",
            "secret.create B ALLOWED",
            "group.replace prod ALLOWED",
            "secret.create C ALLOWED",
            "secret.delete B ALLOWED",
            "secret.publish A ALLOWED",
            "user.create ana@acme.dev ALLOWED",
            "group.roles prod ALLOWED",
            "secret.delete A ALLOWED",
            "secret.delete C ALLOWED",
            "group.delete prod ALLOWED",
        ]
    );
    let me = admin.get(&format!("{DEFAULT}/tokens/current")).await.expect(200);
    assert!(events.iter().all(|event| event["actor"]["token"] == me["id"]));
    assert!(!json!(events).to_string().contains("canary"));
    let verified = operator.get(&format!("{DEFAULT}/auditEvents:verify")).await.expect(200);
    assert_eq!(verified["intact"], true);
}

#[tokio::test]
async fn each_value_shown_is_counted_once_and_one_that_is_left_out_is_not() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let group = makes(&admin, "prod", &[("PLAIN", "v"), ("STRICT", "w"), ("CLOSED", "x")]).await;
    let ids = ["PLAIN", "STRICT", "CLOSED"].map(|key| secret_id(&group, key));
    admin.patch(&v1_at(&ids[1]), json!({ "sensitivity": "REGULATED" })).await.expect(200);
    admin.patch(&v1_at(&ids[2]), json!({ "disclosure": "USE_ONLY" })).await.expect(200);
    let viewer = account(&server, &admin, "viewer", &[("prod", "viewer")]).await;
    let editor = account(&server, &admin, "editor", &[("prod", "editor")]).await;
    let all = async || {
        [
            reads(&operator, &ids[0]).await,
            reads(&operator, &ids[1]).await,
            reads(&operator, &ids[2]).await,
        ]
    };
    for id in &ids {
        sees(&viewer, id).await;
    }
    for who in [&viewer, &editor] {
        secrets_of(who, json!({ "withValue": who.token() == viewer.token() })).await;
        secrets_of(who, json!({ "withValue": false, "secretGroupId": group["id"] })).await;
        who.get(&group_at(&id_of(&group))).await.expect(200);
        who.get(&format!("{}/versions", secret_at(&ids[0]))).await.expect(200);
    }
    assert_eq!(all().await, [0, 0, 0], "nothing was shown to anybody");
    for id in &ids {
        sees(&editor, id).await;
    }
    assert_eq!(all().await, [1, 1, 0]);
    secrets_of(&editor, json!({ "withValue": true })).await;
    secrets_of(&editor, json!({ "withValue": true, "limit": 1 })).await;
    let named =
        json!({ "withValue": true, "secretFqns": ["default:prod:PLAIN", "default:prod:PLAIN"] });
    secrets_of(&editor, named).await;
    assert_eq!(all().await, [3, 2, 0], "in key order, CLOSED is first and PLAIN the next");
    let strict = format!("resourceId={}&action=secret.reveal", ids[1]);
    let events = operator.events(&strict).await;
    assert_eq!(events.len(), 2, "a strict one is an event by itself each time");
    for event in events {
        let shown = (&event["count"], &event["tier"], &event["revision"]);
        assert_eq!(shown, (&json!(1), &json!("REGULATED"), &json!(1)));
        assert_eq!(event["actor"]["kind"], "virtualAccount");
    }
}

#[tokio::test]
async fn a_strict_value_is_not_read_while_its_record_cannot_be_written() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let group = makes(&admin, "prod", &[("PLAIN", "plain"), ("STRICT", "canary")]).await;
    let (plain, strict) = (secret_id(&group, "PLAIN"), secret_id(&group, "STRICT"));
    admin.patch(&v1_at(&strict), json!({ "sensitivity": "PHI" })).await.expect(200);
    let viewer = account(&server, &admin, "viewer", &[("prod", "viewer")]).await;
    for who in [&admin, &viewer] {
        sees(who, &plain).await;
        sees(who, &strict).await;
    }
    let before = server.rows();
    let lock = server.locked();
    for refused in [
        admin.get(&secret_at(&strict)).await,
        admin.post(SECRETS, json!({ "withValue": true })).await,
        admin
            .post(SECRETS, json!({ "withValue": true, "secretFqns": ["default:prod:STRICT"] }))
            .await,
    ] {
        assert_eq!(refused.refused(503), "audit-unavailable");
        assert_eq!(refused.json()["statusCode"], 503);
        assert!(refused.headers.contains_key("retry-after"));
        let said = String::from_utf8_lossy(&refused.bytes).into_owned();
        assert!(!said.contains("canary") && !said.contains("plain"), "nothing of the page");
    }
    for refused in [
        asks_for(&admin, "new", &[("K", "v")]).await,
        replaces(&admin, &id_of(&group), &[("PLAIN", "w")]).await,
        admin.delete(&secret_at(&plain)).await,
        admin.delete(&group_at(&id_of(&group))).await,
        admin
            .post(
                &authorize_at(&id_of(&group)),
                json!({ "collaborators": people(&[("user:a@b.dev", "viewer")]) }),
            )
            .await,
    ] {
        assert_eq!(refused.refused(503), "store-unavailable");
    }
    assert_eq!(sees(&admin, &plain).await["value"], "plain", "counted, and written later");
    assert_eq!(sees(&viewer, &strict).await.get("value"), None, "no value, no record needed");
    assert_eq!(secrets_of(&viewer, json!({ "withValue": true })).await.len(), 2);
    drop(lock);
    assert_eq!(sees(&admin, &strict).await["value"], "canary");
    assert_eq!(reads(&operator, &strict).await, 2, "what was refused is no reveal");
    assert_eq!(reads(&operator, &plain).await, 2, "and what was counted meanwhile is exact");
    let uses =
        |row: &&String| !row.starts_with("secret_uses") && !row.starts_with("secret_readers");
    let after = server.rows();
    let (before, after): (Vec<_>, Vec<_>) =
        (before.iter().filter(uses).collect(), after.iter().filter(uses).collect());
    assert_eq!(before, after, "nothing was half done");
}

#[tokio::test]
async fn a_refusal_is_on_record_and_names_the_route_and_nothing_put_into_it() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let nobody = server.token("default", &[]).await;
    assert_eq!(
        asks_for(&nobody, "sk-live-canary", &[("sk_live_canary", "v")]).await.refused(403),
        "missing-scope"
    );
    nobody.get(&group_at(&id_of(&group))).await.expect(403);
    let events = operator.events("surface=truefoundry&decision=DENIED").await;
    assert_eq!(
        said(&events),
        [
            "request.refuse POST /api/svc/v1/secret-groups DENIED",
            "request.refuse GET /api/svc/v1/secret-groups/{group} DENIED",
        ]
    );
    assert!(!json!(events).to_string().contains("canary"));
}

#[tokio::test]
async fn a_refusal_by_role_is_on_record_as_one_by_scope_is() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let group = makes(&admin, "prod", &[("A", "a")]).await;
    let viewer = account(&server, &admin, "looker", &[("prod", "viewer")]).await;
    let (id, secret) = (id_of(&group), secret_id(&group, "A"));
    assert_eq!(replaces(&viewer, &id, &[("A", "b")]).await.refused(403), "missing-role");
    assert_eq!(viewer.delete(&secret_at(&secret)).await.refused(403), "missing-role");
    assert_eq!(viewer.delete(&group_at(&id)).await.refused(403), "missing-role");
    let events = operator.events("decision=DENIED").await;
    let mut seen: Vec<String> = events
        .iter()
        .map(|event| format!("{} {}", event["resource"]["key"], event["reason"]))
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            r#""DELETE /api/svc/v1/secret-groups/{group}" "missing-role""#,
            r#""DELETE /api/svc/v1/secrets/{secret}" "missing-role""#,
            r#""PUT /api/svc/v1/secret-groups/{group}" "missing-role""#,
        ]
    );
}
