//! Made from the API's own description: every operation of every surface, asked for by people who may not have it.
//!
//! An operation that is added to the routes is in these tests at once, with the scope that it says opens it: that what
//! it says is true is what these tests show. No list of operations is kept here. What differs from one surface to
//! another is in the functions named after that, right below.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use subrosa_domain::audit::Surface;
use subrosa_testkit::{
    Actor, DEFAULT, Reply, TestServer,
    belongings::{Ids, NOBODY, absent, belongings},
    document::{Opens, Operation, operations},
    id_of,
};

/// Every operation that takes a credential.
fn guarded() -> Vec<Operation> {
    let guarded: Vec<Operation> =
        operations().into_iter().filter(|one| one.opens != Opens::Everyone).collect();
    let on = |surface| guarded.iter().filter(|one| one.surface() == surface).count();
    assert!(on(Surface::V1) > 40 && on(Surface::Walletcrew) > 9, "{} operations", guarded.len());
    guarded
}

/// Whether asking for what any credential opens changes nothing.
fn only_looks(operation: &Operation) -> bool {
    operation.method == Method::GET
}

/// Whether a caller who may ask was answered, if only that something must be in the query.
fn is_answered(operation: &Operation, reply: &Reply) -> bool {
    match operation.surface() {
        Surface::Truefoundry => [200, 422].contains(&reply.status.as_u16()),
        _ => reply.status == 200,
    }
}

/// What a scope that no token has is called, where the operator alone may.
const OPERATOR: &str = "tenants:write";

async fn asks(actor: &Actor, operation: &Operation, ids: &Ids) -> Reply {
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
    let ours = belongings(&server, "default").await;
    let rows = server.rows();
    let (stranger, wrong) = (server.stranger(), server.with_token("sr_pat_wrong"));
    for operation in guarded() {
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
async fn what_says_that_it_is_for_everyone_asks_nobody_who_they_are() {
    let server = TestServer::start().await;
    let ours = belongings(&server, "default").await;
    for operation in operations().into_iter().filter(|one| one.opens == Opens::Everyone) {
        for who in [server.stranger(), server.with_token("sr_pat_wrong")] {
            let reply = asks(&who, &operation, &ours).await;
            let asked = [401, 403].contains(&reply.status.as_u16());
            assert!(!asked, "{}: {}", operation.name(), reply.status);
        }
    }
}

#[tokio::test]
async fn an_api_key_header_is_a_credential_on_the_operations_that_say_so_and_on_no_other() {
    let server = TestServer::start().await;
    let ours = belongings(&server, "default").await;
    let nobody = server.token("default", &[]).await;
    let (token, rows) = (nobody.token().unwrap(), server.rows());
    let bearer = format!("Bearer {token}");
    let unchanging = |one: &Operation| one.opens != Opens::Any || only_looks(one);
    for operation in guarded().into_iter().filter(unchanging) {
        let what = operation.name();
        let with = async |headers: &[(&str, &str)]| {
            let request =
                Request::builder().method(operation.method.clone()).uri(operation.at(&ours));
            let request = headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, *value));
            server.stranger().send_whole(request.body(Body::empty()).unwrap()).await
        };
        let (by_bearer, by_key) =
            (with(&[("authorization", &bearer)]).await, with(&[("x-api-key", token)]).await);
        let by_both = with(&[("authorization", &bearer), ("x-api-key", token)]).await;
        let by_two = with(&[("authorization", &bearer), ("x-api-key", "another")]).await;
        assert_ne!(by_bearer.status, 401, "{what}");
        assert_eq!(by_both.status, by_bearer.status, "{what}");
        if operation.by_api_key {
            assert_eq!(by_key.status, by_bearer.status, "{what}");
            assert_eq!(by_two.refused(401), "unauthenticated", "{what}");
        } else {
            assert_eq!(by_key.refused(401), "unauthenticated", "{what}");
            assert_eq!(by_two.status, by_bearer.status, "{what}: the header is nothing here");
        }
        for (name, value) in [("authorization", &*bearer), ("x-api-key", token)] {
            let twice = with(&[(name, value), (name, value)]).await;
            assert_eq!(twice.refused(401), "unauthenticated", "{what} by two of {name}");
        }
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn another_tenants_administrator_finds_nothing_whether_it_is_there_or_not() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let ours = belongings(&server, "default").await;
    let acme = server.admin("acme").await;
    let rows = server.rows();
    for operation in guarded().iter().filter(|one| one.path.contains("{tenant}")) {
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
    let theirs = belongings(&server, "default").await;
    let own = belongings(&server, "acme").await;
    let acme = server.admin("acme").await;
    let (mut places, rows) = (0, server.rows());
    for operation in guarded() {
        let named = operation.parameters().into_iter();
        for place in named.filter(|one| operation.names_a_thing(one)) {
            let with = |id: &str| own.with(operation.surface(), place, id);
            let other = theirs.get(operation.surface(), place);
            let what = format!("{} at {place}", operation.name());
            let foreign = asks(&acme, &operation, &with(other)).await;
            let absent = asks(&acme, &operation, &with(NOBODY)).await;
            if operation.is_filter(place) {
                // A filter on a log: what a deleted secret left is found, and of another tenant's there is nothing.
                assert_eq!(
                    (foreign.expect(200), absent.expect(200)["items"].clone()),
                    (absent.json(), json!([])),
                    "{what}"
                );
            } else {
                alike(&foreign, &absent, 404, "not-found", &what);
                for word in ["x", &other.replace('-', ""), &format!("{other}0")] {
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
    let ours = belongings(&server, "default").await;
    let nobody = server.token("default", &[]).await;
    let rows = server.rows();
    for operation in guarded() {
        let what = operation.name();
        let required = match &operation.opens {
            Opens::Any if only_looks(&operation) => {
                let reply = asks(&nobody, &operation, &ours).await;
                assert!(is_answered(&operation, &reply), "{what}: {}", reply.status);
                continue;
            }
            Opens::Any | Opens::Everyone => continue,
            Opens::Operator => OPERATOR,
            Opens::Scope(scope) => scope,
        };
        let there = asks(&nobody, &operation, &ours).await;
        let not_there = asks(&nobody, &operation, &absent("default")).await;
        alike(&there, &not_there, 403, "missing-scope", &what);
        let body = there.json();
        let said = (&body["error"], &body["required"], &body["granted"]);
        assert_eq!(said, (&json!("insufficient_scope"), &json!(required), &json!([])), "{what}");
        assert_eq!(body["missing"], json!([required]), "{what}");
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
        for operation in &guarded {
            let opens = operation.opens == Opens::Scope(scope.clone());
            for (who, has) in [(&only, opens), (&without, !opens)] {
                // No body at all where there must be one: past the scope it is refused for that, and changes nothing.
                let body = operation.body.is_some().then(|| b"[]".to_vec());
                let reply = who.send(operation.method.clone(), &operation.at(&ids), body).await;
                let passes = match operation.opens {
                    Opens::Any | Opens::Everyone => true,
                    Opens::Operator => false,
                    Opens::Scope(_) => has,
                };
                let refused = reply.status == 403;
                assert_eq!(refused, !passes, "{scope} and {}: {}", operation.name(), reply.status);
                cells += 1;
            }
        }
    }
    assert!(cells > 4_000, "{cells} cells");
}

/// Roles from the least to the most.
const ROLES: [&str; 3] = ["viewer", "editor", "admin"];

/// Whoever has this role in a group, and nothing else: a virtual account.
async fn with_role(server: &TestServer, group: &Value, role: Option<&str>) -> Actor {
    let permission = |role: &str| {
        json!({ "resource_type": "secret-group", "resource_fqn": group["fqn"],
            "role_id": format!("secret-group-{role}") })
    };
    let mut manifest =
        json!({ "type": "virtual-account", "name": format!("{}-there", role.unwrap_or("nobody")) });
    if let Some(role) = role {
        manifest["permissions"] = json!([permission(role)]);
    }
    let (admin, path) = (server.admin("default").await, "/api/svc/v1/virtual-accounts");
    let made = admin.puts(path, json!({ "manifest": manifest })).await.expect(200);
    server.with_token(made["token"].as_str().unwrap())
}

#[tokio::test]
async fn a_role_below_the_one_an_operation_takes_is_refused_and_none_at_all_finds_nothing() {
    let server = TestServer::start().await;
    let ours = belongings(&server, "default").await;
    let group = format!("/api/svc/v1/secret-groups/{}", ours.get(Surface::Truefoundry, "group"));
    let group = server.admin("default").await.get(&group).await.expect(200)["data"].clone();
    let nobody = with_role(&server, &group, None).await;
    let mut members = Vec::new();
    for role in ROLES {
        members.push(with_role(&server, &group, Some(role)).await);
    }
    let (mut cells, rows) = (0, server.rows());
    let in_a_group =
        |one: &Operation| one.path.contains("{group}") || one.path.contains("{secret}");
    for operation in guarded().into_iter().filter(in_a_group) {
        let Some(role) = &operation.role else { continue };
        let what = operation.name();
        let least = ROLES.iter().position(|one| one == role).unwrap();
        let there = asks(&nobody, &operation, &ours).await;
        let not_there = asks(&nobody, &operation, &absent("default")).await;
        alike(&there, &not_there, 404, "not-found", &what);
        for member in &members[..least] {
            let refused = asks(member, &operation, &ours).await;
            assert_eq!(refused.refused(403), "missing-role", "{what}");
            cells += 1;
        }
    }
    assert!(cells > 9, "{cells} cells");
    assert_eq!(server.rows(), rows, "a refusal changes nothing");
}

#[tokio::test]
async fn every_list_shows_exactly_what_can_be_got() {
    let server = TestServer::start().await;
    belongings(&server, "default").await;
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
    let ours = belongings(&server, "default").await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let rows = server.rows();
    for operation in guarded() {
        let path = operation.at(&ours);
        let (root, rest) = path[1..].split_once('/').unwrap();
        // The socket has no path of another surface, whatever its spelling.
        let who = operation.master(&operator, &admin);
        let mut odd = vec![
            format!("/{path}"),
            format!("{path}/"),
            format!("{path}/."),
            format!("{path}/.."),
            format!("/{root}/..{path}"),
            format!("/.{path}"),
            format!("/{root}//{rest}"),
            format!("/{root}/./{rest}"),
            format!("/{root}%2f{rest}"),
            format!("/{root}%2F{rest}"),
            format!("/{root}%5c{rest}"),
            format!("/{root}/%2e%2e/{root}/{rest}"),
            format!("/{root}/%252e/{rest}"),
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
            let reply = who.send(operation.method.clone(), &odd, body).await;
            assert_eq!(reply.refused(400), "invalid-path", "{} as {odd}", operation.name());
        }
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn only_the_verbs_of_a_resource_are_its_verbs() {
    let server = TestServer::start().await;
    let ours = belongings(&server, "default").await;
    let known: BTreeSet<String> =
        operations().iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    let resources: BTreeMap<String, Operation> =
        guarded().into_iter().map(|one| (one.path.clone(), one)).collect();
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let rows = server.rows();
    for (resource, operation) in resources.iter().filter(|(path, _)| !path.contains(':')) {
        let who = operation.master(&operator, &admin);
        for verb in [
            "publish", "rollback", "reveal", "rotate", "generate", "verify", "approve", "deny",
            "destroy", "PUBLISH", "",
        ] {
            let described = format!("{resource}:{verb}");
            for method in [Method::POST, Method::GET, Method::DELETE, Method::PUT, Method::PATCH] {
                if known.contains(&format!("{method} {described}")) {
                    continue;
                }
                let path = ours.fill(operation.surface(), &described);
                let reply = who.send(method.clone(), &path, Some(b"{}".to_vec())).await;
                let status = reply.status.as_u16();
                // `grants/{agent}:x` is an agent of that name; everything else is no path or knows no such method.
                let agent =
                    resource.ends_with("{agent}") && matches!(method, Method::PUT | Method::DELETE);
                // A code is read as people type it: what is no letter or digit is passed over.
                let code = resource.ends_with("{code}") && verb.is_empty();
                let refused = [400, 404, 405, 422].contains(&status);
                assert!(refused || agent || code, "{method} {path}: {status}");
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
    let ours = belongings(&server, "default").await;
    let mut paths: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for one in operations() {
        paths.entry(one.path.clone()).or_default().push(one);
    }
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let rows = server.rows();
    for (path, known) in paths {
        let who = known[0].master(&operator, &admin);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            if known.iter().any(|one| one.method == method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = who.send(method, &known[0].at(&ours), None).await;
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
        let reply = server.stranger().send_whole(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.refused(401), "unauthenticated", "{name}");
    }
    let listed: Value = server.operator().get("/v1/tenants").await.expect(200);
    assert!(listed.is_array());
}
