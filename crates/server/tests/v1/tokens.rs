//! `tokens`: listed, looked at, revoked, and what is known of their use.

use crate::NOBODY;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

const TOKENS: &str = "/v1/tenants/default/tokens";

#[tokio::test]
async fn a_listed_token_shows_everything_but_itself() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body =
        json!({ "name": "ci", "scopes": ["secrets:read"], "type": "CLI", "expirationDays": 1 });
    let minted = operator.mints(body).await;
    let secret = minted["token"].as_str().unwrap();
    let listed = operator.get(TOKENS).await.expect(200);
    let token = &listed[0];
    let expected = [
        "binding: null",
        "createdAt: integer",
        "createdBy: string",
        "expiresAt: integer",
        "id: string",
        "keyPrefix: string",
        "lastUsedAt: null",
        "modifiedAt: integer",
        "name: string",
        "revokedAt: null",
        "scopes: array",
        "type: string",
    ];
    assert_eq!(shape(token), expected);
    for same in ["id", "name", "scopes", "type", "keyPrefix", "createdAt", "expiresAt", "createdBy"]
    {
        assert_eq!(token[same], minted[same], "{same}");
    }
    let shown = operator.get(&format!("{TOKENS}/{}", id_of(token))).await.expect(200);
    assert_eq!(&shown, token);
    let hidden = &secret[11..];
    assert!(!listed.to_string().contains(hidden), "no more of it than its prefix");
    assert!(server.rows().iter().all(|row| !row.contains(&secret[20..])), "nor on disk");
}

#[tokio::test]
async fn buckets_sort_tokens_by_type() {
    let server = TestServer::start().await;
    let operator = server.operator();
    for kind in ["USER", "CLI", "SYSTEM", "SERVICE_ACCOUNT"] {
        operator.mints(json!({ "type": kind })).await;
    }
    let kinds = async |query: &str| {
        let listed = operator.get(&format!("{TOKENS}{query}")).await.expect(200);
        let kinds: Vec<Value> =
            listed.as_array().unwrap().iter().map(|token| token["type"].clone()).collect();
        json!(kinds)
    };
    let all = json!(["SERVICE_ACCOUNT", "SYSTEM", "CLI", "USER"]);
    for query in ["", "?bucket=ALL", "?Bucket=UNSPECIFIED"] {
        assert_eq!(kinds(query).await, all);
    }
    assert_eq!(kinds("?bucket=OWNED").await, json!(["CLI", "USER"]));
    assert_eq!(kinds("?bucket=SYSTEM").await, json!(["SERVICE_ACCOUNT", "SYSTEM"]));
    assert_eq!(
        operator.get(&format!("{TOKENS}?bucket=mine")).await.refused(400),
        "invalid-request"
    );
}

#[tokio::test]
async fn a_token_sees_itself_and_the_operator_has_none() {
    let server = TestServer::start().await;
    let minted = server.operator().mints(json!({ "name": "me" })).await;
    let me = server.with_token(minted["token"].as_str().unwrap());
    let current = me.get(&format!("{TOKENS}/current")).await.expect(200);
    let expected = [
        "createdAt: integer",
        "createdBy: string",
        "expiresAt: null",
        "id: string",
        "keyPrefix: string",
        "lastUsedAt: integer",
        "modifiedAt: integer",
        "name: string",
        "ownerId: string",
        "ownerType: string",
        "revokedAt: null",
        "scopes: array",
        "tenantId: string",
        "type: string",
    ];
    assert_eq!(shape(&current), expected);
    assert_eq!((&current["id"], &current["ownerType"]), (&minted["id"], &json!("USER")));
    let tenant = me.get(DEFAULT).await.expect(200);
    assert_eq!(current["tenantId"], tenant["id"]);
    assert_eq!(server.operator().get(&format!("{TOKENS}/current")).await.refused(404), "not-found");
}

#[tokio::test]
async fn the_catalogue_names_every_scope_resource_and_preset_to_any_caller() {
    let server = TestServer::start().await;
    let nobody = server.token("default", &[]).await;
    let catalogue = nobody.get(&format!("{TOKENS}/scopes")).await.expect(200);
    assert_eq!(shape(&catalogue), ["presets: array", "resources: array", "scopes: array"]);
    let scope = [
        "action: string",
        "helper: string",
        "id: string",
        "intent: string",
        "label: string",
        "resource: string",
    ];
    let resource =
        ["description: string", "id: string", "label: string", "summaryTemplate: string"];
    let preset = [
        "description: string",
        "id: string",
        "intent: string",
        "label: string",
        "scopes: array",
        "tagline: string",
    ];
    assert_eq!(shape(&catalogue["scopes"][0]), scope);
    assert_eq!(shape(&catalogue["resources"][0]), resource);
    assert_eq!(shape(&catalogue["presets"][0]), preset);
    let names = |list: &str| -> Vec<String> {
        catalogue[list].as_array().unwrap().iter().map(id_of).collect()
    };
    assert_eq!(names("presets"), ["runner", "builder", "read-only", "admin", "agent", "reader"]);
    let scopes = names("scopes");
    for opens in [
        "secrets:read",
        "secrets:write",
        "secrets:reveal",
        "secrets:use",
        "grants:write",
        "keys:read",
        "keys:write",
        "audit:read",
        "tenant:admin",
        "agents:execute",
    ] {
        assert!(scopes.iter().any(|scope| scope == opens), "{opens}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_dead_at_once_and_for_good_and_its_use_is_on_record() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({ "name": "ci", "scopes": ["secrets:read"] })).await;
    let (id, bearer) = (id_of(&minted), server.with_token(minted["token"].as_str().unwrap()));
    bearer.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    server.clock.advance(Duration::from_secs(1));
    let revoked = operator.delete(&format!("{TOKENS}/{id}")).await;
    assert_eq!((revoked.status.as_u16(), revoked.bytes.len()), (204, 0));
    let refused = bearer.get(&format!("{DEFAULT}/secrets")).await;
    assert_eq!(refused.refused(401), "unauthenticated");
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    let unknown = server.with_token("nonsense").get(&format!("{DEFAULT}/secrets")).await;
    assert_eq!(refused.without_instance(), unknown.without_instance());

    let shown = operator.get(&format!("{TOKENS}/{id}")).await.expect(200);
    assert_eq!(shown["revokedAt"], server.clock.millis(), "the row stays");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(operator.delete(&format!("{TOKENS}/{id}")).await.status, 204);
    assert_eq!(operator.get(&format!("{TOKENS}/{id}")).await.expect(200), shown, "once is enough");
    let rotated = operator.post(&format!("{TOKENS}/{id}:rotate"), json!({})).await;
    assert_eq!(rotated.refused(409), "conflict", "rotation revives nothing");

    let events = operator.get(&format!("{TOKENS}/{id}/auditEvents")).await.expect(200);
    let kinds: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|event| &event["eventType"]).collect();
    assert_eq!(kinds, ["USED_WHILE_REVOKED", "REVOKED", "MINTED"]);
    let server = server.restart().await;
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    assert_eq!(bearer.get(&format!("{DEFAULT}/secrets")).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn whoever_holds_a_token_may_end_it_whatever_its_scopes_and_ends_no_other() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (one, other) = (server.token("default", &[]).await, server.token("default", &[]).await);
    let current = format!("{TOKENS}/current");
    let id = id_of(&one.get(&current).await.expect(200));
    assert_eq!(one.delete(&current).await.status, 204);
    assert_eq!(one.delete(&current).await.refused(401), "unauthenticated");
    other.get(&current).await.expect(200);
    let events = operator.get(&format!("{TOKENS}/{id}/auditEvents")).await.expect(200);
    let kinds: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|event| &event["eventType"]).collect();
    assert_eq!(kinds, ["USED_WHILE_REVOKED", "REVOKED", "MINTED"]);
    assert_eq!(operator.delete(&current).await.refused(404), "not-found", "it came with none");
    assert_eq!(server.stranger().delete(&current).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn a_tokens_events_say_what_happened_to_it_newest_first() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({ "scopes": ["secrets:read"] })).await;
    let id = id_of(&minted);
    let rotated = operator.post(&format!("{TOKENS}/{id}:rotate"), json!({})).await.expect(200);
    operator.mints(json!({})).await;
    let page = operator.get(&format!("{TOKENS}/{id}/auditEvents")).await.expect(200);
    assert_eq!(shape(&page), ["items: array", "nextPageToken: null", "totalCount: integer"]);
    assert_eq!(page["totalCount"], 2);
    let events = page["items"].as_array().unwrap();
    let expected = [
        "actor: null",
        "createdAt: integer",
        "details: string",
        "eventType: string",
        "id: string",
        "keyPrefix: string",
        "tenantId: string",
        "tokenId: string",
        "userId: string",
    ];
    assert_eq!(shape(&events[0]), expected);
    assert_eq!(
        (&events[0]["eventType"], &events[1]["eventType"]),
        (&json!("ROTATED"), &json!("MINTED"))
    );
    let details = |at: usize| -> Value {
        serde_json::from_str(events[at]["details"].as_str().unwrap()).unwrap()
    };
    assert_eq!(details(0), json!({ "replacementPrefix": rotated["keyPrefix"] }));
    assert_eq!(details(1), json!({ "scopes": ["secrets:read"] }));
    assert_eq!((&events[0]["tokenId"], &events[0]["userId"]), (&json!(id), &json!("operator:0")));
    let first = operator.get(&format!("{TOKENS}/{id}/auditEvents?pageSize=1")).await.expect(200);
    assert_eq!(first["items"], json!([events[0]]));
    let next = first["nextPageToken"].as_str().unwrap();
    let rest =
        operator.get(&format!("{TOKENS}/{id}/auditEvents?pageToken={next}")).await.expect(200);
    assert_eq!((&rest["items"], &rest["nextPageToken"]), (&json!([events[1]]), &Value::Null));
}

#[tokio::test]
async fn an_expired_token_is_dead_from_its_last_moment_on() {
    let server = TestServer::start().await;
    let minted =
        server.operator().mints(json!({ "scopes": ["secrets:read"], "expirationDays": 1 })).await;
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    server.clock.advance(Duration::from_millis(86_400_000 - 1));
    bearer.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    server.clock.advance(Duration::from_millis(1));
    let refused = bearer.get(&format!("{DEFAULT}/secrets")).await;
    assert_eq!(refused.refused(401), "unauthenticated");
    let events =
        server.operator().events(&format!("resourceId={}&decision=DENIED", id_of(&minted))).await;
    assert_eq!((events.len(), &events[0]["reason"]), (1, &json!("expired")));
}

#[tokio::test]
async fn last_use_is_shown_at_once_and_written_once_for_many() {
    let server = TestServer::start().await;
    let minted = server.operator().mints(json!({ "scopes": ["secrets:read"] })).await;
    let path = format!("{TOKENS}/{}", id_of(&minted));
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    assert_eq!(server.operator().get(&path).await.expect(200)["lastUsedAt"], Value::Null);
    server.clock.advance(Duration::from_secs(60));
    for _ in 0..20 {
        bearer.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    }
    let used = server.clock.millis();
    assert_eq!(server.operator().get(&path).await.expect(200)["lastUsedAt"], used);
    server.clock.advance(Duration::from_secs(60));
    let server = server.restart().await;
    let shown = server.operator().get(&path).await.expect(200);
    assert_eq!(shown["lastUsedAt"], used);
    assert_eq!(shown["modifiedAt"], minted["createdAt"], "using is not changing");
}

#[tokio::test]
async fn activity_says_what_a_token_was_used_for_and_can_be_searched() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let minted = operator.mints(json!({ "scopes": ["secrets:read"] })).await;
    let bearer = server.with_token(minted["token"].as_str().unwrap());
    bearer.get(&format!("{DEFAULT}/secrets?key=NEVER_SHOWN")).await.expect(200);
    bearer.get(&format!("{DEFAULT}/tokens")).await.expect(403);
    bearer.get(&format!("{DEFAULT}/secrets/NEVER_SHOWN")).await.expect(404);
    bearer.delete(&format!("{DEFAULT}/secrets/{NOBODY}")).await.expect(403);
    let path = format!("{TOKENS}/{}/activity", id_of(&minted));
    let page = operator.get(&path).await.expect(200);
    let all = page["items"].as_array().unwrap();
    let expected = [
        "actor: null",
        "createdAt: integer",
        "id: string",
        "keyPrefix: string",
        "latencyMs: integer",
        "method: string",
        "path: string",
        "remoteIp: string",
        "statusCode: integer",
        "tenantId: string",
        "tokenId: string",
    ];
    assert_eq!(shape(&all[0]), expected);
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|one| one["remoteIp"] == "127.0.0.1" && one["tokenId"] == minted["id"]));
    assert_eq!((&all[0]["method"], &all[0]["statusCode"]), (&json!("DELETE"), &json!(403)));
    assert!(!page.to_string().contains("NEVER_SHOWN"), "no input in any answer: {page}");
    let found = async |query: &str| {
        let page = operator.get(&format!("{path}?search={query}")).await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(found("403").await, 2);
    assert_eq!(found("DELETE").await, 1);
    assert_eq!(found("/tokens").await, 1);
    assert_eq!(found("nothing").await, 0);
    assert_eq!(
        operator.get(&format!("{TOKENS}/{NOBODY}/activity")).await.refused(404),
        "not-found"
    );
}

#[tokio::test]
async fn a_token_that_is_not_there_is_refused_alike_by_every_verb() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let absent = operator.get(&format!("{TOKENS}/{NOBODY}")).await;
    assert_eq!(absent.refused(404), "not-found");
    let others = [
        operator.delete(&format!("{TOKENS}/{NOBODY}")).await,
        operator.post(&format!("{TOKENS}/{NOBODY}:rotate"), json!({})).await,
        operator.get(&format!("{TOKENS}/{NOBODY}/auditEvents")).await,
        operator.get(&format!("{TOKENS}/{NOBODY}/activity")).await,
    ];
    for other in others {
        assert_eq!(other.without_instance(), absent.without_instance());
    }
}

#[tokio::test]
async fn near_tokens_are_strangers() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let minted = server.operator().mints(json!({ "preset": "admin" })).await;
    let token = minted["token"].as_str().unwrap();
    let other = server.admin("acme").await;
    let other = other.token().unwrap();
    let crossed = format!("{}{}", &token[..20], &other[20..]);
    let mut near = vec![
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        token.to_uppercase(),
        format!(" {token}"),
        token.replacen("sr_pat_", "sr_sat_", 1),
        token.replacen("sr_pat_", "", 1),
        crossed,
        minted["keyPrefix"].as_str().unwrap().to_owned(),
        id_of(&minted),
        String::new(),
    ];
    for place in 7..token.len() {
        let swapped = if token.as_bytes()[place] == b'A' { "B" } else { "A" };
        near.push(format!("{}{swapped}{}", &token[..place], &token[place + 1..]));
    }
    for wrong in near {
        let refused = server.with_token(&wrong).get(&format!("{DEFAULT}/secrets")).await;
        assert_eq!(refused.refused(401), "unauthenticated", "a near token was accepted");
    }
}
