//! `role-bindings`: roles for several in several groups, given and taken back together under one name.

use crate::{
    BINDINGS, NOBODY,
    cast::{account, faults, makes, member, names_of, outsider, role_id, service},
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, TestServer, id_of, shape};

fn manifest(name: &str, subjects: Value, groups: &[(&str, &str)]) -> Value {
    let permission = |(group, role): &(&str, &str)| {
        let role = role_id(role);
        json!({ "resourceType": "secret-group", "resourceFqn": group, "role": role })
    };
    let permissions: Vec<Value> = groups.iter().map(permission).collect();
    json!({ "type": "role-binding", "name": name, "subjects": subjects,
        "permissions": permissions })
}

fn ana() -> Value {
    json!([{ "type": "user", "name": "ana@acme.dev" }])
}

async fn puts(admin: &Actor, manifest: &Value) -> Value {
    let put = admin.puts(BINDINGS, json!({ "manifest": manifest })).await;
    put.expect(200)["data"].clone()
}

#[tokio::test]
async fn a_binding_is_made_listed_shown_replaced_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for name in ["prod", "dev", "test"] {
        makes(&admin, name, &[("K", "v")]).await;
    }
    account(&server, &admin, "ci", &[]).await;
    let both = json!([{ "type": "user", "name": "Ana@acme.dev" },
        { "type": "virtualaccount", "name": "ci" }]);
    let wanted = manifest("team-a", both, &[("default:prod", "viewer"), ("dev", "editor")]);
    let made = puts(&admin, &wanted).await;
    assert_eq!((&made["name"], &made["manifest"]), (&json!("team-a"), &wanted), "in its own words");
    let expected = [
        "accountId: string",
        "createdAt: string",
        "createdBySubject: object",
        "id: string",
        "manifest: object",
        "name: string",
        "updatedAt: string",
    ];
    assert_eq!(shape(&made), expected);
    let at = format!("{BINDINGS}/{}", id_of(&made));
    assert_eq!(admin.get(&at).await.expect(200)["data"], made);
    let ana_pat = member(&server, &admin, "ana@acme.dev").await;
    assert_eq!(names_of(&ana_pat, "").await, ["dev", "prod"]);
    let other = puts(&admin, &manifest("team-b", json!([]), &[])).await;
    let listed = admin.get(BINDINGS).await.expect(200);
    assert_eq!(listed["data"], json!([made, other]));
    let page = admin.get(&format!("{BINDINGS}?limit=1&offset=1")).await.expect(200);
    assert_eq!((&page["data"], &page["pagination"]["total"]), (&json!([other]), &json!(2)));
    assert_eq!(faults(&admin.get(&format!("{BINDINGS}?limit=1001")).await), ["limit"]);
    let exists = async |name: &str| {
        admin.get(&format!("{BINDINGS}/exists?name={name}")).await.expect(200)["exists"].clone()
    };
    assert_eq!((exists("team-a").await, exists("team-c").await), (json!(true), json!(false)));
    let replaced = puts(&admin, &manifest("team-a", ana(), &[("default:test", "admin")])).await;
    assert_eq!(replaced["id"], made["id"]);
    assert_eq!(names_of(&ana_pat, "").await, ["test"], "what it gave before is taken back");
    assert_eq!(admin.delete(&at).await.expect(200), json!({}));
    assert_eq!(names_of(&ana_pat, "").await, Vec::<String>::new());
    assert_eq!(exists("team-a").await, json!(false));
    for gone in [admin.get(&at).await, admin.delete(&at).await] {
        assert_eq!(gone.refused(404), "not-found");
    }
    assert_eq!(admin.get(&format!("{BINDINGS}/{NOBODY}")).await.refused(404), "not-found");
}

#[tokio::test]
async fn a_binding_under_its_other_route_and_by_apply_is_the_same() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let wanted = manifest("team", ana(), &[("default:prod", "viewer")]);
    let inline = admin.post(&format!("{BINDINGS}/inline"), json!({ "manifest": wanted })).await;
    let made = inline.expect(200)["data"].clone();
    let ana = member(&server, &admin, "ana@acme.dev").await;
    assert_eq!(names_of(&ana, "").await, ["prod"]);
    let applied = admin.puts("/api/svc/v1/apply", json!({ "manifest": wanted })).await.expect(200);
    assert_eq!((&applied["action"], &applied["existingManifest"]), (&json!("UPDATE"), &wanted));
    assert_eq!(applied["data"]["id"], made["id"]);
    let gone = admin.post("/api/svc/v1/delete", json!({ "manifest": wanted })).await;
    assert_eq!(gone.expect(200), json!({}));
    assert_eq!(names_of(&ana, "").await, Vec::<String>::new());
    let again = admin.post("/api/svc/v1/delete", json!({ "manifest": wanted })).await;
    assert_eq!(again.refused(404), "not-found");
}

#[tokio::test]
async fn a_dry_run_gives_nothing_to_anybody() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let wanted = manifest("team", ana(), &[("default:prod", "admin")]);
    let rows = server.rows();
    for path in [BINDINGS.to_owned(), "/api/svc/v1/apply".to_owned()] {
        let body = json!({ "manifest": wanted, "dryRun": true });
        assert_eq!(admin.puts(&path, body).await.expect(200)["data"]["manifest"], wanted);
    }
    let body = json!({ "manifest": wanted, "dryRun": true });
    admin.post(&format!("{BINDINGS}/inline"), body).await.expect(200);
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn bindings_that_cannot_be_are_refused_whole() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    makes(&server.admin("acme").await, "theirs", &[]).await;
    makes(&admin, "prod", &[]).await;
    let rows = server.rows();
    let subjects = |kind: &str, name: &str| json!([{ "type": kind, "name": name }]);
    let on = |fqn: &str| manifest("team", ana(), &[("default:prod", "viewer"), (fqn, "viewer")]);
    let to = |kind, name| manifest("team", subjects(kind, name), &[("default:prod", "viewer")]);
    let named = |name: &str| manifest(name, ana(), &[("default:prod", "viewer")]);
    let mut odd = vec![
        on("default:none"),
        on("none"),
        on("acme:theirs"),
        on("theirs"),
        on("default:default"),
        on("default:prod:K"),
        on(""),
        to("team", "ops"),
        to("user", "nobody"),
        to("user", ""),
        to("virtualaccount", "nobody"),
        to("agent", "nobody"),
        named(""),
        named("a"),
        named("1team"),
        named("Team"),
        named("team-"),
        named("te_am"),
        named(&"t".repeat(67)),
    ];
    let mut other = named("team");
    other["type"] = json!("role");
    odd.push(other);
    let mut other = named("team");
    other["permissions"][0]["role"] = json!("secret-group-owner");
    odd.push(other);
    let mut other = named("team");
    other["permissions"][0]["resourceType"] = json!("cluster");
    odd.push(other);
    for odd in odd {
        let refused = admin.puts(BINDINGS, json!({ "manifest": odd })).await;
        assert_eq!(refused.refused(422), "unprocessable", "{odd}");
    }
    assert_eq!(server.rows(), rows, "none of it was given");
}

#[tokio::test]
async fn bindings_are_the_administrators_of_the_tenant_alone() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let made = puts(&admin, &manifest("team", ana(), &[("default:prod", "admin")])).await;
    let at = format!("{BINDINGS}/{}", id_of(&made));
    let ana = member(&server, &admin, "ana@acme.dev").await;
    let machine = account(&server, &admin, "ci", &[("prod", "admin")]).await;
    let scoped = service(&server, "s", &["secrets:read", "secrets:write", "keys:write"]).await;
    outsider(&server, &admin, "eve@acme.dev").await;
    let rows = server.rows();
    let widened = manifest("own", self::ana(), &[("prod", "admin")]);
    let body = Some(json!({ "manifest": widened }).to_string().into_bytes());
    for who in [ana, machine, scoped] {
        for (method, path, body) in [
            (Method::GET, BINDINGS.to_owned(), None),
            (Method::PUT, BINDINGS.to_owned(), body.clone()),
            (Method::POST, format!("{BINDINGS}/inline"), body.clone()),
            (Method::PUT, "/api/svc/v1/apply".to_owned(), body.clone()),
            (Method::POST, "/api/svc/v1/delete".to_owned(), body.clone()),
            (Method::GET, format!("{BINDINGS}/exists?name=team"), None),
            (Method::GET, at.clone(), None),
            (Method::DELETE, at.clone(), None),
        ] {
            let refused = who.send(method.clone(), &path, body).await;
            assert_eq!(refused.refused(403), "missing-scope", "{method} {path}");
            assert_eq!(refused.json()["required"], "tenant:admin");
        }
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn another_tenants_bindings_are_not_there() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let (admin, acme) = (server.admin("default").await, server.admin("acme").await);
    makes(&admin, "prod", &[]).await;
    let made = puts(&admin, &manifest("team", ana(), &[("default:prod", "admin")])).await;
    let at = format!("{BINDINGS}/{}", id_of(&made));
    for method in [Method::GET, Method::DELETE] {
        crate::cast::finds_nothing(&acme, method, &at, None, &id_of(&made)).await;
    }
    assert_eq!(acme.get(BINDINGS).await.expect(200)["data"], json!([]));
    let exists = acme.get(&format!("{BINDINGS}/exists?name=team")).await.expect(200);
    assert_eq!(exists["exists"], false);
    assert_eq!(admin.get(&at).await.expect(200)["data"], made);
}
