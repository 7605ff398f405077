//! Users of an issuer: how they come into being, whom they are recognised as, and that it happens once.

use crate::{
    GROUPS, NOBODY,
    cast::{makes, names_of, shares},
    holders::{on_record, text},
    issuer::{Issuer, says, vouches},
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, TestServer, id_of};

const SESSION: &str = "/api/svc/v1/session";

/// Who somebody is, as their session says.
async fn subject(who: &Actor) -> Value {
    who.get(SESSION).await.expect(200)["user"]["subject"].clone()
}

/// Whom events of this action are about, oldest first.
async fn about(server: &TestServer, action: &str) -> Vec<String> {
    let events = server.operator().events(&format!("action={action}")).await;
    events.iter().rev().map(|event| text(&event["resource"], "key")).collect()
}

#[tokio::test]
async fn a_user_comes_into_being_at_the_first_sign_in_and_is_the_same_one_ever_after() {
    let (server, issuer) = Issuer::trusted().await;
    let ana = issuer.signs_in(&server, vouches("corp", "u-1", "ana@acme.dev"));
    let first = subject(&ana).await;
    assert_eq!(
        (&first["subjectSlug"], &first["subjectType"]),
        (&json!("ana@acme.dev"), &json!("user"))
    );
    let later = issuer.signs_in(&server, vouches("corp", "u-1", "ana@acme.dev"));
    assert_eq!(subject(&later).await, first, "by another token");
    let moved = issuer.signs_in(&server, vouches("corp", "u-1", "ana@other.dev"));
    assert_eq!(subject(&moved).await, first, "an address can change, and decides nothing any more");
    let silent = issuer.signs_in(&server, says("corp", "u-1"));
    assert_eq!(subject(&silent).await, first);
    let server = server.restart().await;
    let ana = server.with_token(ana.token().unwrap());
    assert_eq!(subject(&ana).await, first, "after a restart");
    assert_eq!(about(&server, "user.create").await, ["ana@acme.dev"]);
    let event = server.operator().events("action=user.create").await[0].clone();
    let actor = json!({ "kind": "user", "id": first["subjectId"], "token": null, "tool": null });
    assert_eq!(event["actor"], actor, "it was their own doing");
    assert_eq!(on_record(&server, "action=user.bind").await.len(), 0);
}

#[tokio::test]
async fn sixteen_first_requests_at_once_make_one_user() {
    let (server, issuer) = Issuer::trusted().await;
    let ana = issuer.signs_in(&server, vouches("corp", "u-1", "ana@acme.dev"));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let ana = ana.clone();
        asking.spawn(async move { subject(&ana).await["subjectId"].clone() });
    }
    let ids = asking.join_all().await;
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(about(&server, "user.create").await, ["ana@acme.dev"]);
}

#[tokio::test]
async fn who_is_named_by_address_is_recognised_once_and_by_nobody_else() {
    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[("K", "v")]).await);
    shares(&admin, &group, &[("user:ana@acme.dev", "viewer")]).await;
    let unverified = issuer.signs_in(&server, says("corp", "ana@acme.dev"));
    assert_eq!(names_of(&unverified, "").await, Vec::<String>::new(), "who only looks like her");

    let ana = issuer.signs_in(&server, vouches("corp", "u-1", "ana@acme.dev"));
    assert_eq!(names_of(&ana, "").await, ["prod"], "what waited for her");
    assert_eq!(about(&server, "user.bind").await, ["ana@acme.dev"]);
    for (iss, sub) in [("corp", "u-2"), ("other", "u-1")] {
        let twin = issuer.signs_in(&server, vouches(iss, sub, "ana@acme.dev"));
        assert_eq!(
            names_of(&twin, "").await,
            Vec::<String>::new(),
            "{iss} {sub}: the address is taken"
        );
        assert_eq!(subject(&twin).await["subjectSlug"], format!("{iss}:{sub}"));
        assert_ne!(subject(&twin).await["subjectId"], subject(&ana).await["subjectId"]);
    }
    assert_eq!(names_of(&ana, "").await, ["prod"]);
    assert_eq!(about(&server, "user.bind").await, ["ana@acme.dev"], "once");
    let made = ["ana@acme.dev", "corp:ana@acme.dev", "corp:u-2", "other:u-1"];
    assert_eq!(about(&server, "user.create").await, made);
}

#[tokio::test]
async fn one_subject_at_two_issuers_is_two_people_and_so_is_one_identity_in_two_tenants() {
    let (server, issuer) = Issuer::trusted().await;
    server.tenant("acme").await;
    let here = subject(&issuer.signs_in(&server, says("corp", "u-1"))).await;
    let other = subject(&issuer.signs_in(&server, says("other", "u-1"))).await;
    let mut assertion = says("corp", "u-1");
    assertion.tenant = "acme".parse().unwrap();
    let there = subject(&issuer.signs_in(&server, assertion)).await;
    assert_ne!(here["subjectId"], other["subjectId"]);
    assert_ne!(here["subjectId"], there["subjectId"]);
    assert_eq!(
        (&here["subjectSlug"], &other["subjectSlug"]),
        (&json!("corp:u-1"), &json!("other:u-1"))
    );
}

#[tokio::test]
async fn nobody_becomes_somebody_by_what_an_issuer_calls_them() {
    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let operator = subject(&admin).await["subjectId"].clone();
    for sub in ["operator", &text(&json!({ "id": operator }), "id"), NOBODY] {
        let who = issuer.signs_in(&server, says("corp", sub));
        let known = subject(&who).await;
        assert_ne!(known["subjectId"], operator);
        assert_eq!(known["subjectSlug"], format!("corp:{sub}"));
    }
}

#[tokio::test]
async fn an_identity_written_into_another_row_opens_nothing() {
    let (server, issuer) = Issuer::trusted().await;
    let ana = issuer.signs_in(&server, vouches("corp", "ana", "ana@acme.dev"));
    ana.get(GROUPS).await.expect(200);
    let eve = issuer.signs_in(&server, says("corp", "eve"));
    let sql = "UPDATE principals SET subject = 'eve' WHERE subject = 'ana'";
    let server = server.tampered(sql).await;
    let eve = server.with_token(eve.token().unwrap());
    assert_eq!(eve.get(GROUPS).await.refused(500), "integrity-failure");
    assert_eq!(on_record(&server, "action=integrity.failure").await.len(), 1);

    let (server, issuer) = Issuer::trusted().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[]).await);
    shares(&admin, &group, &[("user:ana@acme.dev", "admin")]).await;
    let ana = issuer.signs_in(&server, vouches("corp", "ana", "ana@acme.dev"));
    ana.get(GROUPS).await.expect(200);
    let sql = "UPDATE principals SET issuer = NULL, subject = NULL WHERE subject = 'ana'";
    let server = server.tampered(sql).await;
    let eve = issuer.signs_in(&server, vouches("corp", "eve", "ana@acme.dev"));
    let refused = eve.get(GROUPS).await;
    assert_eq!(refused.refused(500), "integrity-failure", "to be bound a second time");
}
