//! What a virtual account may do: roles in groups, given by whoever administers them, and by nobody who has less.

use crate::{
    ACCOUNTS, BINDINGS,
    cast::{
        account_manifest, authorize_at, faults, makes, names_of, role_id, secret_id, sees, service,
        shares,
    },
    holders::{account_at, account_of, makes_account, puts_account, regenerates, token_again},
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, Reply, TestServer, id_of, shape};

/// An account's manifest with this list of permissions as it is.
fn permitting(permissions: Value) -> Value {
    json!({ "type": "virtual-account", "name": "ci", "permissions": permissions })
}

/// Everything by which a caller could get at an account's token, or decide where it goes.
async fn reaches_for(who: &Actor, id: &str) -> [Reply; 4] {
    let mut elsewhere = account_manifest("ci", &[]);
    elsewhere["secret_store_config"] =
        json!({ "type": "tfy-secrets", "secret_group": "default", "key": "TOKEN" });
    let sync = format!("{}/sync-to-secret-store", account_at(id));
    [
        token_again(who, id).await,
        regenerates(who, id, 0).await,
        who.post(&sync, json!({})).await,
        puts_account(who, &elsewhere).await,
    ]
}

#[tokio::test]
async fn permissions_that_name_no_role_in_a_group_of_the_tenant_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[("K", "v")]).await;
    let rows = server.rows();
    let of = |kind: &str, fqn: &str, role: &str| {
        let one = json!({ "resource_type": kind, "resource_fqn": fqn, "role_id": role });
        json!([one])
    };
    let (group, viewer) = ("secret-group", "secret-group-viewer");
    for permissions in [
        json!([]),
        of(group, "default:nowhere", viewer),
        of(group, "default:default", viewer),
        of(group, "acme:prod", viewer),
        of(group, "default:prod:K", viewer),
        of(group, "", viewer),
        of("workspace", "default:prod", viewer),
        of("", "default:prod", viewer),
        of(group, "default:prod", "viewer"),
        of(group, "default:prod", "secret-group-owner"),
        of(group, "default:prod", ""),
    ] {
        let refused = puts_account(&admin, &permitting(permissions.clone())).await;
        assert_eq!(faults(&refused), ["/manifest/permissions"], "{permissions}");
    }
    for malformed in [json!("all"), json!([{}]), json!([{ "resource_fqn": "default:prod" }])] {
        let refused = puts_account(&admin, &permitting(malformed.clone())).await;
        assert_eq!(refused.status, 422, "{malformed}");
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn roles_apply_at_once_and_stay_as_they_are_when_nothing_is_said_of_them() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (prod, dev) = (makes(&admin, "prod", &[("K", "v")]).await, makes(&admin, "dev", &[]).await);
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[("prod", "viewer")])).await;
    let ci = server.with_token(&token);
    let secret = secret_id(&prod, "K");
    assert_eq!(sees(&ci, &secret).await["value"], json!(null));
    let puts = async |roles: &[(&str, &str)]| {
        puts_account(&admin, &account_manifest("ci", roles)).await.expect(200)["data"].clone()
    };
    let both = puts(&[("prod", "editor"), ("dev", "viewer")]).await;
    assert_eq!(both["rolesWithResource"].as_array().unwrap().len(), 2);
    assert_eq!(sees(&ci, &secret).await["value"], "v");
    assert_eq!(names_of(&ci, "").await, ["dev", "prod"]);
    let kept = puts(&[]).await;
    assert_eq!(kept["rolesWithResource"], both["rolesWithResource"]);
    assert_eq!(sees(&ci, &secret).await["value"], "v");
    puts(&[("dev", "viewer")]).await;
    assert_eq!(names_of(&ci, "").await, ["dev"]);
    assert_eq!(
        puts(&[("dev", "viewer"), ("dev", "admin")]).await["rolesWithResource"][0]["roleId"],
        role_id("admin"),
        "the highest counts"
    );

    shares(&admin, &id_of(&prod), &[("virtualaccount:ci", "viewer")]).await;
    assert_eq!(names_of(&ci, "").await, ["dev", "prod"], "by a group's own list as well");
    puts(&[("dev", "viewer")]).await;
    assert_eq!(names_of(&ci, "").await, ["dev", "prod"], "which the manifest leaves alone");
    let left = admin.get(&authorize_at(&id_of(&dev))).await.expect(200)["data"].clone();
    assert!(left.to_string().contains(&id), "{left}");
    let server = server.restart().await;
    assert_eq!(names_of(&server.with_token(&token), "").await, ["dev", "prod"]);
}

#[tokio::test]
async fn nobody_gives_a_role_in_a_group_they_do_not_administer() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let prod = id_of(&makes(&admin, "prod", &[("K", "v")]).await);
    let all = [
        "keys:write",
        "keys:read",
        "secrets:read",
        "secrets:write",
        "secrets:reveal",
        "grants:write",
    ];
    let ana = service(&server, "ana", &all).await;
    let rows = server.rows();
    let gives =
        async |role: &str| puts_account(&ana, &account_manifest("ci", &[("prod", role)])).await;
    let unseen = gives("viewer").await;
    let absent = puts_account(&ana, &account_manifest("ci", &[("nowhere", "viewer")])).await;
    assert_eq!(faults(&unseen), ["/manifest/permissions"]);
    assert_eq!(unseen.without_instance(), absent.without_instance(), "as if it were not there");
    assert_eq!(server.rows(), rows);
    for role in ["viewer", "editor"] {
        shares(&admin, &prod, &[("serviceaccount:ana", role)]).await;
        assert_eq!(gives("viewer").await.refused(403), "missing-role", "as {role}");
    }
    shares(&admin, &prod, &[("serviceaccount:ana", "admin")]).await;
    gives("admin").await.expect(200);
    shares(&admin, &prod, &[("serviceaccount:ana", "editor")]).await;
    let takes = puts_account(&ana, &account_manifest("ci", &[("prod", "viewer")])).await;
    assert_eq!(takes.refused(403), "missing-role", "nor takes one there");
}

#[tokio::test]
async fn an_account_is_given_no_more_than_its_makers_own_token_allows() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let prod = id_of(&makes(&admin, "prod", &[("K", "v")]).await);
    let ladder =
        [("viewer", "secrets:read"), ("editor", "secrets:reveal"), ("admin", "grants:write")];
    let mut scopes = vec!["keys:write", "secrets:write"];
    let everyone = ["ana", "ben", "eve", "zoe"];
    let named: Vec<String> = everyone.iter().map(|who| format!("serviceaccount:{who}")).collect();
    let mut given: Vec<Actor> = Vec::new();
    for (at, who) in everyone.iter().enumerate() {
        given.push(service(&server, who, &scopes).await);
        scopes.extend(ladder.get(at).map(|(_, scope)| *scope));
    }
    let admins: Vec<(&str, &str)> = named.iter().map(|who| (who.as_str(), "admin")).collect();
    shares(&admin, &prod, &admins).await;
    for (at, who) in given.iter().enumerate() {
        for (step, (role, scope)) in ladder.iter().enumerate() {
            let name = format!("ci-{at}-{role}");
            let asked = puts_account(who, &account_manifest(&name, &[("prod", role)])).await;
            if step < at {
                asked.expect(200);
            } else {
                let first = ladder[at].1;
                assert_eq!(asked.expect(403)["required"], first, "{role} takes {scope}");
            }
        }
    }
}

#[tokio::test]
async fn the_token_of_an_account_that_can_do_more_than_oneself_is_not_to_be_had() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let prod = id_of(&makes(&admin, "prod", &[("K", "v")]).await);
    let dev = id_of(&makes(&admin, "dev", &[]).await);
    let mut manifest = account_manifest("ci", &[("prod", "editor"), ("dev", "viewer")]);
    manifest["secret_store_config"] =
        json!({ "type": "tfy-secrets", "secret_group": "prod", "key": "TOKEN" });
    let (id, token) = makes_account(&admin, &manifest).await;
    let all = ["keys:write", "secrets:read", "secrets:write", "secrets:reveal"];
    let ana = service(&server, "ana", &all).await;
    let poor = service(&server, "poor", &["keys:write", "secrets:read", "secrets:write"]).await;
    let poorest = service(&server, "poorest", &["keys:write"]).await;
    let share = async |roles: [&str; 2]| {
        for (group, role) in [(&prod, roles[0]), (&dev, roles[1])] {
            let named = [("serviceaccount:ana", role), ("serviceaccount:poor", role)];
            shares(&admin, group, if role.is_empty() { &[] } else { &named }).await;
        }
    };
    for roles in [["", ""], ["admin", ""], ["", "admin"], ["editor", "admin"], ["admin", "editor"]]
    {
        share(roles).await;
        let rows = server.rows();
        for refused in reaches_for(&ana, &id).await {
            assert_eq!(refused.refused(403), "missing-role", "{roles:?}");
            assert!(!String::from_utf8_lossy(&refused.bytes).contains("eyJ"), "and no token");
        }
        assert_eq!(server.rows(), rows);
    }
    share(["admin", "admin"]).await;
    let rows = server.rows();
    for (who, required) in [(&poor, "secrets:reveal"), (&poorest, "secrets:write")] {
        for refused in reaches_for(who, &id).await {
            assert_eq!(refused.expect(403)["required"], required);
        }
    }
    assert_eq!(server.rows(), rows);
    server.with_token(&token).get(ACCOUNTS).await.expect(403);
    for reply in reaches_for(&ana, &id).await {
        reply.expect(200);
    }
}

#[tokio::test]
async fn roles_by_a_binding_count_as_much_as_those_by_the_manifest() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let prod = makes(&admin, "prod", &[("K", "v")]).await;
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let ana = service(&server, "ana", &["keys:write"]).await;
    token_again(&ana, &id).await.expect(200);
    let binding = json!({ "type": "role-binding", "name": "ci-in-prod",
        "subjects": [{ "type": "virtualaccount", "name": "ci" }],
        "permissions": [{ "resourceType": "secret-group", "resourceFqn": "default:prod",
            "role": "secret-group-editor" }] });
    admin.puts(BINDINGS, json!({ "manifest": binding })).await.expect(200);
    let ci = server.with_token(&token);
    assert_eq!(sees(&ci, &secret_id(&prod, "K")).await["value"], "v");
    assert_eq!(account_of(&admin, &id).await["rolesWithResource"][0]["roleId"], role_id("editor"));
    assert_eq!(token_again(&ana, &id).await.status, 403, "it has become more than its keeper");
}

#[tokio::test]
async fn a_dry_run_says_what_would_come_of_it_and_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let tries = async |roles: &[(&str, &str)]| {
        let body = json!({ "manifest": account_manifest("ci", roles), "dryRun": true });
        admin.puts(ACCOUNTS, body).await
    };
    let rows = server.rows();
    let said = tries(&[("prod", "viewer")]).await.expect(200);
    assert_eq!(shape(&said), ["data: object"], "no token");
    assert_eq!(said["data"]["rolesWithResource"][0]["roleId"], role_id("viewer"));
    assert_eq!(faults(&tries(&[("nowhere", "viewer")]).await), ["/manifest/permissions"]);
    assert_eq!(server.rows(), rows);
    let (id, _) = makes_account(&admin, &account_manifest("ci", &[("prod", "viewer")])).await;
    let (rows, account) = (server.rows(), account_of(&admin, &id).await);
    let said = tries(&[("prod", "admin")]).await.expect(200)["data"].clone();
    assert_eq!(
        (&said["id"], &said["rolesWithResource"][0]["roleId"]),
        (&json!(id), &json!(role_id("admin")))
    );
    assert_eq!(said["manifest"]["permissions"][0]["role_id"], role_id("admin"));
    assert_eq!(account_of(&admin, &id).await, account);
    assert_eq!(server.rows(), rows);
}
