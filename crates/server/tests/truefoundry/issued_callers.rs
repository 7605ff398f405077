//! Callers with an issuer's token: what it lets them do, where, and for how long.

use crate::{
    GROUPS,
    cast::{account_manifest, bare, makes, names_of, secret_id, sees},
    holders::{asks_for_token, current, makes_account, on_record, personal, text, tokens_of},
    issuer::{Issuer, says, vouches, with_role, with_scopes},
    sign_ins::{begins, polls, submits},
};
use serde_json::json;
use std::time::Duration;
use subrosa_domain::Role;
use subrosa_testkit::{DEFAULT, TestServer};

/// What each surface answers in a tenant: v1, walletcrew.
async fn in_tenant(server: &TestServer, token: &str, slug: &str) -> [u16; 2] {
    let who = server.with_token(token);
    let (v1, walletcrew) = (format!("/v1/tenants/{slug}/secrets"), format!("/api/{slug}/secrets"));
    [who.get(&v1).await.status.as_u16(), who.get(&walletcrew).await.status.as_u16()]
}

#[tokio::test]
async fn its_scopes_decide_on_every_surface() {
    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let id = admin.keeps("KEY", "v").await;
    let reader = issuer.signs_in(&server, says("corp", "u-1"));
    reader.get(&format!("{DEFAULT}/secrets/{id}")).await.expect(200);
    reader.get("/api/default/secrets").await.expect(200);
    assert_eq!(names_of(&reader, "").await, ["default"]);
    let refused = reader.reveals(&id).await.expect(403);
    assert_eq!(
        (&refused["required"], &refused["granted"]),
        (&json!("secrets:reveal"), &json!(["secrets:read"]))
    );
    assert_eq!(reader.get("/api/default/secrets/KEY").await.status, 403);
    let revealer = says("corp", "u-1");
    let revealer = with_scopes(revealer, &["secrets:read", "secrets:reveal"]);
    let revealer = issuer.signs_in(&server, revealer);
    assert_eq!(
        revealer.reveals(&id).await.expect(200)["value"],
        "v",
        "by another token of the same user"
    );
    let nobody = issuer.signs_in(&server, with_scopes(says("corp", "u-1"), &[]));
    assert_eq!(nobody.get(GROUPS).await.expect(403)["granted"], json!([]));
    let revealed = server.operator().events("action=secret.reveal").await;
    let user = reader.get("/api/svc/v1/session").await.expect(200)["user"]["subject"].clone();
    assert_eq!(revealed[0]["actor"]["id"], user["subjectId"]);
    assert_eq!(revealed[0]["actor"]["kind"], "user");
}

#[tokio::test]
async fn its_roles_hold_while_a_token_says_so_and_its_scopes_limit_them() {
    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let secret = secret_id(&makes(&admin, "prod", &[("K", "v")]).await, "K");
    makes(&admin, "other", &[("K", "v")]).await;
    let both = ["secrets:read", "secrets:reveal"];
    let plain = || with_scopes(says("corp", "u-1"), &both);
    let without = issuer.signs_in(&server, plain());
    assert_eq!(names_of(&without, "").await, Vec::<String>::new());
    let editor = issuer.signs_in(&server, with_role(plain(), "prod", Role::Editor));
    assert_eq!(names_of(&editor, "").await, ["prod"]);
    assert_eq!(sees(&editor, &secret).await["value"], "v");
    let viewer = issuer.signs_in(&server, with_role(plain(), "prod", Role::Viewer));
    assert_eq!(sees(&viewer, &secret).await["value"], json!(null));
    let poor = with_role(says("corp", "u-1"), "prod", Role::Admin);
    assert_eq!(sees(&issuer.signs_in(&server, poor), &secret).await["value"], json!(null));
    let nowhere = issuer.signs_in(&server, with_role(plain(), "nowhere", Role::Admin));
    assert_eq!(names_of(&nowhere, "").await, Vec::<String>::new());
    assert_eq!(
        names_of(&without, "").await,
        Vec::<String>::new(),
        "a role of one token is no other's"
    );
    let minter = with_scopes(says("corp", "u-1"), &["keys:write", "secrets:read"]);
    let minter = issuer.signs_in(&server, with_role(minter, "prod", Role::Admin));
    let laptop = personal(&server, &minter, "laptop").await;
    assert_eq!(names_of(&laptop, "").await, Vec::<String>::new(), "nor of what it mints");
}

#[tokio::test]
async fn it_holds_in_the_issuers_tenant_alone() {
    let (server, issuer) = Issuer::trusted().await;
    server.tenant("acme").await;
    let mut assertion = says("corp", "u-1");
    assertion.tenant = "acme".parse().unwrap();
    let there = issuer.signs_in(&server, assertion);
    let token = there.token().unwrap();
    assert_eq!(in_tenant(&server, token, "acme").await, [200; 2]);
    for elsewhere in ["default", "nowhere"] {
        assert_eq!(in_tenant(&server, token, elsewhere).await, [404; 2], "{elsewhere}");
    }
    assert_eq!(there.get(GROUPS).await.expect(200)["data"], json!([]));
    server.operator().delete("/v1/tenants/acme").await.expect(204);
    assert_eq!(in_tenant(&server, token, "acme").await, [401; 2], "which is gone");
    let mut assertion = says("corp", "u-1");
    assertion.tenant = "nowhere".parse().unwrap();
    let nowhere = issuer.signs_in(&server, assertion);
    assert_eq!(nowhere.get(GROUPS).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn what_the_issuer_did_not_say_is_refused_as_nonsense_is() {
    let (server, issuer) = Issuer::trusted().await;
    let rows = server.rows();
    let stranger = server.with_token("eyJhbGciOiJFUzI1NiJ9.e30.c2ln");
    for path in [GROUPS, "/v1/tenants/default/secrets", "/api/default/secrets"] {
        let refused = stranger.get(path).await;
        assert_eq!(refused.refused(401), "unauthenticated");
        assert_eq!(bare(&refused), bare(&server.with_token("nonsense").get(path).await));
    }
    assert_eq!(server.rows(), rows, "and nobody comes into being by it");
    assert_eq!(issuer.asked(), 3, "nonsense is not even asked about");
    let ana = issuer.signs_in(&server, vouches("corp", "u-1", "ana@acme.dev"));
    server.clock.advance(Duration::from_secs(3_600 - 1));
    ana.get(GROUPS).await.expect(200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(ana.get(GROUPS).await.refused(401), "unauthenticated", "it is asked each time");
}

#[tokio::test]
async fn while_the_issuer_cannot_be_reached_its_users_wait_and_others_do_not() {
    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let (_, jwt) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let ana = issuer.signs_in(&server, says("corp", "u-1"));
    ana.get(GROUPS).await.expect(200);
    issuer.is_away(true);
    let rows = server.rows();
    for path in [GROUPS, "/v1/tenants/default/secrets", "/api/default/secrets"] {
        let refused = ana.get(path).await;
        assert_eq!(refused.refused(503), "key-unavailable");
        assert!(refused.headers.contains_key("retry-after"));
    }
    let asked = issuer.asked();
    admin.get(GROUPS).await.expect(200);
    server.with_token(&jwt).get(GROUPS).await.expect(200);
    assert_eq!(issuer.asked(), asked, "tokens of our own are nobody else's business");
    assert_eq!(server.rows(), rows);
    issuer.is_away(false);
    ana.get(GROUPS).await.expect(200);
}

#[tokio::test]
async fn what_is_minted_with_it_ends_when_it_does() {
    let (server, issuer) = Issuer::trusted().await;
    let ana = with_scopes(vouches("corp", "u-1", "ana@acme.dev"), &["keys:write", "secrets:read"]);
    let ana = issuer.signs_in(&server, ana);
    let ends = server.clock.millis() + 3_600_000;
    let laptop = personal(&server, &ana, "laptop").await;
    assert_eq!(current(&laptop).await["expiresAt"], ends);
    assert_eq!(current(&laptop).await["scopes"], json!(["secrets:read", "keys:write"]));
    assert_eq!(text(&tokens_of(&ana, "").await[0], "name"), "laptop");
    let longer = json!({ "name": "longer", "expirationDate": "2026-01-02" });
    assert_eq!(asks_for_token(&ana, longer).await.refused(403), "beyond-minter");
    let minted = ana.post(&format!("{DEFAULT}/tokens:generate"), json!({})).await.expect(201);
    assert_eq!(minted["expiresAt"], ends);
    assert_eq!(minted["createdBy"], "ana@acme.dev");

    let begun = begins(&server, json!({ "preset": "observer" })).await;
    let fields =
        [("code", begun.user.as_str()), ("token", ana.token().unwrap()), ("decision", "approve")];
    assert_eq!(submits(&server, &fields).await.0, 200, "the page takes it as any other");
    let approved = polls(&server, &begun).await.expect(200);
    let device = server.with_token(&text(&approved, "apiKey"));
    assert_eq!(current(&device).await["expiresAt"], ends);
    server.clock.advance(Duration::from_secs(3_600));
    for bearer in [&laptop, &device, &ana] {
        assert_eq!(bearer.get(GROUPS).await.refused(401), "unauthenticated");
    }
    assert_eq!(on_record(&server, "action=user.create").await.len(), 1);
}

#[tokio::test]
async fn an_account_is_told_from_a_user_by_its_key_alone() {
    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let (_, jwt) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let asked = issuer.asked();
    let tampered = format!("{}AAAA", &jwt[..jwt.len() - 4]);
    assert_eq!(server.with_token(&tampered).get(GROUPS).await.refused(401), "unauthenticated");
    assert_eq!(issuer.asked(), asked, "one with a key of ours is never somebody else's to accept");
    let kid = jwt.replacen('.', "x.", 1);
    assert_eq!(server.with_token(&kid).get(GROUPS).await.refused(401), "unauthenticated");
    assert_eq!(issuer.asked(), asked + 1, "one without is asked about");
}
