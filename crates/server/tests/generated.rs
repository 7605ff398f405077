//! Made from the API's own description: every operation of `/v1`, asked for by people who may not have it.
//!
//! An operation that is added to the routes is in these tests at once. What only people can say, which scope opens
//! which operation, is the one table here.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use http::{Method, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use subrosa_testkit::{
    Actor, DEFAULT, Reply, TestServer,
    document::{Operation, filled, operations},
    id_of,
};

/// An id that nothing has.
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

/// What opens each operation: a scope, `any` credential of the tenant, or `operator` alone.
const OPENS: &str = "
    GET    /v1/auditEvents                                                 operator
    GET    /v1/auditEvents:verify                                          operator
    GET    /v1/tenants                                                     any
    POST   /v1/tenants                                                     operator
    GET    /v1/tenants/{tenant}                                            any
    DELETE /v1/tenants/{tenant}                                            operator
    GET    /v1/tenants/{tenant}/auditEvents                                audit:read
    GET    /v1/tenants/{tenant}/auditEvents:verify                         audit:read
    GET    /v1/tenants/{tenant}/auth/health                                any
    GET    /v1/tenants/{tenant}/credentialAuditEvents                      audit:read
    GET    /v1/tenants/{tenant}/credentialAuditEvents/{credential}         audit:read
    POST   /v1/tenants/{tenant}/keys:rotate                                tenant:admin
    GET    /v1/tenants/{tenant}/secrets                                    secrets:read
    POST   /v1/tenants/{tenant}/secrets                                    secrets:write
    POST   /v1/tenants/{tenant}/secrets:reveal                             secrets:reveal
    GET    /v1/tenants/{tenant}/secrets/{secret}                           secrets:read
    PATCH  /v1/tenants/{tenant}/secrets/{secret}                           secrets:write
    DELETE /v1/tenants/{tenant}/secrets/{secret}                           secrets:write
    POST   /v1/tenants/{tenant}/secrets/{secret}:publish                   secrets:write
    POST   /v1/tenants/{tenant}/secrets/{secret}:rollback                  secrets:write
    POST   /v1/tenants/{tenant}/secrets/{secret}:reveal                    secrets:reveal
    GET    /v1/tenants/{tenant}/secrets/{secret}/revisions                 secrets:read
    GET    /v1/tenants/{tenant}/secrets/{secret}/revisions/{revision}      secrets:read
    GET    /v1/tenants/{tenant}/secrets/{secret}/publications              secrets:read
    GET    /v1/tenants/{tenant}/secrets/{secret}/grants                    secrets:read
    PUT    /v1/tenants/{tenant}/secrets/{secret}/grants/{agent}            grants:write
    DELETE /v1/tenants/{tenant}/secrets/{secret}/grants/{agent}            grants:write
    GET    /v1/tenants/{tenant}/serviceAccounts                            keys:read
    POST   /v1/tenants/{tenant}/serviceAccounts                            keys:write
    DELETE /v1/tenants/{tenant}/serviceAccounts/{account}                  keys:write
    POST   /v1/tenants/{tenant}/serviceAccounts/{account}:rotate           keys:write
    GET    /v1/tenants/{tenant}/serviceAccounts/{account}/auditEvents      keys:read
    GET    /v1/tenants/{tenant}/serviceAccounts/{account}/activity         keys:read
    GET    /v1/tenants/{tenant}/tokens                                     keys:read
    POST   /v1/tenants/{tenant}/tokens:generate                            keys:write
    GET    /v1/tenants/{tenant}/tokens/scopes                              any
    GET    /v1/tenants/{tenant}/tokens/current                             any
    GET    /v1/tenants/{tenant}/tokens/{token}                             keys:read
    DELETE /v1/tenants/{tenant}/tokens/{token}                             keys:write
    POST   /v1/tenants/{tenant}/tokens/{token}:rotate                      keys:write
    GET    /v1/tenants/{tenant}/tokens/{token}/auditEvents                 keys:read
    GET    /v1/tenants/{tenant}/tokens/{token}/activity                    keys:read
";

fn opens() -> BTreeMap<String, &'static str> {
    let line = |line: &'static str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (format!("{} {}", words[0], words[1]), words[2])
    };
    OPENS.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

/// Every operation under `/v1`, with what opens it.
fn guarded() -> Vec<(Operation, &'static str)> {
    let opens = opens();
    let all: Vec<Operation> =
        operations().into_iter().filter(|one| one.path.starts_with("/v1/")).collect();
    let described: BTreeSet<String> = all.iter().map(Operation::name).collect();
    let declared: BTreeSet<String> = opens.keys().cloned().collect();
    assert_eq!(described, declared, "every route says in OPENS what opens it");
    all.into_iter().map(|one| (one.clone(), opens[&one.name()])).collect()
}

/// What a tenant has of each kind, by the name of the path's parameter.
async fn belongings(actor: &Actor, slug: &str) -> BTreeMap<String, String> {
    let base = format!("/v1/tenants/{slug}");
    let secret = actor
        .post(
            &format!("{base}/secrets"),
            json!({ "key": "K", "value": "v", "disclosure": "READABLE" }),
        )
        .await
        .expect(201);
    let id = id_of(&secret);
    actor.put(&format!("{base}/secrets/{id}/grants/agent")).await.expect(200);
    let made = actor.post(&format!("{base}/serviceAccounts"), json!({})).await.expect(201);
    BTreeMap::from([
        ("tenant".to_owned(), slug.to_owned()),
        ("secret".to_owned(), id.clone()),
        ("credential".to_owned(), id),
        ("revision".to_owned(), secret["publishedRevisionId"].as_str().unwrap().to_owned()),
        ("agent".to_owned(), "agent".to_owned()),
        ("account".to_owned(), id_of(&made["serviceAccount"])),
        ("token".to_owned(), id_of(&made["key"])),
    ])
}

/// The same with ids that nothing has.
fn absent(slug: &str) -> BTreeMap<String, String> {
    let ids = ["secret", "credential", "revision", "account", "token"];
    let mut all: BTreeMap<String, String> =
        ids.into_iter().map(|name| (name.to_owned(), NOBODY.to_owned())).collect();
    all.insert("tenant".to_owned(), slug.to_owned());
    all.insert("agent".to_owned(), "agent".to_owned());
    all
}

async fn asks(actor: &Actor, operation: &Operation, ids: &BTreeMap<String, String>) -> Reply {
    let body = operation.example().map(|body| body.to_string().into_bytes());
    actor.send(operation.method.clone(), &operation.at(ids), body).await
}

/// Both replies are this refusal, and tell no more apart than their request's id.
fn alike(one: &Reply, other: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!((one.refused(status), other.refused(status)), (code.into(), code.into()), "{what}");
    assert_eq!(one.without_instance(), other.without_instance(), "{what}");
    let names =
        |reply: &Reply| -> Vec<String> { reply.headers.keys().map(ToString::to_string).collect() };
    assert_eq!(names(one), names(other), "{what}");
}

#[tokio::test]
async fn without_a_credential_every_operation_is_refused_alike_whatever_is_there() {
    let server = TestServer::start().await;
    let ours = belongings(&server.operator(), "default").await;
    let rows = server.rows();
    let (stranger, wrong) = (server.stranger(), server.with_token("sr_pat_wrong"));
    for (operation, _) in guarded() {
        let first = asks(&stranger, &operation, &ours).await;
        assert_eq!(first.headers["www-authenticate"], "Bearer");
        for (who, ids) in
            [(&stranger, absent("default")), (&stranger, absent("nobody")), (&wrong, ours.clone())]
        {
            let second = asks(who, &operation, &ids).await;
            alike(&first, &second, 401, "unauthenticated", &operation.name());
        }
    }
    assert_eq!(server.rows(), rows, "a refusal changes nothing");
}

#[tokio::test]
async fn an_api_key_header_is_no_credential_on_any_operation() {
    let server = TestServer::start().await;
    let ours = belongings(&server.operator(), "default").await;
    let admin = server.admin("default").await;
    let (token, rows) = (admin.token().unwrap(), server.rows());
    for (operation, _) in guarded() {
        for headers in [["x-api-key", "x-other"], ["authorization", "authorization"]] {
            let request =
                Request::builder().method(operation.method.clone()).uri(operation.at(&ours));
            let value = if headers[0] == "x-api-key" {
                token.to_owned()
            } else {
                format!("Bearer {token}")
            };
            let request =
                headers.iter().fold(request, |request, name| request.header(*name, &value));
            let reply = server
                .stranger()
                .send_whole(request.body(axum::body::Body::empty()).unwrap())
                .await;
            assert_eq!(
                reply.refused(401),
                "unauthenticated",
                "{} by {headers:?}",
                operation.name()
            );
        }
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn another_tenants_administrator_finds_nothing_whether_it_is_there_or_not() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let ours = belongings(&server.operator(), "default").await;
    let acme = server.admin("acme").await;
    let rows = server.rows();
    for (operation, _) in guarded().iter().filter(|(one, _)| one.path.contains("{tenant}")) {
        let first = asks(&acme, operation, &ours).await;
        for ids in [absent("default"), absent("nobody"), absent("not%24a%24slug")] {
            let second = asks(&acme, operation, &ids).await;
            alike(&first, &second, 404, "not-found", &operation.name());
        }
    }
    assert_eq!(server.rows(), rows, "a refusal changes nothing");
    assert!(server.operator().events("action=request.refuse").await.is_empty());
}

#[tokio::test]
async fn a_foreign_id_in_any_place_of_a_path_is_as_good_as_none() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let theirs = belongings(&server.operator(), "default").await;
    let acme = server.admin("acme").await;
    let own = belongings(&acme, "acme").await;
    let (mut places, rows) = (0, server.rows());
    for (operation, _) in guarded() {
        let ids =
            operation.parameters().into_iter().filter(|name| !["tenant", "agent"].contains(name));
        for place in ids.collect::<Vec<_>>() {
            let with = |id: &str| {
                let mut ids = own.clone();
                ids.insert(place.to_owned(), id.to_owned());
                ids
            };
            let what = format!("{} at {place}", operation.name());
            let foreign = asks(&acme, &operation, &with(&theirs[place])).await;
            let absent = asks(&acme, &operation, &with(NOBODY)).await;
            if place == "credential" {
                // A filter on a log: what a deleted secret left is found, and of another tenant's there is nothing.
                assert_eq!(
                    (foreign.expect(200), absent.expect(200)["items"].clone()),
                    (absent.json(), json!([])),
                    "{what}"
                );
            } else {
                alike(&foreign, &absent, 404, "not-found", &what);
                for word in ["x", &theirs[place].replace('-', ""), &format!("{}0", theirs[place])] {
                    let misspelt = asks(&acme, &operation, &with(word)).await;
                    alike(&foreign, &misspelt, 404, "not-found", &what);
                }
            }
            places += 1;
        }
    }
    assert!(places > 20, "{places} places");
    assert_eq!(server.rows(), rows, "a refusal changes nothing");
}

#[tokio::test]
async fn a_token_without_scopes_opens_what_takes_none_and_is_told_what_the_rest_takes() {
    let server = TestServer::start().await;
    let ours = belongings(&server.operator(), "default").await;
    let nobody = server.token("default", &[]).await;
    let rows = server.rows();
    for (operation, opens) in guarded() {
        let there = asks(&nobody, &operation, &ours).await;
        if opens == "any" {
            there.expect(200);
            continue;
        }
        let not_there = asks(&nobody, &operation, &absent("default")).await;
        alike(&there, &not_there, 403, "missing-scope", &operation.name());
        let required = if opens == "operator" { "tenants:write" } else { opens };
        let body = there.json();
        let said = (&body["error"], &body["required"], &body["granted"]);
        assert_eq!(
            said,
            (&json!("insufficient_scope"), &json!(required), &json!([])),
            "{}",
            operation.name()
        );
        assert_eq!(body["missing"], json!([required]));
    }
    assert_eq!(server.rows(), rows, "a refusal changes nothing");
}

#[tokio::test]
async fn each_scope_opens_its_own_operations_and_no_others() {
    let server = TestServer::start().await;
    let catalogue = server.operator().get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    let all: Vec<String> = catalogue["scopes"].as_array().unwrap().iter().map(id_of).collect();
    let (guarded, ids) = (guarded(), absent("default"));
    let mut cells = 0;
    for scope in &all {
        let only = server.token("default", &[scope]).await;
        let others: Vec<&str> =
            all.iter().filter(|one| *one != scope).map(String::as_str).collect();
        let without = server.token("default", &others).await;
        for (operation, opens) in &guarded {
            for (who, has) in [(&only, opens == scope), (&without, opens != scope)] {
                // No body at all where there must be one: past the scope it is refused for that, and changes nothing.
                let body = operation.body.is_some().then(|| b"[]".to_vec());
                let reply = who.send(operation.method.clone(), &operation.at(&ids), body).await;
                let passes = match *opens {
                    "any" => true,
                    "operator" => false,
                    _ => has,
                };
                let refused = reply.status == 403;
                assert_eq!(refused, !passes, "{scope} and {}: {}", operation.name(), reply.status);
                cells += 1;
            }
        }
    }
    assert!(cells > 4_000, "{cells} cells");
}

#[tokio::test]
async fn every_list_shows_exactly_what_can_be_got() {
    let server = TestServer::start().await;
    belongings(&server.operator(), "default").await;
    let admin = server.admin("default").await;
    for list in ["secrets", "tokens"] {
        for one in admin.get(&format!("{DEFAULT}/{list}")).await.expect(200).as_array().unwrap() {
            let got = admin.get(&format!("{DEFAULT}/{list}/{}", id_of(one))).await.expect(200);
            assert_eq!(&got, one, "{list}");
        }
    }
}

#[tokio::test]
async fn a_path_with_a_second_reading_is_refused_on_every_operation() {
    let server = TestServer::start().await;
    let ours = belongings(&server.operator(), "default").await;
    let (operator, rows) = (server.operator(), server.rows());
    for (operation, _) in guarded() {
        let path = operation.at(&ours);
        let mut odd = vec![
            format!("/{path}"),
            format!("{path}/"),
            format!("{path}/."),
            format!("{path}/.."),
            format!("/v1/..{path}"),
            format!("/.{path}"),
            path.replacen("/v1/", "/v1//", 1),
            path.replacen("/v1/", "/v1/./", 1),
            path.replacen("/v1/", "/v1%2f", 1),
            path.replacen("/v1/", "/v1%2F", 1),
            path.replacen("/v1/", "/v1%5c", 1),
            path.replacen("/v1/", "/v1/%2e%2e/v1/", 1),
            path.replacen("/v1/", "/v1/%252e/", 1),
            format!("{path}%00"),
            format!("{path}%2500"),
            format!("{path}%c3%a9"),
            format!("{path}%"),
        ];
        if let Some((head, verb)) = path.rsplit_once(':') {
            odd.extend([
                format!("{head}/~{verb}"),
                format!("{head}%3A{verb}"),
                format!("{head}%3a{verb}"),
                format!("{head}/%7e{verb}"),
            ]);
        }
        for odd in odd {
            let body = operation.example().map(|body| body.to_string().into_bytes());
            let reply = operator.send(operation.method.clone(), &odd, body).await;
            assert_eq!(reply.refused(400), "invalid-path", "{} as {odd}", operation.name());
        }
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn only_the_verbs_of_a_resource_are_its_verbs() {
    let server = TestServer::start().await;
    let ours = belongings(&server.operator(), "default").await;
    let known: BTreeSet<String> =
        operations().iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    let resources: BTreeSet<String> =
        operations().into_iter().map(|one| one.path).filter(|path| !path.contains(':')).collect();
    let rows = server.rows();
    for resource in resources.iter().filter(|path| path.starts_with("/v1/")) {
        for verb in [
            "publish", "rollback", "reveal", "rotate", "generate", "verify", "destroy", "PUBLISH",
            "",
        ] {
            let described = format!("{resource}:{verb}");
            for method in [Method::POST, Method::GET, Method::DELETE, Method::PUT, Method::PATCH] {
                if known.contains(&format!("{method} {described}")) {
                    continue;
                }
                let path = filled(&described, &ours);
                let reply =
                    server.operator().send(method.clone(), &path, Some(b"{}".to_vec())).await;
                let status = reply.status.as_u16();
                // `grants/{agent}:x` is an agent of that name; everything else is no path or knows no such method.
                let agent =
                    resource.ends_with("{agent}") && matches!(method, Method::PUT | Method::DELETE);
                assert!([400, 404, 405].contains(&status) || agent, "{method} {path}: {status}");
            }
        }
    }
    let gone = |row: &String| !row.starts_with("grants ") && !row.starts_with("changes ");
    let left = |rows: Vec<String>| -> Vec<String> { rows.into_iter().filter(gone).collect() };
    assert_eq!(left(server.rows()), left(rows));
}

#[tokio::test]
async fn methods_that_an_operation_does_not_have_are_refused_before_anything_else_of_it() {
    let server = TestServer::start().await;
    let ours = belongings(&server.operator(), "default").await;
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in operations() {
        methods.entry(one.path.clone()).or_default().insert(one.method.to_string());
    }
    let rows = server.rows();
    for (path, known) in methods {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            if known.contains(method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = server.operator().send(method, &filled(&path, &ours), None).await;
            assert_eq!(reply.refused(405), "method-not-allowed", "{path}");
        }
    }
    assert_eq!(server.rows(), rows);
    let head = server.stranger().send(Method::HEAD, "/", None).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn operators_are_made_by_the_socket_alone() {
    let server = TestServer::start().await;
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;proto=https"),
        ("x-real-ip", "127.0.0.1"),
        ("x-remote-user", "root"),
        ("x-subrosa-uid", "0"),
        ("authorization", "Bearer operator:0"),
    ] {
        let request = Request::get("/v1/tenants").header(name, value);
        let reply =
            server.stranger().send_whole(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(reply.refused(401), "unauthenticated", "{name}");
    }
    let listed: Value = server.operator().get("/v1/tenants").await.expect(200);
    assert!(listed.is_array());
}
