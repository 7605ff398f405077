//! Personal access tokens of one's own: what they carry, what they are called, and when they die.

use crate::{
    NOBODY,
    cast::{faults, makes, names_of, secret_id, sees, service, shares},
    holders::{
        PATS, asks_for_token, current, lists_everywhere, on_record, personal, text, tokens_of,
    },
};
use axum::body::Body;
use http::Request;
use serde_json::json;
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

#[tokio::test]
async fn a_token_works_on_every_surface_with_the_scopes_of_whoever_minted_it() {
    let server = TestServer::start().await;
    let scopes = ["secrets:read", "keys:write"];
    let ana = server.token("default", &scopes).await;
    let reply = asks_for_token(&ana, json!({ "name": "laptop" })).await;
    let minted = reply.expect(200);
    assert_eq!(shape(&minted), ["token: string"]);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let token = text(&minted, "token");
    assert!(token.starts_with("tfy_"), "what clients take for opaque: {token}");
    assert!(server.rows().iter().all(|row| !row.contains(&token[16..])), "not on disk");

    let laptop = server.with_token(&token);
    assert_eq!(lists_everywhere(&laptop).await, [200; 3]);
    let known = current(&laptop).await;
    assert_eq!((&known["scopes"], &known["name"]), (&json!(scopes), &json!("laptop")));
    assert_eq!(known["ownerId"], current(&ana).await["ownerId"], "it speaks for the same person");
    let body = json!({ "key": "K", "value": "v" });
    let refused = laptop.post(&format!("{DEFAULT}/secrets"), body).await.expect(403);
    assert_eq!(refused["granted"], json!(scopes));
    let by_key = Request::get("/api/default/secrets").header("x-api-key", &token);
    let reply = server.stranger().send_whole(by_key.body(Body::empty()).unwrap()).await;
    reply.expect(200);
}

#[tokio::test]
async fn the_roles_of_whom_a_token_speaks_for_apply_as_they_are_now_and_its_scopes_limit_them() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let secret = secret_id(&group, "K");
    let reader =
        service(&server, "reader", &["keys:write", "secrets:read", "secrets:reveal"]).await;
    let lister = service(&server, "lister", &["keys:write", "secrets:read"]).await;
    let by_reader = personal(&server, &reader, "a-token").await;
    let by_lister = personal(&server, &lister, "a-token").await;
    assert_eq!(names_of(&by_reader, "").await, Vec::<String>::new());

    let both = |role| [("serviceaccount:reader", role), ("serviceaccount:lister", role)];
    shares(&admin, &id_of(&group), &both("editor")).await;
    assert_eq!(sees(&by_reader, &secret).await["value"], "v");
    assert_eq!(sees(&by_lister, &secret).await["value"], json!(null), "for want of secrets:reveal");
    shares(&admin, &id_of(&group), &both("viewer")).await;
    assert_eq!(sees(&by_reader, &secret).await["value"], json!(null));
    shares(&admin, &id_of(&group), &[]).await;
    assert_eq!(names_of(&by_reader, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_personal_access_token_makes_none_of_its_kind_and_any_other_token_may() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let laptop = personal(&server, &admin, "laptop").await;
    let rows = server.rows();
    for (path, body) in [
        (PATS.to_owned(), json!({ "name": "second" })),
        (format!("{PATS}/for-user"), json!({ "name": "second", "userEmail": "ana@acme.dev" })),
    ] {
        let refused = laptop.post(&path, body).await;
        assert_ne!(refused.status, 200, "{path}");
        if path == PATS {
            assert_eq!(refused.refused(400), "by-personal-token");
        }
    }
    assert_eq!(server.rows(), rows);
    let other = laptop.mints(json!({ "scopes": ["keys:write"] })).await;
    personal(&server, &server.with_token(&text(&other, "token")), "second").await;
}

#[tokio::test]
async fn a_name_is_its_owners_once_and_free_again_when_its_token_is_revoked() {
    let server = TestServer::start().await;
    let (ana, ben) = (
        service(&server, "ana", &["keys:write"]).await,
        service(&server, "ben", &["keys:write"]).await,
    );
    personal(&server, &ana, "laptop").await;
    let rows = server.rows();
    let refused = asks_for_token(&ana, json!({ "name": "laptop" })).await;
    assert_eq!(refused.refused(409), "already-exists");
    assert_eq!(server.rows(), rows);
    personal(&server, &ben, "laptop").await;
    let id = id_of(&tokens_of(&ana, "").await[0]);
    assert_eq!(ana.delete(&format!("{PATS}/{id}")).await.expect(200), json!({}));
    personal(&server, &ana, "laptop").await;
}

#[tokio::test]
async fn names_that_are_none_and_what_is_not_known_here_are_told_by_place() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let rows = server.rows();
    let long = "a".repeat(37);
    let odd = ["", "ab", "1abc", "-abc", "abc-", "Abc", "a_bc", "a bc", "äbc", "a.bc", &long];
    for name in odd {
        let refused = asks_for_token(&admin, json!({ "name": name })).await;
        assert_eq!(faults(&refused), ["/name"], "{name:?}");
    }
    for (member, value) in [("tokenType", "jwt"), ("tokenType", ""), ("teamName", "ops")] {
        let refused = asks_for_token(&admin, json!({ "name": "abc", member: value })).await;
        assert_eq!(faults(&refused), [format!("/{member}")]);
    }
    assert_eq!(asks_for_token(&admin, json!({})).await.status, 422);
    assert_eq!(server.rows(), rows);
    for name in ["abc", "a-1", &"a".repeat(36)] {
        let body = json!({ "name": name, "tokenType": "opaque", "teamName": null,
            "expirationDate": null, "accountName": "whatever", "unknown": 1 });
        asks_for_token(&admin, body).await.expect(200);
    }
}

#[tokio::test]
async fn a_list_has_ones_own_and_nobody_elses_and_never_a_token() {
    let server = TestServer::start().await;
    let ana = service(&server, "ana", &["keys:write"]).await;
    let ben = service(&server, "ben", &["keys:write", "tenant:admin"]).await;
    let mut minted = Vec::new();
    for name in ["one", "two", "another"] {
        let body = json!({ "name": name, "expirationDate": "2026-01-31" });
        minted.push(text(&asks_for_token(&ana, body).await.expect(200), "token"));
    }
    personal(&server, &ben, "three").await;
    let names = async |query: &str| -> Vec<String> {
        tokens_of(&ana, query).await.iter().map(|one| text(one, "name")).collect()
    };
    assert_eq!(names("").await, ["one", "two", "another"], "oldest first");
    assert_eq!(names("limit=2").await, ["one", "two"]);
    assert_eq!(names("limit=2&offset=2").await, ["another"]);
    assert_eq!(names("offset=3").await, Vec::<String>::new(), "past the end");
    assert_eq!(names("nameSearchQuery=o").await, ["one", "two", "another"]);
    assert_eq!(names("nameSearchQuery=on").await, ["one"]);
    assert_eq!(tokens_of(&ben, "").await.len(), 1, "an administrator's own as well");

    let listed = ana.get(&format!("{PATS}?limit=1&nameSearchQuery=o")).await.expect(200);
    assert_eq!(listed["pagination"], json!({ "total": 3, "offset": 0, "limit": 1 }));
    let one = &listed["data"][0];
    let expected = [
        "accountId: string",
        "createdAt: string",
        "createdBy: string",
        "createdBySubject: object",
        "id: string",
        "isExpired: boolean",
        "jwtId: string",
        "jwts: array",
        "lastAccessedAt: null",
        "name: string",
        "rolesWithResource: array",
        "tenantName: string",
        "type: string",
        "updatedAt: string",
    ];
    assert_eq!(shape(one), expected, "no manifest, which clients could not read");
    assert_eq!(
        (&one["type"], &one["tenantName"]),
        (&json!("personal-access-token"), &json!("default"))
    );
    let jwt = &one["jwts"][0];
    assert_eq!((&jwt["id"], &jwt["tokenType"]), (&one["id"], &json!("opaque")));
    assert_eq!(jwt["expiry"], "2026-02-01T00:00:00Z", "when that day is over");
    for token in &minted {
        assert!(!listed.to_string().contains(&token[16..]));
    }
    server.with_token(&minted[0]).get(PATS).await.expect(200);
    let used = tokens_of(&ana, "nameSearchQuery=one").await[0]["lastAccessedAt"].clone();
    assert_eq!(used, "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_revoked_token_is_dead_at_once_and_its_use_is_on_record() {
    let server = TestServer::start().await;
    let ana = service(&server, "ana", &["keys:write", "secrets:read"]).await;
    let laptop = personal(&server, &ana, "laptop").await;
    assert_eq!(lists_everywhere(&laptop).await, [200; 3]);
    let id = id_of(&tokens_of(&laptop, "").await[0]);
    assert_eq!(ana.delete(&format!("{PATS}/{id}")).await.expect(200), json!({}));
    assert_eq!(lists_everywhere(&laptop).await, [401; 3]);
    assert_eq!(tokens_of(&ana, "").await.len(), 0);
    assert_eq!(ana.delete(&format!("{PATS}/{id}")).await.refused(404), "not-found");
    let record = on_record(&server, &format!("resourceId={id}")).await;
    assert_eq!(record[..2], ["token.mint", "token.revoke"]);
    assert!(record[2..].iter().all(|action| action == "token.use_revoked") && record.len() == 5);
    assert_eq!(on_record(&server, &format!("resourceId={id}&decision=DENIED")).await.len(), 3);
    let server = server.restart().await;
    assert_eq!(lists_everywhere(&server.with_token(laptop.token().unwrap())).await, [401; 3]);
}

#[tokio::test]
async fn nobody_but_an_administrator_deletes_anothers_and_nothing_else_is_deleted_here() {
    let server = TestServer::start().await;
    let ana = service(&server, "ana", &["keys:write"]).await;
    let ben = service(&server, "ben", &["keys:write", "keys:read"]).await;
    personal(&server, &ana, "laptop").await;
    let id = id_of(&tokens_of(&ana, "").await[0]);
    let admin = server.admin("default").await;
    let own = id_of(&current(&ben).await);
    let rows = server.rows();
    let refusals = [
        ben.delete(&format!("{PATS}/{id}")).await,
        ben.delete(&format!("{PATS}/{NOBODY}")).await,
        ben.delete(&format!("{PATS}/{own}")).await,
        ben.delete(&format!("{PATS}/no-id")).await,
        admin.delete(&format!("{PATS}/{own}")).await,
    ];
    for refused in &refusals {
        assert_eq!(refused.refused(404), "not-found");
        assert_eq!(refused.without_instance(), refusals[0].without_instance());
    }
    assert_eq!(server.rows(), rows);
    admin.delete(&format!("{PATS}/{id}")).await.expect(200);
    assert_eq!(tokens_of(&ana, "").await.len(), 0);
}

#[tokio::test]
async fn minting_takes_keys_write() {
    let server = TestServer::start().await;
    let poor = server.token("default", &["keys:read", "secrets:write"]).await;
    let refused = asks_for_token(&poor, json!({ "name": "laptop" })).await.expect(403);
    assert_eq!(refused["required"], "keys:write");
    let stranger = server.stranger();
    assert_eq!(asks_for_token(&stranger, json!({})).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn a_client_of_old_mints_by_name_alone_and_is_told_where_the_name_is_taken() {
    let server = TestServer::start().await;
    let ana = server.token("default", &["secrets:read", "keys:write"]).await;
    let reply = ana.get(&format!("{PATS}/laptop")).await;
    assert_eq!(shape(&reply.expect(200)), ["token: string"]);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let laptop = server.with_token(&text(&reply.json(), "token"));
    let known = current(&laptop).await;
    assert_eq!(
        (&known["scopes"], &known["name"]),
        (&json!(["secrets:read", "keys:write"]), &json!("laptop"))
    );

    let rows = server.rows();
    assert_eq!(ana.get(&format!("{PATS}/laptop")).await.refused(409), "already-exists");
    for impossible in ["Laptop", "1st", "x", "a-name-of-more-than-thirty-six-letters"] {
        assert_eq!(ana.get(&format!("{PATS}/{impossible}")).await.refused(404), "not-found");
    }
    assert_eq!(ana.get(&format!("{PATS}/other?teamName=core")).await.refused(422), "unprocessable");
    let unseen = ana.send(http::Method::HEAD, &format!("{PATS}/other"), None).await;
    assert_eq!(unseen.status, 405, "nobody would see the token");
    assert_eq!(server.rows(), rows, "nothing was minted");

    let id = id_of(&known);
    ana.send(http::Method::DELETE, &format!("{PATS}/{id}"), None).await.expect(200);
    ana.get(&format!("{PATS}/laptop")).await.expect(200);
}
