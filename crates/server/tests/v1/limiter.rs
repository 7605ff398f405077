//! How many unknown credentials an address may send, and who stands for an address behind a proxy.

use axum::body::Body;
use http::Request;
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::{DEFAULT, Reply, TestServer};

/// Unknown credentials a second that the servers here let one address send.
const RATE: u32 = 3;

/// A request with these headers from `peer`.
async fn asks(server: &TestServer, peer: &str, headers: &[(&str, &str)]) -> Reply {
    let path = format!("{DEFAULT}/auth/health");
    let request = headers
        .iter()
        .fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    server.stranger().from(peer).send_whole(request.body(Body::empty()).unwrap()).await
}

/// A request from `peer` with a credential that nobody has, and with what is said of whom it comes from.
async fn guesses(server: &TestServer, peer: &str, forwarded: &str) -> u16 {
    let headers = [("authorization", "Bearer nonsense"), ("x-forwarded-for", forwarded)];
    asks(server, peer, &headers).await.status.as_u16()
}

/// As many unknown credentials as the rate allows at once.
async fn uses_up(server: &TestServer, peer: &str, forwarded: &str) {
    for _ in 0..RATE {
        assert_eq!(guesses(server, peer, forwarded).await, 401);
    }
    assert_eq!(guesses(server, peer, forwarded).await, 429);
}

#[tokio::test]
async fn above_the_rate_whatever_is_no_credential_is_told_to_wait_and_alike() {
    let server = TestServer::start_guarded(RATE, &[]).await;
    let admin = server.admin("default").await;
    let minted = server.operator().mints(json!({})).await;
    let revoked = format!("Bearer {}", minted["token"].as_str().unwrap());
    let token = format!("{DEFAULT}/tokens/{}", minted["id"].as_str().unwrap());
    server.operator().delete(&token).await.expect(204);
    uses_up(&server, "192.0.2.1", "").await;

    let first = asks(&server, "192.0.2.1", &[("authorization", "Bearer nonsense")]).await;
    assert_eq!(first.refused(429), "too-many-requests");
    assert_eq!(first.headers["retry-after"], "1");
    assert_eq!(first.headers["content-type"], "application/problem+json");
    let misspelt = format!("Bearer {}x", admin.token().unwrap());
    for wrong in ["Bearer", "Basic YTpi", "Bearer sr_pat_wrong", &revoked, &misspelt] {
        let reply = asks(&server, "192.0.2.1", &[("authorization", wrong)]).await;
        assert_eq!(reply.refused(429), "too-many-requests", "{wrong}");
        assert_eq!(reply.headers["retry-after"], "1");
        assert_eq!(reply.without_instance(), first.without_instance());
    }
    server.clock.advance(Duration::from_secs(1));
    uses_up(&server, "192.0.2.1", "").await;
}

#[tokio::test]
async fn a_valid_credential_is_never_refused_and_never_counted() {
    let server = TestServer::start_guarded(RATE, &[]).await;
    let path = format!("{DEFAULT}/secrets");
    let admin = server.admin("default").await.from("192.0.2.1");
    for _ in 0..10 * RATE {
        admin.get(&path).await.expect(200);
    }
    uses_up(&server, "192.0.2.1", "").await;
    for _ in 0..10 * RATE {
        assert_eq!(guesses(&server, "192.0.2.1", "").await, 429);
        admin.get(&path).await.expect(200);
    }
    let poor = server.token("default", &[]).await.from("192.0.2.1");
    assert_eq!(poor.get(&path).await.refused(403), "missing-scope", "known, and told why");
}

#[tokio::test]
async fn an_address_is_not_refused_for_what_another_sends() {
    let server = TestServer::start_guarded(RATE, &[]).await;
    uses_up(&server, "192.0.2.1", "").await;
    assert_eq!(guesses(&server, "::ffff:192.0.2.1", "").await, 429, "the same address");
    for other in ["192.0.2.2", "2001:db8::1"] {
        uses_up(&server, other, "").await;
    }
    assert_eq!(guesses(&server, "2001:db8::ffff", "").await, 429, "the same network of 64 bits");
    assert_eq!(guesses(&server, "2001:db8:0:1::1", "").await, 401);
}

#[tokio::test]
async fn a_request_without_a_credential_and_the_operator_are_not_counted() {
    let server = TestServer::start_guarded(1, &[]).await;
    let stranger = server.stranger().from("192.0.2.1");
    for _ in 0..10 {
        let refused = stranger.get(&format!("{DEFAULT}/secrets")).await;
        assert_eq!(refused.refused(401), "unauthenticated");
        let over_socket = Request::get(format!("{DEFAULT}/secrets"))
            .header("authorization", "Bearer nonsense")
            .body(Body::empty());
        let refused = server.operator().send_whole(over_socket.unwrap()).await;
        assert_eq!(refused.refused(401), "unauthenticated");
        stranger.get("/health/live").await.expect(200);
    }
    assert_eq!(guesses(&server, "192.0.2.1", "").await, 401);
}

#[tokio::test]
async fn no_limit_is_what_a_rate_of_zero_says() {
    let server = TestServer::start_guarded(0, &[]).await;
    for _ in 0..2_000 {
        assert_eq!(guesses(&server, "192.0.2.1", "").await, 401);
    }
}

#[tokio::test]
async fn what_a_client_says_of_its_own_address_changes_nothing() {
    for proxies in [&[][..], &["10.0.0.0/8"]] {
        let server = TestServer::start_guarded(RATE, proxies).await;
        uses_up(&server, "192.0.2.1", "").await;
        let names =
            ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded"];
        for name in names {
            for value in ["198.51.100.1", "10.0.0.1", "for=198.51.100.1", "198.51.100.1, 10.0.0.1"]
            {
                let headers = [("authorization", "Bearer nonsense"), (name, value)];
                let reply = asks(&server, "192.0.2.1", &headers).await;
                assert_eq!(reply.refused(429), "too-many-requests", "{name}: {value}");
            }
        }
        // Nor can it spend what another address has.
        assert_eq!(guesses(&server, "198.51.100.1", "").await, 401);
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_its_clients_apart() {
    let server = TestServer::start_guarded(RATE, &["10.0.0.0/8"]).await;
    uses_up(&server, "10.0.0.1", "198.51.100.1").await;
    uses_up(&server, "10.0.0.1", "198.51.100.2").await;
    assert_eq!(guesses(&server, "10.9.9.9", "198.51.100.1").await, 429, "by another proxy");
    assert_eq!(guesses(&server, "198.51.100.1", "").await, 429, "past the proxies");
    for forged in ["203.0.113.9", "10.0.0.1", "garbage", ""] {
        let line = format!("{forged}, 198.51.100.1");
        assert_eq!(guesses(&server, "10.0.0.1", &line).await, 429, "{line}");
    }
    assert_eq!(guesses(&server, "10.0.0.1", "198.51.100.3").await, 401);
}

#[tokio::test]
async fn a_tokens_activity_names_the_client_and_not_the_proxy() {
    let server = TestServer::start_guarded(RATE, &["10.0.0.0/8"]).await;
    let minted = server.operator().mints(json!({})).await;
    let bearer = format!("Bearer {}", minted["token"].as_str().unwrap());
    let activity = format!("{DEFAULT}/tokens/{}/activity", minted["id"].as_str().unwrap());
    for (peer, forwarded, expected) in [
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
    ] {
        let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", forwarded)];
        asks(&server, peer, &headers).await.expect(200);
        server.clock.advance(Duration::from_secs(2));
        let seen = server.operator().get(&activity).await.expect(200);
        assert_eq!(seen["items"][0]["remoteIp"], expected, "{seen}");
    }
}
