//! Groups by their manifest: made or changed by name, who may do what replaced, values left alone.

use crate::{
    GROUPS,
    cast::{
        account, group_at, groups_of, keys_of, listed_in, makes, manifest, member, names_of,
        outsider, people, replaces, secret_id, sees, service, shares, versions_of,
    },
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, Reply, TestServer, id_of};

async fn puts(who: &Actor, name: &str, named: &[(&str, &str)]) -> Reply {
    who.puts(GROUPS, json!({ "manifest": manifest(name, named) })).await
}

/// The manifest without a word about who may do what.
fn silent(name: &str) -> Value {
    let mut manifest = manifest(name, &[]);
    manifest.as_object_mut().unwrap().remove("collaborators");
    manifest
}

#[tokio::test]
async fn a_manifest_makes_the_group_it_names_or_changes_it() {
    let server = TestServer::start().await;
    let writer = server.token("default", &["secrets:read", "secrets:write"]).await;
    let made = puts(&writer, "prod", &[("user:ana@acme.dev", "editor")]).await.expect(200);
    let (id, keys) = (id_of(&made["data"]), keys_of(&made["data"]));
    assert_eq!((keys.len(), &made["data"]["name"]), (0, &json!("prod")));
    let own = "user:operator secret-group-admin";
    assert_eq!(listed_in(&made["data"]), ["user:ana@acme.dev secret-group-editor", own]);
    replaces(&writer, &id, &[("K", "v")]).await.expect(200);
    let put = puts(&writer, "prod", &[("user:ben@acme.dev", "viewer")]).await.expect(200);
    assert_eq!(put["data"]["id"], json!(id), "the same group");
    assert_eq!(listed_in(&put["data"]), ["user:ben@acme.dev secret-group-viewer", own]);
    assert_eq!(versions_of(&writer, &secret_id(&put["data"], "K")).await, [1], "values stay");
    let shown = writer.get(&group_at(&id)).await.expect(200);
    assert_eq!(shown["data"], put["data"]);
}

#[tokio::test]
async fn the_list_of_a_manifest_replaces_and_a_manifest_without_one_keeps() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    puts(&admin, "prod", &[("user:ana@acme.dev", "admin"), ("user:ben@acme.dev", "viewer")]).await;
    let before = groups_of(&admin, "fqn=prod").await[0].clone();
    let rows = server.rows();
    for kept in [silent("prod"), before["manifest"].clone()] {
        let put = admin.puts(GROUPS, json!({ "manifest": kept })).await.expect(200);
        assert_eq!(put["data"], before);
    }
    assert_eq!(server.rows(), rows, "what is so already is no change");
    let (ana, ben) = (
        member(&server, &admin, "ana@acme.dev").await,
        member(&server, &admin, "ben@acme.dev").await,
    );
    assert_eq!(names_of(&ben, "").await, ["prod"]);
    let put = puts(&ana, "prod", &[("user:ana@acme.dev", "admin")]).await.expect(200);
    assert_eq!(listed_in(&put["data"]), ["user:ana@acme.dev secret-group-admin"]);
    assert_eq!(names_of(&ben, "").await, Vec::<String>::new(), "at once");
}

#[tokio::test]
async fn the_creator_stays_an_administrator_when_nobody_is_named_as_one() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let maker = service(&server, "maker", &["secrets:read", "secrets:write"]).await;
    makes(&maker, "prod", &[]).await;
    let own = "serviceaccount:maker secret-group-admin";
    let ana = "user:ana@acme.dev secret-group-";
    for (named, listed) in [
        (&[][..], vec![own.to_owned()]),
        (&[("user:ana@acme.dev", "editor")], vec![own.to_owned(), format!("{ana}editor")]),
        (&[("serviceaccount:maker", "viewer")], vec![own.to_owned()]),
        (&[("user:ana@acme.dev", "admin")], vec![format!("{ana}admin")]),
        (
            &[("user:ana@acme.dev", "viewer"), ("user:Ana@ACME.dev", "editor")],
            vec![own.to_owned(), format!("{ana}editor")],
        ),
    ] {
        let put = puts(&admin, "prod", named).await.expect(200);
        assert_eq!(listed_in(&put["data"]), listed, "{named:?}");
    }
    puts(&admin, "prod", &[("user:ana@acme.dev", "admin")]).await.expect(200);
    let refused = puts(&maker, "prod", &[("serviceaccount:maker", "admin")]).await;
    assert_eq!(refused.refused(404), "not-found", "who made it and is off the list is nobody");
}

#[tokio::test]
async fn an_address_nobody_has_becomes_a_user_and_one_in_other_letters_is_the_same() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = json!({ "name": "a-token", "userEmail": "ana@acme.dev" });
    let path = "/api/svc/v1/personal-access-tokens/for-user";
    assert_eq!(admin.post(path, body).await.refused(404), "not-found");
    puts(&admin, "prod", &[("user:Ana@Acme.DEV", "viewer")]).await.expect(200);
    let ana = member(&server, &admin, "ana@acme.dev").await;
    assert_eq!(names_of(&ana, "").await, ["prod"]);
    puts(&admin, "other", &[("user:ana@acme.dev", "viewer")]).await.expect(200);
    assert_eq!(names_of(&ana, "").await, ["other", "prod"]);
    assert_eq!(server.operator().events("action=user.create").await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_says_what_would_come_of_it_and_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let rows = server.rows();
    for name in ["prod", "new"] {
        for path in [GROUPS, "/api/svc/v1/apply"] {
            let named = [("user:ana@acme.dev", "editor"), ("user:operator", "admin")];
            let body = json!({ "manifest": manifest(name, &named), "dryRun": true });
            let said = admin.puts(path, body).await.expect(200)["data"].clone();
            assert_eq!(name, said["name"].as_str().unwrap());
            let who = "user:ana@acme.dev secret-group-editor";
            assert_eq!(listed_in(&said), [who, "user:operator secret-group-admin"]);
            assert_eq!(keys_of(&said), if name == "prod" { vec!["K"] } else { vec![] });
            if name == "prod" {
                assert_eq!(said["id"], group["id"]);
            }
        }
    }
    assert_eq!(server.rows(), rows, "nothing, and no user either");
    assert_eq!(names_of(&admin, "").await, ["prod"]);
    let refused = json!({ "manifest": manifest("prod", &[("team:x", "admin")]), "dryRun": true });
    assert_eq!(admin.puts(GROUPS, refused).await.refused(422), "unprocessable");
}

#[tokio::test]
async fn apply_says_what_was_there_before_and_what_there_is_now() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = |named: &[(&str, &str)]| json!({ "manifest": manifest("prod", named) });
    let ana = [("user:operator", "admin"), ("user:ana@acme.dev", "viewer")];
    let made = admin.puts("/api/svc/v1/apply", body(&ana)).await.expect(200);
    assert_eq!((&made["existingManifest"], &made["action"]), (&Value::Null, &json!("CREATE")));
    let put = admin.puts("/api/svc/v1/apply", body(&[])).await.expect(200);
    assert_eq!(put["action"], "UPDATE");
    assert_eq!(put["existingManifest"], made["data"]["manifest"]);
    assert_eq!(put["data"], groups_of(&admin, "fqn=prod").await[0]);
    let deleted = admin.post("/api/svc/v1/delete", body(&[])).await.expect(200);
    assert_eq!(deleted, json!({}));
    assert_eq!(names_of(&admin, "").await, Vec::<String>::new());
    let gone = admin.post("/api/svc/v1/delete", body(&[])).await;
    assert_eq!(gone.refused(404), "not-found");
    let odd = json!({ "manifest": { "type": "cluster", "name": "prod" } });
    for reply in [
        admin.puts("/api/svc/v1/apply", odd.clone()).await,
        admin.post("/api/svc/v1/delete", odd).await,
    ] {
        assert_eq!(reply.refused(422), "unprocessable");
    }
}

#[tokio::test]
async fn who_has_roles_alone_changes_what_they_administer_and_cannot_tell_what_else_there_is() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let eve = outsider(&server, &admin, "eve@acme.dev").await;
    makes(&admin, "hidden", &[]).await;
    for (name, role) in [("mine", "admin"), ("edited", "editor")] {
        let group = makes(&admin, name, &[]).await;
        shares(&admin, &id_of(&group), &[("user:eve@acme.dev", role), ("user:b@a.dev", "admin")])
            .await;
    }
    let machine = account(&server, &admin, "ci", &[("mine", "admin"), ("edited", "editor")]).await;
    let rows = server.rows();
    for who in [&eve, &machine] {
        for path in [GROUPS, "/api/svc/v1/apply"] {
            let put = async |name: &str| {
                let body = json!({ "manifest": manifest(name, &[("user:eve@acme.dev", "admin")]) });
                who.puts(path, body).await
            };
            let (hidden, absent) = (put("hidden").await, put("absent").await);
            assert_eq!(absent.refused(403), "missing-scope");
            assert_eq!(hidden.without_instance(), absent.without_instance(), "{path}");
            assert_eq!(put("edited").await.refused(403), "missing-role");
        }
        let deletes = async |name: &str| {
            who.post("/api/svc/v1/delete", json!({ "manifest": silent(name) })).await
        };
        let (hidden, absent) = (deletes("hidden").await, deletes("absent").await);
        assert_eq!(hidden.refused(404), "not-found");
        assert_eq!(hidden.without_instance(), absent.without_instance());
        assert_eq!(deletes("edited").await.refused(403), "missing-role");
    }
    assert_eq!(server.rows(), rows);
    puts(&eve, "mine", &[("user:eve@acme.dev", "admin")]).await.expect(200);
    let body = json!({ "manifest": silent("mine") });
    eve.post("/api/svc/v1/delete", body).await.expect(200);
    assert_eq!(names_of(&admin, "search=mine").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_group_has_at_most_a_thousand_roles() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let names: Vec<String> = (0..1_001).map(|n| format!("user:u{n}@acme.dev")).collect();
    let mut named: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "viewer")).collect();
    named[0].1 = "admin";
    let rows = server.rows();
    let refused = puts(&admin, "prod", &named).await;
    assert_eq!(refused.refused(422), "unprocessable");
    assert_eq!(server.rows(), rows, "not one of them became a user");
    let body = json!({ "collaborators": people(&named[..1_000]) });
    let at = crate::cast::authorize_at(&id_of(&group));
    admin.puts(&at, body).await.expect(200);
    let refused = admin.post(&at, json!({ "collaborators": people(&named[1_000..]) })).await;
    assert_eq!(refused.refused(422), "unprocessable");
    let last = member(&server, &admin, "u999@acme.dev").await;
    assert_eq!(sees(&last, &secret_id(&group, "K")).await["name"], "K");
}
