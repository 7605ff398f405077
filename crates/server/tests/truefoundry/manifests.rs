//! `apply` and `delete`: manifests of every type, each taking what its own route takes.

use crate::{
    ACCOUNTS, BINDINGS, GROUPS,
    cast::{account, account_manifest, faults, makes, manifest, name_of, service, shares},
    holders::on_record,
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, Reply, TestServer, id_of, shape};

const BASE: &str = "/api/svc/v1";

/// Asks for a manifest to be so.
async fn applies(who: &Actor, manifest: &Value) -> Reply {
    who.puts(
        &format!("{BASE}/apply"),
        json!({ "manifest": manifest, "dryRun": false, "force": false }),
    )
    .await
}

/// Asks what would come of it.
async fn tries(who: &Actor, manifest: &Value) -> Reply {
    who.puts(&format!("{BASE}/apply"), json!({ "manifest": manifest, "dryRun": true })).await
}

/// Asks for what a manifest describes to be gone.
async fn deletes(who: &Actor, manifest: &Value) -> Reply {
    who.post(&format!("{BASE}/delete"), json!({ "manifest": manifest })).await
}

/// A binding of a user to a group.
fn binding(role: &str) -> Value {
    json!({ "type": "role-binding", "name": "ops-in-prod",
        "subjects": [{ "type": "user", "name": "ana@acme.dev" }],
        "permissions": [{ "resourceType": "secret-group", "resourceFqn": "default:prod",
            "role": format!("secret-group-{role}") }] })
}

/// One of each type as it is first, as it is then, and where such things are.
fn one_of_each() -> [(Value, Value, &'static str); 3] {
    let group =
        |role| manifest("fresh", &[("user:ana@acme.dev", "admin"), ("user:ben@acme.dev", role)]);
    [
        (group("viewer"), group("editor"), GROUPS),
        (
            account_manifest("ci", &[("prod", "viewer")]),
            account_manifest("ci", &[("prod", "editor")]),
            ACCOUNTS,
        ),
        (binding("viewer"), binding("editor"), BINDINGS),
    ]
}

#[tokio::test]
async fn a_manifest_of_each_type_is_made_changed_told_again_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    for (first, then, at) in one_of_each() {
        let kind = first["type"].as_str().unwrap().to_owned();
        let listed = async || -> Vec<Value> {
            let listed = admin.get(at).await.expect(200)["data"].clone();
            let named = |one: &Value| name_of(one) == name_of(&first);
            listed.as_array().unwrap().iter().filter(|one| named(one)).cloned().collect()
        };
        let rows = server.rows();
        let tried = tries(&admin, &first).await.expect(200);
        assert_eq!(
            (&tried["action"], &tried["existingManifest"]),
            (&json!("CREATE"), &json!(null))
        );
        assert_eq!(tried["data"]["manifest"], first, "{kind}");
        assert_eq!(server.rows(), rows, "{kind}");

        let made = applies(&admin, &first).await.expect(200);
        assert_eq!(shape(&made), ["action: string", "data: object", "existingManifest: null"]);
        assert_eq!(made["action"], "CREATE");
        assert_eq!(made["data"], listed().await[0], "{kind}: whole");
        assert!(!made.to_string().contains("eyJ"), "{kind}: no token");
        let rows = server.rows();
        let tried = tries(&admin, &then).await.expect(200);
        assert_eq!(server.rows(), rows, "{kind}");
        let changed = applies(&admin, &then).await.expect(200);
        for answer in [&tried, &changed] {
            assert_eq!(
                (&answer["action"], &answer["existingManifest"]),
                (&json!("UPDATE"), &first)
            );
            assert_eq!(answer["data"]["manifest"], then);
            assert_eq!(answer["data"]["id"], made["data"]["id"]);
        }
        let mut longer = then.clone();
        longer["unknown"] = json!({ "clients": "send" });
        let same = applies(&admin, &longer).await.expect(200);
        assert_eq!(same["existingManifest"], then);

        assert_eq!(deletes(&admin, &longer).await.expect(200), json!({}));
        assert_eq!(listed().await.len(), 0, "{kind}");
        assert_eq!(deletes(&admin, &then).await.refused(404), "not-found");
        assert_eq!(applies(&admin, &first).await.expect(200)["action"], "CREATE", "{kind}: anew");
    }
}

#[tokio::test]
async fn each_type_takes_what_its_own_route_takes_and_a_refusal_is_on_record() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    for (first, _, _) in one_of_each() {
        applies(&admin, &first).await.expect(200);
    }
    let all = [
        "secrets:read",
        "secrets:write",
        "secrets:reveal",
        "keys:read",
        "keys:write",
        "tenant:admin",
    ];
    let mut poor = Vec::new();
    for required in ["secrets:write", "keys:write", "tenant:admin"] {
        let others: Vec<&str> = all.into_iter().filter(|scope| *scope != required).collect();
        poor.push((server.token("default", &others).await, required));
    }
    let rows = server.rows();
    for ((_, then, _), (who, required)) in one_of_each().iter().zip(&poor) {
        for reply in [applies(who, then).await, tries(who, then).await, deletes(who, then).await] {
            assert_eq!(reply.expect(403)["required"], *required);
        }
    }
    assert_eq!(server.rows(), rows);
    assert_eq!(on_record(&server, "action=request.refuse").await.len(), 9);
    for (_, then, _) in one_of_each() {
        assert_eq!(applies(&server.stranger(), &then).await.refused(401), "unauthenticated");
        assert_eq!(deletes(&server.stranger(), &then).await.refused(401), "unauthenticated");
    }
}

#[tokio::test]
async fn whoever_has_roles_alone_applies_to_groups_they_administer_and_to_nothing_else() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let ci = account(&server, &admin, "deployer", &[("prod", "admin")]).await;
    let shared = manifest("prod", &[("user:operator", "admin"), ("user:ana@acme.dev", "viewer")]);
    let applied = applies(&ci, &shared).await.expect(200);
    assert_eq!(applied["action"], "UPDATE");
    let other = makes(&admin, "other", &[]).await;
    for role in ["", "editor"] {
        if !role.is_empty() {
            shares(&admin, &id_of(&other), &[("virtualaccount:deployer", role)]).await;
        }
        let refused = applies(&ci, &manifest("other", &[])).await;
        assert!([403, 404, 409, 422].contains(&refused.status.as_u16()), "{role}");
        let refused = deletes(&ci, &manifest("other", &[])).await;
        assert!([403, 404].contains(&refused.status.as_u16()), "{role}");
    }
    for manifest in [account_manifest("ci", &[("prod", "admin")]), binding("admin")] {
        assert_eq!(applies(&ci, &manifest).await.refused(403), "missing-scope");
        assert_eq!(deletes(&ci, &manifest).await.refused(403), "missing-scope");
    }
}

#[tokio::test]
async fn types_that_are_not_known_here_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let rows = server.rows();
    let store = json!({ "type": "provider-account/truefoundry", "name": "subrosa",
        "integrations": [{ "type": "integration/secret-store/truefoundry/db", "name": "built-in" }] });
    for manifest in [
        store,
        json!({ "type": "team", "name": "ops" }),
        json!({ "type": "", "name": "ops" }),
        json!({ "type": "Secret-Group", "name": "ops" }),
        json!({ "name": "ops" }),
        json!({}),
        json!([]),
        json!("secret-group"),
    ] {
        for refused in [applies(&admin, &manifest).await, deletes(&admin, &manifest).await] {
            assert_eq!(refused.refused(422), "unprocessable", "{manifest}");
            assert!(refused.json()["errors"].is_object() && refused.json()["message"].is_string());
        }
    }
    for (manifest, place) in [
        (account_manifest("Ci", &[]), "/manifest/name"),
        (account_manifest("ci", &[("nowhere", "viewer")]), "/manifest/permissions"),
        (manifest("fresh", &[("team:ops", "viewer")]), "/manifest/collaborators"),
    ] {
        assert_eq!(faults(&applies(&admin, &manifest).await), [place]);
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn there_is_no_order_to_apply_manifests_in() {
    let server = TestServer::start().await;
    let bot = service(&server, "bot", &[]).await;
    let path = format!("{BASE}/dependency-tree");
    for manifests in [json!([]), json!([account_manifest("ci", &[])])] {
        let refused = bot.post(&path, json!({ "manifests": manifests })).await;
        assert_eq!(
            refused.refused(404),
            "not-found",
            "and never an empty list, which applies nothing"
        );
    }
    assert_eq!(server.stranger().post(&path, json!({})).await.refused(401), "unauthenticated");
}
