//! Personal access tokens that an administrator makes for somebody: they act by that user's roles, and by nothing else.

use crate::{
    GROUPS,
    cast::{
        authorize_at, faults, groups_of, makes, manifest, member, names_of, outsider, people,
        secret_id, sees, service, shares,
    },
    holders::{PATS, current, lists_everywhere, on_record, personal, text, tokens_of},
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer, id_of};

/// Asks for a token for a user.
async fn asks_for(who: &Actor, name: &str, email: &str) -> Reply {
    who.post(&format!("{PATS}/for-user"), json!({ "name": name, "userEmail": email })).await
}

/// Asks for every token of a user to be revoked.
async fn revokes_all(who: &Actor, email: &str) -> Reply {
    let body = json!({ "email": email }).to_string().into_bytes();
    who.send(Method::DELETE, &format!("{PATS}/revoke/all"), Some(body)).await
}

#[tokio::test]
async fn making_one_takes_tenant_admin_and_a_user_that_is_there() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    outsider(&server, &admin, "ana@acme.dev").await;
    let almost = server.token("default", &["keys:write", "secrets:write"]).await;
    let rows = server.rows();
    for reply in [asks_for(&almost, "abc", "ana@acme.dev").await, revokes_all(&almost, "x").await] {
        assert_eq!(reply.expect(403)["required"], "tenant:admin");
    }
    for nobody in ["ben@acme.dev", "ana@acme.de", "xana@acme.dev"] {
        assert_eq!(asks_for(&admin, "abc", nobody).await.refused(404), "not-found");
        assert_eq!(revokes_all(&admin, nobody).await.refused(404), "not-found");
    }
    for odd in ["", "ana", "operator", "ana@acme", "user:ana@acme.dev", "a b@acme.dev"] {
        assert_eq!(faults(&asks_for(&admin, "abc", odd).await), ["/userEmail"], "{odd:?}");
        assert_eq!(faults(&revokes_all(&admin, odd).await), ["/email"], "{odd:?}");
    }
    assert_eq!(faults(&asks_for(&admin, "Ab", "ana@acme.dev").await), ["/name"]);
    assert_eq!(asks_for(&admin, "a-token", "ana@acme.dev").await.refused(409), "already-exists");
    assert_eq!(server.rows(), rows);
    asks_for(&admin, "abc", "ANA@acme.dev").await.expect(200);
}

#[tokio::test]
async fn such_a_token_acts_by_roles_alone() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let in_default = admin.keeps("KEY", "v").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let secret = secret_id(&group, "K");
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    assert!(ana.token().unwrap().starts_with("tfy_"));
    assert_eq!(current(&ana).await["scopes"], json!([]));
    assert_eq!(names_of(&ana, "").await, Vec::<String>::new());

    shares(&admin, &id_of(&group), &[("user:ana@acme.dev", "editor")]).await;
    assert_eq!(sees(&ana, &secret).await["value"], "v");
    assert_eq!(names_of(&ana, "").await, ["prod"], "and never the group default");
    assert_eq!(groups_of(&ana, "fqn=default:default").await, Vec::<Value>::new());
    ana.get(&format!("{}/{in_default}", crate::SECRETS)).await.refused(404);
    shares(&admin, &id_of(&group), &[("user:ana@acme.dev", "viewer")]).await;
    assert_eq!(sees(&ana, &secret).await["value"], json!(null));
    shares(&admin, &id_of(&group), &[]).await;
    assert_eq!(names_of(&ana, "").await, Vec::<String>::new());
    ana.get(&format!("{}/{secret}", crate::SECRETS)).await.refused(404);
}

#[tokio::test]
async fn on_the_other_surfaces_it_opens_nothing_that_takes_a_scope() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    shares(&admin, &id_of(&group), &[("user:ana@acme.dev", "admin")]).await;
    let ana = member(&server, &admin, "ana@acme.dev").await;
    let secret = secret_id(&group, "K");
    assert_eq!(lists_everywhere(&ana).await, [403, 403, 200]);
    for (method, path) in [
        (Method::GET, format!("{DEFAULT}/secrets/{secret}")),
        (Method::POST, format!("{DEFAULT}/secrets/{secret}:reveal")),
        (Method::POST, format!("{DEFAULT}/secrets:reveal")),
        (Method::DELETE, format!("{DEFAULT}/secrets/{secret}")),
        (Method::GET, format!("{DEFAULT}/secrets/{secret}/revisions")),
        (Method::GET, format!("{DEFAULT}/tokens")),
        (Method::POST, format!("{DEFAULT}/tokens:generate")),
        (Method::GET, format!("{DEFAULT}/auditEvents")),
        (Method::GET, "/api/default/secrets/K".to_owned()),
        (Method::DELETE, "/api/default/secrets/K".to_owned()),
        (Method::POST, PATS.to_owned()),
        (Method::GET, crate::ACCOUNTS.to_owned()),
        (Method::GET, crate::BINDINGS.to_owned()),
    ] {
        let refused = ana.send(method, &path, Some(b"{}".to_vec())).await;
        assert_eq!(refused.refused(403), "missing-scope", "{path}");
    }
    ana.get(&format!("{DEFAULT}/auth/health")).await.expect(200);
}

#[tokio::test]
async fn a_user_sees_the_tokens_made_for_them_and_can_be_rid_of_them() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    asks_for(&admin, "second", "ana@acme.dev").await.expect(200);
    let listed = tokens_of(&ana, "").await;
    let names: Vec<String> = listed.iter().map(|one| text(one, "name")).collect();
    assert_eq!(names, ["a-token", "second"]);
    assert_eq!(tokens_of(&admin, "").await.len(), 0, "they are not the administrator's own");
    ana.delete(&format!("{PATS}/{}", id_of(&listed[1]))).await.expect(200);
    ana.delete(&format!("{PATS}/{}", id_of(&listed[0]))).await.expect(200);
    assert_eq!(ana.get(PATS).await.refused(401), "unauthenticated", "by itself");
}

#[tokio::test]
async fn no_personal_access_token_makes_one_for_anybody() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    let laptop = personal(&server, &admin, "laptop").await;
    let rows = server.rows();
    let refused = asks_for(&laptop, "abc", "ana@acme.dev").await;
    assert_eq!(refused.refused(400), "by-personal-token");
    assert_eq!(asks_for(&ana, "abc", "ana@acme.dev").await.refused(403), "missing-scope");
    assert_eq!(server.rows(), rows);
    assert_eq!(revokes_all(&laptop, "ana@acme.dev").await.expect(200), json!({}), "but ends them");
}

#[tokio::test]
async fn revoking_all_of_a_user_ends_theirs_at_once_and_nobody_elses() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let ana = outsider(&server, &admin, "ana@acme.dev").await;
    let ben = outsider(&server, &admin, "ben@acme.dev").await;
    let second = asks_for(&admin, "second", "ana@acme.dev").await.expect(200);
    let second = server.with_token(&text(&second, "token"));
    let own = personal(&server, &admin, "laptop").await;
    for bearer in [&ana, &second, &ben, &own] {
        bearer.get(PATS).await.expect(200);
    }
    assert_eq!(revokes_all(&admin, "Ana@acme.dev").await.expect(200), json!({}));
    for (bearer, status) in [(&ana, 401), (&second, 401), (&ben, 200), (&own, 200)] {
        bearer.get(PATS).await.expect(status);
    }
    let revoked = on_record(&server, "action=token.revoke").await;
    assert_eq!(revoked.len(), 2, "one event for each");
    assert_eq!(revokes_all(&admin, "ana@acme.dev").await.expect(200), json!({}), "none is left");
    assert_eq!(on_record(&server, "action=token.revoke").await.len(), 2);
    asks_for(&admin, "a-token", "ana@acme.dev").await.expect(200);
}

#[tokio::test]
async fn a_user_of_another_tenant_is_nobody_here() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let there = server.admin("acme").await;
    let store = "acme:truefoundry:subrosa:secret-store:built-in";
    let mut body = manifest("passing", &[("user:ana@acme.dev", "viewer")]);
    body["integration_fqn"] = json!(store);
    there.puts(GROUPS, json!({ "manifest": body })).await.expect(200);
    asks_for(&there, "abc", "ana@acme.dev").await.expect(200);
    let admin = server.admin("default").await;
    assert_eq!(asks_for(&admin, "abc", "ana@acme.dev").await.refused(404), "not-found");
    assert_eq!(revokes_all(&admin, "ana@acme.dev").await.refused(404), "not-found");
}

#[tokio::test]
async fn whoever_may_rotate_tokens_gets_at_nobody_elses_roles_by_it() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let named = people(&[("user:ana@acme.dev", "editor")]);
    let body = json!({ "collaborators": named });
    admin.post(&authorize_at(&id_of(&group)), body).await.expect(200);
    let ana = member(&server, &admin, "ana@acme.dev").await;
    let token = id_of(&current(&ana).await);
    let rotator = service(&server, "rotator", &["keys:read", "keys:write"]).await;
    let rotate = format!("{DEFAULT}/tokens/{token}:rotate");
    let before = server.rows();
    assert_eq!(rotator.post(&rotate, json!({})).await.status.as_u16(), 403);
    assert_eq!(server.rows(), before, "a refusal changes nothing");
    let renewed = admin.post(&rotate, json!({})).await.expect(200);
    let ana = server.with_token(&text(&renewed, "token"));
    assert_eq!(names_of(&ana, "").await, ["prod"], "an administrator renews it for her");
}
