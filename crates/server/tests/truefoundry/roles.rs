//! The ways a role is given and taken: a group's own list, a role binding, a virtual account's manifest. Each replaces
//! its own and leaves the others alone, and the next request knows.

use crate::{
    ACCOUNTS, BINDINGS, GROUPS,
    cast::{
        account, account_manifest, authorize_at, groups_of, makes, manifest, member, names_of,
        outsider, people, replaces, role_id, secret_id, sees, shares,
    },
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, TestServer, id_of};

/// A role binding that gives everybody who is named everything that is.
fn binding(name: &str, who: &[(&str, &str)], what: &[(&str, &str)]) -> Value {
    let subject = |(kind, name): &(&str, &str)| json!({ "type": kind, "name": name });
    let permission = |(group, role): &(&str, &str)| {
        json!({ "resourceType": "secret-group", "resourceFqn": format!("default:{group}"),
            "role": role_id(role) })
    };
    let subjects: Vec<Value> = who.iter().map(subject).collect();
    let permissions: Vec<Value> = what.iter().map(permission).collect();
    json!({ "manifest": { "type": "role-binding", "name": name, "subjects": subjects,
        "permissions": permissions } })
}

/// What somebody may do in a group, found out by trying.
async fn role(who: &Actor, group: &Value) -> &'static str {
    let id = id_of(group);
    if who.get(&crate::cast::group_at(&id)).await.status == 404 {
        return "none";
    }
    let shown = sees(who, &secret_id(group, "K")).await;
    let edits = replaces(who, &id, &[("K", "v")]).await.status == 200;
    assert_eq!(shown.get("value").is_some(), edits, "who may write may read, and the other way");
    let body = json!({ "collaborators": [] });
    let rules = who.post(&authorize_at(&id), body).await.status == 200;
    match (edits, rules) {
        (_, true) => "admin",
        (true, false) => "editor",
        (false, false) => "viewer",
    }
}

#[tokio::test]
async fn a_role_given_in_one_way_is_the_same_as_given_in_another() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    let machine = account(&server, &admin, "ci", &[]).await;
    for who in [&ana, &machine] {
        assert_eq!(role(who, &group).await, "none");
    }
    for given in ["viewer", "editor", "admin"] {
        let named = [("user:ana@acme.dev", given), ("virtualaccount:ci", given)];
        shares(&admin, &id_of(&group), &named).await;
        assert_eq!((role(&ana, &group).await, role(&machine, &group).await), (given, given));
        shares(&admin, &id_of(&group), &[]).await;
        assert_eq!((role(&ana, &group).await, role(&machine, &group).await), ("none", "none"));
        let body = json!({ "manifest": manifest("prod", &named) });
        admin.puts(GROUPS, body).await.expect(200);
        assert_eq!((role(&ana, &group).await, role(&machine, &group).await), (given, given));
        admin.puts(GROUPS, json!({ "manifest": manifest("prod", &[]) })).await.expect(200);
        let who = [("user", "ana@acme.dev"), ("virtualaccount", "ci")];
        admin.puts(BINDINGS, binding("all", &who, &[("prod", given)])).await.expect(200);
        assert_eq!((role(&ana, &group).await, role(&machine, &group).await), (given, given));
        admin.puts(BINDINGS, binding("all", &[], &[])).await.expect(200);
        let body = json!({ "manifest": account_manifest("ci", &[("prod", given)]) });
        admin.puts(ACCOUNTS, body).await.expect(200);
        assert_eq!((role(&ana, &group).await, role(&machine, &group).await), ("none", given));
        makes(&admin, &format!("other-{given}"), &[]).await;
        let elsewhere = format!("other-{given}");
        let body = json!({ "manifest": account_manifest("ci", &[(&elsewhere, "admin")]) });
        admin.puts(ACCOUNTS, body).await.expect(200);
        assert_eq!(role(&machine, &group).await, "none", "a role elsewhere is none here");
    }
}

#[tokio::test]
async fn the_highest_role_counts_and_each_way_takes_back_its_own_alone() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    makes(&admin, "other", &[]).await;
    let id = id_of(&group);
    let who = [("virtualaccount", "ci")];
    let machine = account(&server, &admin, "ci", &[("prod", "viewer")]).await;
    admin.puts(BINDINGS, binding("one", &who, &[("prod", "editor")])).await.expect(200);
    admin.puts(BINDINGS, binding("two", &who, &[("prod", "viewer")])).await.expect(200);
    shares(&admin, &id, &[("virtualaccount:ci", "admin")]).await;
    assert_eq!(role(&machine, &group).await, "admin");
    shares(&admin, &id, &[]).await;
    assert_eq!(role(&machine, &group).await, "editor", "the binding's");
    admin.puts(BINDINGS, binding("one", &who, &[("other", "admin")])).await.expect(200);
    assert_eq!(role(&machine, &group).await, "viewer", "the other binding's and its manifest's");
    let body = json!({ "manifest": account_manifest("ci", &[("other", "viewer")]) });
    admin.puts(ACCOUNTS, body).await.expect(200);
    assert_eq!(role(&machine, &group).await, "viewer", "the other binding's");
    assert_eq!(names_of(&machine, "").await, ["other", "prod"]);
    let bindings = admin.get(BINDINGS).await.expect(200);
    for one in bindings["data"].as_array().unwrap() {
        admin.delete(&format!("{BINDINGS}/{}", id_of(one))).await.expect(200);
    }
    assert_eq!(role(&machine, &group).await, "none");
    assert_eq!(names_of(&machine, "").await, ["other"], "its manifest's");
    let silent = json!({ "manifest": { "type": "virtual-account", "name": "ci" } });
    admin.puts(ACCOUNTS, silent).await.expect(200);
    assert_eq!(names_of(&machine, "").await, ["other"], "unsaid stays");
}

#[tokio::test]
async fn the_next_request_after_a_role_was_taken_is_refused_and_after_it_was_given_served() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let (id, secret) = (id_of(&group), secret_id(&group, "K"));
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    for _ in 0..20 {
        let body = json!({ "collaborators": people(&[("user:ana@acme.dev", "editor")]) });
        admin.post(&authorize_at(&id), body).await.expect(200);
        assert_eq!(sees(&ana, &secret).await["value"], "v");
        let body = json!({ "collaborators": people(&[("user:ana@acme.dev", "viewer")]) });
        admin.post(&authorize_at(&id), body).await.expect(200);
        assert_eq!(sees(&ana, &secret).await.get("value"), None);
        assert_eq!(replaces(&ana, &id, &[("K", "v")]).await.refused(403), "missing-role");
        let body = br#"{"subjects":["user:ana@acme.dev"]}"#.to_vec();
        admin.send(http::Method::DELETE, &authorize_at(&id), Some(body)).await.expect(200);
        assert_eq!(ana.get(&crate::cast::secret_at(&secret)).await.refused(404), "not-found");
        assert_eq!(names_of(&ana, "").await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn roles_hold_on_our_own_surface_with_a_scope_and_never_by_themselves() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let secret = secret_id(&group, "K");
    let machine = account(&server, &admin, "ci", &[("prod", "admin")]).await;
    assert_eq!(machine.reveals(&secret).await.refused(403), "missing-scope");
    let scoped = server.token("default", &["secrets:reveal"]).await;
    assert_eq!(scoped.reveals(&secret).await.expect(200)["value"], "v", "the creator's own");
    shares(&admin, &id_of(&group), &[("user:operator", "viewer"), ("user:b@a.dev", "admin")]).await;
    assert_eq!(scoped.reveals(&secret).await.refused(403), "missing-role");
    let batch = scoped.reveals_all(json!([{ "id": secret }])).await.expect(200);
    assert_eq!(batch["items"][0]["problem"]["code"], "missing-role");
    shares(&admin, &id_of(&group), &[("user:b@a.dev", "admin")]).await;
    assert_eq!(scoped.reveals(&secret).await.refused(404), "not-found");
    let batch = scoped.reveals_all(json!([{ "id": secret }, { "id": crate::NOBODY }])).await;
    let items = batch.expect(200)["items"].clone();
    assert_eq!(items[0]["problem"], items[1]["problem"], "as good as none");
    assert_eq!(admin.reveals(&secret).await.expect(200)["value"], "v");
}

#[tokio::test]
async fn a_deleted_account_takes_its_roles_with_it_and_its_name_inherits_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let first = account(&server, &admin, "ci", &[("prod", "admin")]).await;
    shares(&admin, &id_of(&group), &[("virtualaccount:ci", "admin")]).await;
    admin
        .puts(BINDINGS, binding("all", &[("virtualaccount", "ci")], &[("prod", "admin")]))
        .await
        .expect(200);
    assert_eq!(role(&first, &group).await, "admin");
    let id = id_of(&admin.get(ACCOUNTS).await.expect(200)["data"][0]);
    admin.delete(&format!("{ACCOUNTS}/{id}")).await.expect(200);
    assert_eq!(first.get(GROUPS).await.refused(401), "unauthenticated");
    let second = account(&server, &admin, "ci", &[]).await;
    assert_eq!(role(&second, &group).await, "none");
    assert_eq!(server.number("SELECT COUNT(*) FROM group_members"), 0, "nobody is left");
    assert_eq!(role(&admin, &group).await, "admin", "tenant:admin needs no role");
}

#[tokio::test]
async fn a_group_made_anew_under_an_old_name_has_none_of_the_old_roles() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    shares(&admin, &id_of(&group), &[("user:ana@acme.dev", "admin")]).await;
    let ana = member(&server, &admin, "ana@acme.dev").await;
    let machine = account(&server, &admin, "ci", &[("prod", "admin")]).await;
    admin
        .puts(BINDINGS, binding("all", &[("user", "ana@acme.dev")], &[("prod", "admin")]))
        .await
        .expect(200);
    admin.delete(&crate::cast::group_at(&id_of(&group))).await.expect(200);
    let again = makes(&admin, "prod", &[("K", "v")]).await;
    for who in [&ana, &machine] {
        assert_eq!(role(who, &again).await, "none");
        assert_eq!(groups_of(who, "").await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_role_survives_a_restart_and_one_that_was_edited_behind_the_servers_back_does_not() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    shares(&admin, &id_of(&group), &[("user:ana@acme.dev", "viewer")]).await;
    let ana = member(&server, &admin, "ana@acme.dev").await;
    let server = server.restart().await;
    let again = server.with_token(ana.token().unwrap());
    assert_eq!(role(&again, &group).await, "viewer");
    let forged = "UPDATE groups SET members = CAST(replace(members, x'0101', x'0301') AS BLOB)";
    let server = server.tampered(forged).await;
    let ana = server.with_token(ana.token().unwrap());
    for path in
        [crate::cast::secret_at(&secret_id(&group, "K")), crate::cast::group_at(&id_of(&group))]
    {
        assert_eq!(ana.get(&path).await.refused(500), "integrity-failure");
    }
    assert_eq!(ana.get(GROUPS).await.refused(500), "integrity-failure");
}
