//! Virtual accounts: made and changed by name, listed, found and deleted.

use crate::{
    ACCOUNTS, NOBODY,
    cast::{account_manifest, authorize_at, faults, finds_nothing, listed_in, makes, names_of},
    holders::{account_at, account_of, makes_account, on_record, puts_account, text},
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, TestServer, id_of, shape};

/// The names of the accounts a query finds.
async fn accounts(who: &Actor, query: &str) -> Vec<String> {
    let listed = who.get(&format!("{ACCOUNTS}?{query}")).await.expect(200);
    listed["data"].as_array().unwrap().iter().map(|one| text(one, "name")).collect()
}

/// Whether there is an account of this name.
async fn exists(who: &Actor, name: &str) -> Value {
    who.get(&format!("{ACCOUNTS}/exists?name={name}")).await.expect(200)
}

#[tokio::test]
async fn a_new_account_comes_with_its_token_and_a_known_one_without() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let manifest = account_manifest("ci", &[("prod", "editor")]);
    let reply = puts_account(&admin, &manifest).await;
    let made = reply.expect(200);
    assert_eq!(shape(&made), ["data: object", "token: string"]);
    assert_eq!(reply.headers["cache-control"], "no-store");
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
        "manifest: object",
        "name: string",
        "rolesWithResource: array",
        "tenantName: string",
        "type: string",
        "updatedAt: string",
    ];
    let account = &made["data"];
    assert_eq!(shape(account), expected);
    assert_eq!((&account["type"], &account["name"]), (&json!("virtual-account"), &json!("ci")));
    assert_eq!((&account["manifest"], &account["isExpired"]), (&manifest, &json!(false)));
    let role = json!([{ "roleId": "secret-group-editor", "roleName": "secret-group-editor",
        "resourceType": "secret-group", "resourceId": group["id"] }]);
    assert_eq!(account["rolesWithResource"], role);
    let expected = [
        "createdAt: string",
        "expiry: string",
        "id: string",
        "subjectId: string",
        "subjectType: string",
        "tokenType: string",
        "updatedAt: string",
    ];
    let jwt = &account["jwts"][0];
    assert_eq!(shape(jwt), expected);
    assert_eq!((&jwt["id"], &jwt["subjectId"]), (&account["jwtId"], &account["id"]));
    assert_eq!((&jwt["tokenType"], &jwt["subjectType"]), (&json!("jwt"), &json!("virtualaccount")));

    let again = puts_account(&admin, &manifest).await.expect(200);
    assert_eq!(shape(&again), ["data: object"]);
    assert_eq!(&again["data"], account, "nothing changed");
    assert_eq!(account_of(&admin, &id_of(account)).await, *account);
    let recorded = on_record(&server, "action=virtualAccount.update").await;
    assert_eq!(recorded.len(), 0, "what is already so is no change");
    let signature = text(&made, "token").rsplit('.').next().unwrap().to_owned();
    assert!(server.rows().iter().all(|row| !row.contains(&signature)), "the token is not kept");
    for reply in [
        admin.get(ACCOUNTS).await,
        admin.get(&account_at(&id_of(account))).await,
        admin.get("/v1/tenants/default/tokens").await,
    ] {
        assert!(!reply.expect(200).to_string().contains(&signature));
    }
}

#[tokio::test]
async fn a_manifest_is_told_again_as_it_was_said() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[("K", "v")]).await;
    let mut manifest = account_manifest("ci", &[("prod", "viewer")]);
    manifest["expiration_date"] = json!("2027-05-31");
    manifest["tags"] = json!({ "team": "payments", "tier": "1" });
    manifest["secret_store_config"] =
        json!({ "type": "tfy-secrets", "secret_group": "prod", "key": "TOKEN" });
    manifest["token_type"] = json!("jwt");
    let mut sent = manifest.clone();
    for absent in ["auto_rotate", "notification_target", "identity_provider_mapping", "ownedBy"] {
        sent[absent] = json!(null);
    }
    sent["whatever"] = json!([1, { "clients": "send" }]);
    let (id, _) = makes_account(&admin, &sent).await;
    assert_eq!(account_of(&admin, &id).await["manifest"], manifest);
    let expiry = account_of(&admin, &id).await["jwts"][0]["expiry"].clone();
    assert_eq!(expiry, "2027-06-01T00:00:00Z", "the whole of the last day counts");
    let server = server.restart().await;
    let admin = server.admin("default").await;
    assert_eq!(account_of(&admin, &id).await["manifest"], manifest);
}

#[tokio::test]
async fn what_is_not_known_here_is_refused_by_its_place() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let rows = server.rows();
    let rotation = json!({ "auto_rotate_interval": 360, "grace_period": 30 });
    let mapping = json!([{ "identity_provider": "okta", "value": "x" }]);
    for (member, value) in [
        ("type", json!("pat")),
        ("token_type", json!("opaque")),
        ("auto_rotate", rotation),
        ("notification_target", json!({ "type": "email" })),
        ("identity_provider_mapping", mapping),
        ("identity_provider_mapping", json!([])),
        ("expiration_date", json!("tomorrow")),
        ("expiration_date", json!("2025-12-31")),
        ("secret_store_config", json!({ "type": "tfy-secrets", "secret_group": "prod" })),
        (
            "secret_store_config",
            json!({ "type": "secret-store", "integration_fqn": "x", "secret_path": "y" }),
        ),
        (
            "secret_store_config",
            json!({ "type": "tfy-secrets", "secret_group": "acme:prod", "key": "K" }),
        ),
        (
            "secret_store_config",
            json!({ "type": "tfy-secrets", "secret_group": "prod", "key": "a b" }),
        ),
    ] {
        let mut manifest = account_manifest("ci", &[]);
        manifest[member] = value.clone();
        let refused = puts_account(&admin, &manifest).await;
        assert_eq!(faults(&refused), [format!("/manifest/{member}")], "{value}");
    }
    let long = "a".repeat(65);
    for name in ["", "-a", "Abc", "a_b", "a.b", "a b", "a/b", "ä", &long] {
        let refused = puts_account(&admin, &account_manifest(name, &[])).await;
        assert_eq!(faults(&refused), ["/manifest/name"], "{name:?}");
    }
    assert_eq!(server.rows(), rows);
    for name in ["a", "0", "a-", &"a".repeat(64)] {
        makes_account(&admin, &account_manifest(name, &[])).await;
    }
}

#[tokio::test]
async fn accounts_are_listed_by_age_and_found_by_part_of_their_names() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for name in ["ci", "deploy", "ci-nightly"] {
        makes_account(&admin, &account_manifest(name, &[])).await;
    }
    let mut ending = account_manifest("brief", &[]);
    ending["expiration_date"] = json!("2026-01-01");
    makes_account(&admin, &ending).await;
    assert_eq!(accounts(&admin, "").await, ["ci", "deploy", "ci-nightly", "brief"]);
    assert_eq!(accounts(&admin, "limit=2&offset=1").await, ["deploy", "ci-nightly"]);
    assert_eq!(accounts(&admin, "offset=4").await, Vec::<String>::new(), "past the end");
    assert_eq!(accounts(&admin, "nameSearchQuery=ci").await, ["ci", "ci-nightly"]);
    let listed = admin.get(&format!("{ACCOUNTS}?nameSearchQuery=ci&limit=1")).await.expect(200);
    assert_eq!(listed["pagination"], json!({ "total": 2, "offset": 0, "limit": 1 }));
    assert_eq!(accounts(&admin, "ownedByTeams=a&ownedByTeams=b").await, Vec::<String>::new());
    assert_eq!(accounts(&admin, "isExpired=true").await, Vec::<String>::new());
    server.clock.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(accounts(&admin, "isExpired=true").await, ["brief"]);
    assert_eq!(accounts(&admin, "isExpired=false").await, ["ci", "deploy", "ci-nightly"]);
    for odd in ["isExpired=maybe", "limit=0", "limit=1001", "limit=x", "offset=-1"] {
        assert_eq!(admin.get(&format!("{ACCOUNTS}?{odd}")).await.status, 422, "{odd}");
    }
    assert_eq!(exists(&admin, "ci").await, json!({ "exists": true }));
    assert_eq!(exists(&admin, "c").await, json!({ "exists": false }));
}

#[tokio::test]
async fn reading_takes_keys_read_and_everything_else_keys_write() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, _) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let jwt = text(&account_of(&admin, &id).await, "jwtId");
    let reader = server.token("default", &["keys:read", "secrets:write"]).await;
    let writer = server.token("default", &["keys:write", "secrets:write"]).await;
    let at = account_at(&id);
    for path in [ACCOUNTS, &format!("{ACCOUNTS}/exists?name=ci"), &at] {
        reader.get(path).await.expect(200);
        assert_eq!(writer.get(path).await.expect(403)["required"], "keys:read", "{path}");
    }
    let rows = server.rows();
    let body = json!({ "manifest": account_manifest("ci", &[]) });
    let grace = json!({ "gracePeriodInMinutes": 0 });
    for refused in [
        reader.puts(ACCOUNTS, body).await,
        reader.get(&format!("{at}/token")).await,
        reader.post(&format!("{at}/regenerate-token"), grace).await,
        reader.post(&format!("{at}/sync-to-secret-store"), json!({})).await,
        reader.delete(&format!("{at}/jwt/{jwt}")).await,
        reader.delete(&at).await,
    ] {
        assert_eq!(refused.expect(403)["required"], "keys:write");
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_token_and_its_roles_and_leaves_its_name() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let body = json!({ "collaborators": [{ "subject": "user:ana@acme.dev", "role_id": "secret-group-viewer" }] });
    admin.post(&authorize_at(&id_of(&group)), body).await.expect(200);
    let manifest = account_manifest("ci", &[("prod", "editor")]);
    let (id, token) = makes_account(&admin, &manifest).await;
    let also = json!({ "collaborators": [{ "subject": "virtualaccount:ci", "role_id": "secret-group-admin" }] });
    admin.post(&authorize_at(&id_of(&group)), also).await.expect(200);
    let ci = server.with_token(&token);
    assert_eq!(names_of(&ci, "").await, ["prod"]);

    assert_eq!(admin.delete(&account_at(&id)).await.expect(200), json!({}));
    assert_eq!(ci.get(crate::GROUPS).await.refused(401), "unauthenticated");
    let left = admin.get(&authorize_at(&id_of(&group))).await.expect(200);
    assert!(!left.to_string().contains("virtualaccount"), "by whichever way it had them: {left}");
    let group = admin.get(&crate::cast::group_at(&id_of(&group))).await.expect(200)["data"].clone();
    assert_eq!(listed_in(&group).len(), 2, "others keep theirs");
    assert_eq!(accounts(&admin, "").await, Vec::<String>::new());
    assert_eq!(exists(&admin, "ci").await["exists"], false);
    for (method, rest) in [
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::GET, "/token"),
        (Method::POST, "/sync-to-secret-store"),
    ] {
        let path = format!("{}{rest}", account_at(&id));
        finds_nothing(&admin, method, &path, None, &id).await;
    }
    let (other, fresh) = makes_account(&admin, &manifest).await;
    assert_ne!(other, id);
    assert_eq!(names_of(&server.with_token(&fresh), "").await, ["prod"]);
    assert_eq!(
        ci.get(crate::GROUPS).await.refused(401),
        "unauthenticated",
        "the old one is not it"
    );
}

#[tokio::test]
async fn no_account_of_another_tenant_can_be_told_from_one_that_is_not_there() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let there = server.admin("acme").await;
    let (id, _) = makes_account(&there, &account_manifest("ci", &[])).await;
    let jwt = text(&account_of(&there, &id).await, "jwtId");
    let admin = server.admin("default").await;
    let (own, _) = makes_account(&admin, &account_manifest("own", &[])).await;
    let rows = server.rows();
    let grace = json!({ "gracePeriodInMinutes": 0 });
    let at = account_at(&id);
    for (method, path, body) in [
        (Method::GET, at.clone(), None),
        (Method::DELETE, at.clone(), None),
        (Method::GET, format!("{at}/token"), None),
        (Method::POST, format!("{at}/regenerate-token"), Some(&grace)),
        (Method::POST, format!("{at}/sync-to-secret-store"), None),
        (Method::DELETE, format!("{at}/jwt/{jwt}"), None),
    ] {
        finds_nothing(&admin, method, &path, body, &id).await;
    }
    finds_nothing(&admin, Method::DELETE, &format!("{}/jwt/{jwt}", account_at(&own)), None, &jwt)
        .await;
    assert_eq!(admin.get(&account_at(NOBODY)).await.refused(404), "not-found");
    assert_eq!(exists(&admin, "ci").await["exists"], false);
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn of_many_who_make_the_same_account_at_once_one_is_told_its_token() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let admin = admin.clone();
        asking.spawn(async move { puts_account(&admin, &account_manifest("ci", &[])).await });
    }
    let replies = asking.join_all().await;
    let made: Vec<Value> = replies.iter().map(|reply| reply.expect(200)).collect();
    assert!(made.iter().all(|one| one["data"]["id"] == made[0]["data"]["id"]));
    let tokens: Vec<&Value> = made.iter().filter_map(|one| one.get("token")).collect();
    assert_eq!(tokens.len(), 1);
    server.with_token(tokens[0].as_str().unwrap()).get(crate::GROUPS).await.expect(200);
}
