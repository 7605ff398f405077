//! A POST of a group whose answer was lost is sent again, blindly: the same request is the same group, and nothing else
//! that has its name is.

use crate::{
    NOBODY,
    cast::{
        account, asks_for, authorize_at, bare, group_at, makes, people, replaces, secret_at,
        secret_id, service, v1_at,
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, TestServer, id_of};

const SECRETS: [(&str, &str); 2] = [("K", "v"), ("L", "w")];

/// Sends the request again in its first words; what changed in the store meanwhile is nothing.
async fn again(server: &TestServer, who: &Actor) -> (u16, Value) {
    let rows = server.rows();
    let reply = asks_for(who, "abc", &SECRETS).await;
    assert_eq!(server.rows(), rows, "a repeated request changes nothing");
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn the_same_request_within_ten_minutes_is_the_same_group() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = makes(&admin, "abc", &SECRETS).await;
    for wait in [0, 1, 598_999] {
        server.clock.advance(Duration::from_millis(wait));
        assert_eq!(again(&server, &admin).await, (200, json!({ "data": made })));
    }
    let turned = makes(&admin, "abc", &[("L", "w"), ("K", "v")]).await;
    assert_eq!(turned, made, "in whatever order the keys are named");
    let another = server.token("default", &["secrets:write"]).await;
    assert_eq!(again(&server, &another).await.0, 200, "another token of the same principal");
    server.clock.advance(Duration::from_millis(999));
    assert_eq!(again(&server, &admin).await.0, 200, "a millisecond is left");
    server.clock.advance(Duration::from_millis(1));
    let (status, refused) = again(&server, &admin).await;
    assert_eq!((status, &refused["code"]), (409, &json!("already-exists")), "ten minutes are over");
}

#[tokio::test]
async fn another_request_for_a_name_that_is_taken_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = makes(&admin, "abc", &SECRETS).await;
    let rows = server.rows();
    for other in [
        &[("K", "v"), ("L", "another")][..],
        &[("K", "v"), ("L", "")],
        &[("K", "w"), ("L", "v")],
        &[("K", "v"), ("M", "w")],
        &[("k", "v"), ("L", "w")],
        &[("K", "v")],
        &[("K", "v"), ("L", "w"), ("M", "")],
        &[],
    ] {
        let refused = asks_for(&admin, "abc", other).await;
        assert_eq!(refused.refused(409), "already-exists", "{other:?}");
        assert_eq!(refused.json()["statusCode"], 409);
        assert!(!String::from_utf8_lossy(&refused.bytes).contains(&id_of(&made)));
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn a_request_of_somebody_else_is_refused_in_the_same_words_whatever_it_says() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "abc", &SECRETS).await;
    let other =
        service(&server, "other", &["secrets:read", "secrets:write", "secrets:reveal"]).await;
    let equal = asks_for(&other, "abc", &SECRETS).await;
    assert_eq!(equal.refused(409), "already-exists");
    let guessed = asks_for(&other, "abc", &[("K", "guess"), ("L", "guess")]).await;
    assert_eq!(
        bare(&equal),
        bare(&guessed),
        "a right guess at the values is as good as a wrong one"
    );
    let machine = account(&server, &admin, "ci", &[("abc", "admin")]).await;
    assert_eq!(asks_for(&machine, "abc", &SECRETS).await.refused(403), "missing-scope");
}

#[tokio::test]
async fn after_any_change_of_the_group_the_same_request_is_refused() {
    for what in 0..7 {
        let server = TestServer::start().await;
        let admin = server.admin("default").await;
        let made = makes(&admin, "abc", &SECRETS).await;
        let (id, secret) = (id_of(&made), secret_id(&made, "K"));
        let done = match what {
            0 => replaces(&admin, &id, &[("K", "x"), ("L", "w")]).await,
            1 => replaces(&admin, &id, &[("K", "v"), ("L", "w"), ("M", "x")]).await,
            2 => admin.delete(&secret_at(&secret)).await,
            3 => {
                let publish = json!({ "value": "v" });
                admin.post(&format!("{}:publish", v1_at(&secret)), publish).await
            }
            4 => {
                let body = json!({ "collaborators": people(&[("user:ana@acme.dev", "viewer")]) });
                admin.post(&authorize_at(&id), body).await
            }
            5 => {
                let there = replaces(&admin, &id, &[("K", "x"), ("L", "w")]).await;
                there.expect(200);
                replaces(&admin, &id, &SECRETS).await
            }
            _ => {
                admin.delete(&secret_at(&secret)).await.expect(200);
                replaces(&admin, &id, &SECRETS).await
            }
        };
        done.expect(200);
        let (status, refused) = again(&server, &admin).await;
        assert_eq!((status, &refused["code"]), (409, &json!("already-exists")), "change {what}");
    }
}

#[tokio::test]
async fn of_two_equal_requests_at_once_both_are_answered_with_one_group() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let admin = admin.clone();
        asking.spawn(async move { asks_for(&admin, "abc", &SECRETS).await.expect(200) });
    }
    let answers = asking.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(server.number("SELECT COUNT(*) FROM secrets"), 2);
    let made = server.operator().events("action=group.create").await;
    assert_eq!(made.len(), 1, "it was made once");
}

#[tokio::test]
async fn a_deleted_group_does_not_come_back_by_a_repeated_request() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = makes(&admin, "abc", &SECRETS).await;
    admin.delete(&group_at(&id_of(&made))).await.expect(200);
    let new = makes(&admin, "abc", &SECRETS).await;
    assert_ne!(new["id"], made["id"], "it is a new one");
    assert_ne!(id_of(&new), NOBODY);
}
