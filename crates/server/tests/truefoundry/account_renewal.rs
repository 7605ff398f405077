//! New tokens for a virtual account: how long the old one goes on, and how an account ends.

use crate::{
    GROUPS,
    cast::{account_manifest, faults},
    holders::{
        account_at, account_of, claims, makes_account, on_record, puts_account, regenerates, text,
        token_again,
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{TestServer, shape};

/// The ids of an account's tokens, newest first.
fn jwts(account: &Value) -> Vec<String> {
    account["jwts"].as_array().unwrap().iter().map(|jwt| text(jwt, "id")).collect()
}

#[tokio::test]
async fn the_old_token_works_until_its_grace_is_over_and_not_a_second_longer() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, old) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let first = text(&account_of(&admin, &id).await, "jwtId");
    server.clock.advance(Duration::from_secs(60));
    let reply = regenerates(&admin, &id, 30).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let made = reply.expect(200);
    assert_eq!(shape(&made), ["token: string"]);
    let new = text(&made, "token");
    assert_ne!(new, old);
    let account = account_of(&admin, &id).await;
    assert_eq!(jwts(&account), [text(&account, "jwtId"), first.clone()], "both are shown");
    assert_eq!(account["jwts"][1]["expiry"], "2026-01-01T00:31:00Z");
    assert_eq!(claims(&new)["jti"], account["jwtId"]);
    assert_eq!(claims(&new)["exp"], claims(&old)["exp"], "the account's end stays");
    let (old, new) = (server.with_token(&old), server.with_token(&new));
    for bearer in [&old, &new] {
        bearer.get(GROUPS).await.expect(200);
    }
    assert_eq!(text(&token_again(&admin, &id).await.expect(200), "token"), new.token().unwrap());
    server.clock.advance(Duration::from_secs(30 * 60 - 1));
    old.get(GROUPS).await.expect(200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(old.get(GROUPS).await.refused(401), "unauthenticated");
    new.get(GROUPS).await.expect(200);
    let recorded = on_record(&server, &format!("resourceId={first}&decision=ALLOWED")).await;
    assert_eq!(recorded, ["token.mint", "token.update"]);
}

#[tokio::test]
async fn without_grace_the_old_token_is_dead_at_once_and_a_longer_grace_revives_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, first) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let made = async |grace: Value| {
        let made = regenerates(&admin, &id, grace).await.expect(200);
        server.with_token(&text(&made, "token"))
    };
    let first = server.with_token(&first);
    let second = made(json!(0)).await;
    assert_eq!(first.get(GROUPS).await.refused(401), "unauthenticated");
    let third = made(json!(10.0)).await;
    let fourth = made(json!(0.5)).await;
    server.clock.advance(Duration::from_secs(29));
    for bearer in [&second, &third, &fourth] {
        bearer.get(GROUPS).await.expect(200);
    }
    server.clock.advance(Duration::from_secs(1));
    for bearer in [&second, &third] {
        bearer.get(GROUPS).await.expect(401);
    }
    let fifth = made(json!(60)).await;
    for (bearer, status) in [(&first, 401), (&second, 401), (&third, 401), (&fourth, 200)] {
        bearer.get(GROUPS).await.expect(status);
    }
    fifth.get(GROUPS).await.expect(200);
}

#[tokio::test]
async fn a_grace_that_is_none_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let rows = server.rows();
    for odd in [json!(-1), json!(-0.001), json!(1e18), json!(366 * 24 * 60 + 1)] {
        let refused = regenerates(&admin, &id, odd.clone()).await;
        assert_eq!(faults(&refused), ["/gracePeriodInMinutes"], "{odd}");
    }
    for odd in [json!("30"), json!(null), json!([])] {
        assert_eq!(regenerates(&admin, &id, odd.clone()).await.status, 422, "{odd}");
    }
    let path = format!("{}/regenerate-token", account_at(&id));
    assert_eq!(admin.post(&path, json!({})).await.status, 422);
    assert_eq!(server.rows(), rows);
    server.with_token(&token).get(GROUPS).await.expect(200);
}

#[tokio::test]
async fn a_token_taken_back_leaves_the_account_as_it_is() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, old) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let (other, _) = makes_account(&admin, &account_manifest("other", &[])).await;
    let foreign = text(&account_of(&admin, &other).await, "jwtId");
    let new = text(&regenerates(&admin, &id, 60).await.expect(200), "token");
    let ids = jwts(&account_of(&admin, &id).await);
    let jwt = |id: &str, jwt: &str| format!("{}/jwt/{jwt}", account_at(id));
    for path in [jwt(&id, &foreign), jwt(&other, &ids[0]), jwt(&id, &id), jwt(&ids[0], &ids[0])] {
        assert_eq!(admin.delete(&path).await.refused(404), "not-found", "{path}");
    }
    let reply = admin.delete(&jwt(&id, &ids[0])).await;
    assert_eq!((reply.status.as_u16(), reply.bytes.len()), (204, 0));
    assert_eq!(server.with_token(&new).get(GROUPS).await.refused(401), "unauthenticated");
    server.with_token(&old).get(GROUPS).await.expect(200);
    assert_eq!(admin.delete(&jwt(&id, &ids[0])).await.refused(404), "not-found", "for good");
    admin.delete(&jwt(&id, &ids[1])).await.expect(204);
    let account = account_of(&admin, &id).await;
    assert_eq!((jwts(&account).len(), &account["jwtId"]), (0, &json!(null)));
    assert_eq!((&account["name"], &account["isExpired"]), (&json!("ci"), &json!(true)));
    assert_eq!(token_again(&admin, &id).await.refused(404), "not-found");
    let fresh = text(&regenerates(&admin, &id, 0).await.expect(200), "token");
    server.with_token(&fresh).get(GROUPS).await.expect(200);
    assert_eq!(server.with_token(&old).get(GROUPS).await.status, 401, "which revives nothing");
    let used = on_record(&server, "action=token.use_revoked").await;
    assert_eq!(used.len(), 2, "that it was presented is on record");
}

#[tokio::test]
async fn an_account_ends_with_its_last_day_and_a_new_token_does_not_change_that() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let mut manifest = account_manifest("ci", &[]);
    manifest["expiration_date"] = json!("2026-01-10");
    let (id, token) = makes_account(&admin, &manifest).await;
    let bearer = server.with_token(&token);
    let ids = jwts(&account_of(&admin, &id).await);
    admin.delete(&format!("{}/jwt/{}", account_at(&id), ids[0])).await.expect(204);
    let renewed = text(&regenerates(&admin, &id, 0).await.expect(200), "token");
    assert_eq!(claims(&renewed)["exp"], claims(&token)["exp"], "though none was left to go by");
    assert_eq!(bearer.get(GROUPS).await.status, 401);
    let bearer = server.with_token(&renewed);
    server.clock.advance(Duration::from_secs(10 * 86_400 - 1));
    bearer.get(GROUPS).await.expect(200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(bearer.get(GROUPS).await.refused(401), "unauthenticated");
    assert_eq!(account_of(&admin, &id).await["isExpired"], true);
    assert_eq!(token_again(&admin, &id).await.refused(404), "not-found");
    let rows = server.rows();
    assert_eq!(faults(&regenerates(&admin, &id, 0).await), ["/manifest/expiration_date"]);
    assert_eq!(server.rows(), rows);

    manifest["expiration_date"] = json!("2026-01-20");
    let put = puts_account(&admin, &manifest).await.expect(200);
    assert_eq!(shape(&put), ["data: object"]);
    assert_eq!(bearer.get(GROUPS).await.status, 401, "what is dead stays dead");
    let fresh = text(&regenerates(&admin, &id, 0).await.expect(200), "token");
    assert_eq!(claims(&fresh)["exp"], 1_767_225_600 + 20 * 86_400);
    server.with_token(&fresh).get(GROUPS).await.expect(200);
    assert_eq!(account_of(&admin, &id).await["isExpired"], false);
}

#[tokio::test]
async fn a_living_accounts_end_moves_with_its_manifest() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let mut manifest = account_manifest("ci", &[]);
    manifest["expiration_date"] = json!("2026-01-10");
    let (id, token) = makes_account(&admin, &manifest).await;
    manifest["expiration_date"] = json!("2026-01-02");
    puts_account(&admin, &manifest).await.expect(200);
    let sooner = text(&token_again(&admin, &id).await.expect(200), "token");
    assert_eq!(claims(&sooner)["exp"], 1_767_225_600 + 2 * 86_400);
    assert_eq!(claims(&sooner)["jti"], claims(&token)["jti"], "the same token, ending sooner");
    server.clock.advance(Duration::from_secs(2 * 86_400));
    for text in [&token, &sooner] {
        assert_eq!(server.with_token(text).get(GROUPS).await.status, 401, "in both spellings");
    }
}
