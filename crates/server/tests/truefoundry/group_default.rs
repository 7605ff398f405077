//! The group `default`: every tenant has it, scopes decide in it, and no row stands for it.

use crate::{
    GROUPS, SECRETS,
    cast::{
        account, asks_for, authorize_at, group_at, groups_of, keys_of, listed_in, makes, manifest,
        names_of, people, replaces, secret_at, secret_id, secrets_of, sees, versions_of,
    },
};
use serde_json::{Value, json};
use subrosa_testkit::{TestServer, id_of};

#[tokio::test]
async fn it_is_listed_and_found_while_it_holds_a_secret() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let found = async || {
        let mut names = Vec::new();
        for query in ["", "fqn=default:default", "fqn=default", "search=efaul", "search=ke"] {
            names.extend(names_of(&admin, query).await);
        }
        names
    };
    assert_eq!(found().await, Vec::<String>::new());
    let secret = admin.keeps("KEY", "v").await;
    assert_eq!(found().await, ["default"; 5]);
    let group = groups_of(&admin, "fqn=default").await[0].clone();
    assert_eq!(
        (&group["fqn"], keys_of(&group)),
        (&json!("default:default"), vec!["KEY".to_owned()])
    );
    assert_eq!((listed_in(&group).len(), secret_id(&group, "KEY")), (0, secret.clone()));
    assert_eq!(group["associatedSecrets"][0]["fqn"], "default:default:KEY");
    let at = group_at(&id_of(&group));
    assert_eq!(admin.get(&at).await.expect(200)["data"], group);
    assert_eq!(admin.delete(&secret_at(&secret)).await.expect(200), json!(1));
    assert_eq!(found().await, Vec::<String>::new());
    assert_eq!(keys_of(&admin.get(&at).await.expect(200)["data"]), Vec::<String>::new());
}

#[tokio::test]
async fn it_can_be_made_while_it_is_empty_and_not_again() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = makes(&admin, "default", &[("K", "v"), ("L", "w")]).await;
    assert_eq!((&made["name"], keys_of(&made).len()), (&json!("default"), 2));
    let rows = server.rows();
    for secrets in [&[("K", "v"), ("L", "w")][..], &[("M", "x")], &[]] {
        let refused = asks_for(&admin, "default", secrets).await;
        assert_eq!(refused.refused(409), "already-exists", "{secrets:?}");
    }
    assert_eq!(server.rows(), rows);
    assert_eq!(server.number("SELECT COUNT(*) FROM groups"), 0, "no row stands for it");
    for key in ["K", "L"] {
        admin.delete(&secret_at(&secret_id(&made, key))).await.expect(200);
    }
    let again = makes(&admin, "default", &[("K", "x")]).await;
    assert_eq!(again["id"], made["id"]);
}

#[tokio::test]
async fn its_set_of_secrets_is_replaced_as_any_groups() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (kept, dropped) = (admin.keeps("K", "v").await, admin.keeps("L", "w").await);
    let id = id_of(&groups_of(&admin, "fqn=default").await[0]);
    let put = replaces(&admin, &id, &[("K", "v2"), ("M", "x")]).await.expect(200);
    assert_eq!(keys_of(&put["data"]), ["K", "M"]);
    assert_eq!(versions_of(&admin, &kept).await, [2, 1]);
    assert_eq!(sees(&admin, &kept).await["value"], "v2");
    assert_eq!(admin.reveals(&dropped).await.refused(404), "not-found");
    let rows = server.rows();
    for odd in [json!([]), json!([{ "key": "NEW" }]), json!([{ "key": "K" }, { "key": "K" }])] {
        let refused = admin.puts(&group_at(&id), json!({ "secrets": odd })).await;
        assert_eq!(refused.refused(422), "unprocessable");
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn it_is_not_deleted_nor_described_nor_shared_with_anybody() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.keeps("K", "v").await;
    let id = id_of(&groups_of(&admin, "fqn=default").await[0]);
    let rows = server.rows();
    let manifest = json!({ "manifest": manifest("default", &[("user:ana@acme.dev", "viewer")]) });
    let roles = json!({ "collaborators": people(&[("user:ana@acme.dev", "viewer")]) });
    let at = authorize_at(&id);
    let binding = json!({ "manifest": { "type": "role-binding", "name": "all",
        "subjects": [{ "type": "user", "name": "ana@acme.dev" }],
        "permissions": [{ "resourceType": "secret-group", "resourceFqn": "default:default",
            "role": "secret-group-viewer" }] } });
    let machine =
        json!({ "manifest": crate::cast::account_manifest("ci", &[("default", "viewer")]) });
    for refused in [
        admin.puts(GROUPS, manifest.clone()).await,
        admin.puts("/api/svc/v1/apply", manifest.clone()).await,
        admin.post("/api/svc/v1/delete", manifest).await,
        admin.delete(&group_at(&id)).await,
        admin.delete(&format!("{}?forceDelete=true", group_at(&id))).await,
        admin.post(&at, roles.clone()).await,
        admin.puts(&at, roles).await,
        admin
            .send(http::Method::DELETE, &at, Some(br#"{"subjects":["user:operator"]}"#.into()))
            .await,
        admin.puts(crate::BINDINGS, binding).await,
        admin.puts(crate::ACCOUNTS, machine).await,
    ] {
        assert_eq!(refused.refused(422), "unprocessable");
    }
    assert_eq!(server.rows(), rows);
    let listed = admin.get(&at).await.expect(200);
    assert_eq!(listed["data"], json!([]), "scopes decide in it, and it has no list");
}

#[tokio::test]
async fn scopes_decide_in_it_and_who_has_none_finds_nothing_there() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let secret = admin.keeps("K", "v").await;
    let id = id_of(&groups_of(&admin, "fqn=default").await[0]);
    makes(&admin, "prod", &[("K", "w")]).await;
    let machine = account(&server, &admin, "ci", &[("prod", "admin")]).await;
    let reader = server.token("default", &["secrets:read"]).await;
    let revealer = server.token("default", &["secrets:read", "secrets:reveal"]).await;
    let writer = server.token("default", &["secrets:write"]).await;
    assert_eq!(sees(&reader, &secret).await.get("value"), None);
    assert_eq!(sees(&revealer, &secret).await["value"], "v");
    assert_eq!(replaces(&reader, &id, &[("K", "x")]).await.refused(403), "missing-scope");
    assert_eq!(writer.get(&secret_at(&secret)).await.refused(403), "missing-scope");
    for path in [group_at(&id), secret_at(&secret), authorize_at(&id)] {
        crate::cast::finds_nothing(
            &machine,
            http::Method::GET,
            &path,
            None,
            path.rsplit('/').next().unwrap(),
        )
        .await;
    }
    assert_eq!(replaces(&machine, &id, &[("K", "x")]).await.refused(404), "not-found");
    assert_eq!(machine.delete(&group_at(&id)).await.refused(404), "not-found");
    let mine = secrets_of(&machine, json!({ "withValue": true })).await;
    assert_eq!((mine.len(), &mine[0]["value"]), (1, &json!("w")));
    let named = json!({ "secretFqns": ["default:default:K"], "withValue": true });
    assert_eq!(secrets_of(&machine, named).await, Vec::<Value>::new());
    assert_eq!(
        machine.post(SECRETS, json!({ "secretGroupId": id })).await.refused(404),
        "not-found"
    );
    assert_eq!(admin.reveals(&secret).await.expect(200)["value"], "v");
    replaces(&writer, &id, &[("K", "x")]).await.expect(200);
}
