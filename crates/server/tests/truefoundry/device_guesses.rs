//! Guesses at what people type to sign in: counted by address, whichever way they come.

use crate::{
    holders::text,
    sign_ins::{begins, code_at, polls, submits_from},
};
use axum::body::Body;
use http::Request;
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::{Reply, TestServer};

const HERE: &str = "192.0.2.1";
const ELSEWHERE: &str = "192.0.2.2";
const WRONG: &str = "BCDFGHJK";

/// Ten wrong codes from an address.
async fn uses_up(server: &TestServer, peer: &str) {
    for _ in 0..10 {
        assert_eq!(submits_from(server, peer, &[("code", WRONG)]).await.0, 404);
    }
}

#[tokio::test]
async fn after_ten_wrong_codes_an_address_waits_even_with_a_right_one_and_others_do_not() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({})).await;
    uses_up(&server, HERE).await;
    let right = [("code", begun.user.as_str())];
    let fields = [right[0], ("token", admin.token().unwrap()), ("decision", "approve")];
    for fields in [&right[..], &fields, &[("code", WRONG)]] {
        let (status, text) = submits_from(&server, HERE, fields).await;
        assert_eq!(status, 429, "{text}");
        assert!(!text.contains(admin.token().unwrap()));
    }
    let form = crate::sign_ins::form(&right, &[]);
    let refused = server.stranger().from(HERE).send_whole(form).await;
    assert_eq!(refused.refused(429), "too-many-requests");
    assert_eq!(refused.headers["retry-after"], "901");
    polls(&server, &begun).await.expect(202);
    assert_eq!(submits_from(&server, ELSEWHERE, &right).await.0, 200);
    assert_eq!(submits_from(&server, "2001:db8::1", &right).await.0, 200);
    server.clock.advance(Duration::from_secs(900));
    let again = begins(&server, json!({})).await;
    assert_eq!(submits_from(&server, HERE, &[("code", &again.user)]).await.0, 429, "not yet");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(submits_from(&server, HERE, &[("code", &again.user)]).await.0, 200);
}

#[tokio::test]
async fn guesses_by_the_api_and_by_the_page_are_counted_together() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({})).await;
    let here = admin.clone().from(HERE);
    for n in 0..10 {
        let wrong = match n % 4 {
            0 => here.get(&code_at(WRONG)).await,
            1 => here.post(&format!("{}:approve", code_at(WRONG)), json!({})).await,
            2 => here.post(&format!("{}:deny", code_at(WRONG)), json!({})).await,
            _ => {
                assert_eq!(submits_from(&server, HERE, &[("code", WRONG)]).await.0, 404);
                continue;
            }
        };
        assert_eq!(wrong.refused(404), "not-found");
    }
    for path in ["", ":approve", ":deny"] {
        let path = format!("{}{path}", code_at(&begun.user));
        let refused = match path.ends_with(&begun.user) {
            true => here.get(&path).await,
            false => here.post(&path, json!({})).await,
        };
        assert_eq!(refused.refused(429), "too-many-requests");
    }
    here.get("/v1/tenants/default/secrets").await.expect(200);
    polls(&server, &begun).await.expect(202);
    admin.from(ELSEWHERE).get(&code_at(&begun.user)).await.expect(200);
    for _ in 0..20 {
        server.operator().get(&code_at(WRONG)).await.refused(404);
    }
    server.operator().get(&code_at(&begun.user)).await.expect(200);
}

#[tokio::test]
async fn right_codes_are_no_guesses_and_do_not_make_up_for_wrong_ones() {
    let server = TestServer::start().await;
    let begun = begins(&server, json!({})).await;
    let right = [("code", begun.user.as_str())];
    for _ in 0..30 {
        assert_eq!(submits_from(&server, HERE, &right).await.0, 200);
    }
    for _ in 0..10 {
        assert_eq!(submits_from(&server, HERE, &[("code", WRONG)]).await.0, 404);
        let (status, _) = submits_from(&server, HERE, &right).await;
        assert!(status == 200 || status == 429);
    }
    assert_eq!(submits_from(&server, HERE, &right).await.0, 429);
}

#[tokio::test]
async fn a_wrong_token_with_a_right_code_is_a_guess() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let poor = server.token("default", &[]).await;
    let begun = begins(&server, json!({})).await;
    let decides = async |peer: &str, token: &str| {
        let code = begun.user.as_str();
        submits_from(&server, peer, &[("code", code), ("token", token), ("decision", "approve")])
            .await
            .0
    };
    for _ in 0..20 {
        assert_eq!(decides(HERE, poor.token().unwrap()).await, 403, "one that works is none");
    }
    for n in 0..10 {
        assert_eq!(decides(HERE, &format!("sr_pat_{n}")).await, 401);
    }
    for token in ["sr_pat_10", admin.token().unwrap()] {
        assert_eq!(decides(HERE, token).await, 429);
    }
    assert_eq!(decides(ELSEWHERE, admin.token().unwrap()).await, 200);
}

#[tokio::test]
async fn of_many_guesses_at_once_ten_are_looked_at() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await.from(HERE);
    let mut guessing = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let admin = admin.clone();
        guessing.spawn(async move { admin.get(&code_at(WRONG)).await.status.as_u16() });
    }
    let statuses = guessing.join_all().await;
    let looked = statuses.iter().filter(|status| **status == 404).count();
    let waiting = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((looked, waiting), (10, 54));
}

#[tokio::test]
async fn behind_a_trusted_proxy_its_clients_are_told_apart_and_nobody_says_who_they_are() {
    let server = TestServer::start_guarded(1_000, &["10.0.0.0/8"]).await;
    let begun = begins(&server, json!({})).await;
    let guesses = async |peer: &str, forwarded: &str, code: &str| -> Reply {
        let form = crate::sign_ins::form(&[("code", code)], &[("x-forwarded-for", forwarded)]);
        server.stranger().from(peer).send_whole(form).await
    };
    for n in 0..10 {
        let forged = format!("203.0.113.{n}, 198.51.100.1");
        assert_eq!(guesses("10.0.0.1", &forged, WRONG).await.status, 404);
    }
    assert_eq!(guesses("10.0.0.1", "198.51.100.1", &begun.user).await.status, 429);
    assert_eq!(guesses("10.0.0.1", "198.51.100.2", &begun.user).await.status, 200);
    for n in 0..10 {
        assert_eq!(guesses(HERE, &format!("203.0.113.{n}"), WRONG).await.status, 404);
    }
    assert_eq!(guesses(HERE, "203.0.113.99", &begun.user).await.status, 429, "no proxy of ours");
}

#[tokio::test]
async fn nobody_without_a_credential_guesses_by_the_api() {
    let server = TestServer::start().await;
    let begun = begins(&server, json!({})).await;
    let stranger = server.stranger().from(HERE);
    for code in [WRONG, &begun.user] {
        assert_eq!(stranger.get(&code_at(code)).await.refused(401), "unauthenticated");
        let nonsense = Request::get(code_at(code)).header("authorization", "Bearer nonsense");
        let refused = stranger.send_whole(nonsense.body(Body::empty()).unwrap()).await;
        assert_eq!(text(&refused.expect(401), "code"), "unauthenticated");
    }
}
