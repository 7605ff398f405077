//! `X-API-KEY` and Bearer: the same token by either, and never two that differ.

use crate::{SECRETS, bare, with};
use http::Method;
use serde_json::json;
use subrosa_testkit::{DEFAULT, TestServer};

#[tokio::test]
async fn a_token_is_accepted_by_either_header_or_by_both() {
    let server = TestServer::start().await;
    let token = server.admin("default").await.token().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let small = format!("bearer {token}");
    for headers in [
        vec![("x-api-key", &*token)],
        vec![("X-API-KEY", &*token)],
        vec![("authorization", &*bearer)],
        vec![("authorization", &*bearer), ("x-api-key", &*token)],
        vec![("authorization", &*small), ("x-api-key", &*token)],
    ] {
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        with(&server, Method::GET, SECRETS, &headers).await.expect(200);
        let read = with(&server, Method::GET, "/api/default/admin/apiKeys", &headers).await;
        assert_eq!(read.expect(200), json!([]), "{names:?}");
    }
}

#[tokio::test]
async fn two_claims_that_differ_are_no_credential_even_when_both_are_good() {
    let server = TestServer::start().await;
    let one = server.admin("default").await.token().unwrap().to_owned();
    let other = server.admin("default").await.token().unwrap().to_owned();
    let (bearer, basic) = (format!("Bearer {one}"), format!("Basic {one}"));
    let (twice, inside) = (format!("{one}, {one}"), format!("Bearer {one}"));
    let none = bare(&with(&server, Method::GET, SECRETS, &[]).await);
    assert_eq!(none.0, 401);
    assert!(none.1.contains(&"www-authenticate: Bearer".to_owned()));
    for headers in [
        vec![("authorization", &*bearer), ("x-api-key", &*other)],
        vec![("authorization", &*bearer), ("x-api-key", "")],
        vec![("authorization", &*bearer), ("x-api-key", "wrong")],
        vec![("authorization", "Bearer wrong"), ("x-api-key", &*one)],
        vec![("authorization", &*basic), ("x-api-key", &*one)],
        vec![("authorization", ""), ("x-api-key", &*one)],
        vec![("x-api-key", &*one), ("x-api-key", &*one)],
        vec![("x-api-key", &*one), ("x-api-key", &*other)],
        vec![("authorization", &*bearer), ("x-api-key", &*one), ("x-api-key", &*one)],
        vec![("authorization", &*bearer), ("authorization", &*bearer), ("x-api-key", &*one)],
        vec![("x-api-key", &*twice)],
        vec![("x-api-key", &*inside)],
        vec![("x-api-key", "")],
        vec![("x-api-key", "sr_pat_wrong")],
        vec![("api-key", &*one)],
        vec![("cookie", &*one)],
    ] {
        let refused = with(&server, Method::GET, SECRETS, &headers).await;
        assert_eq!(bare(&refused), none, "{headers:?}");
    }
    let in_the_query = format!("{SECRETS}?x-api-key={one}&apiKey={one}&access_token={one}");
    assert_eq!(bare(&with(&server, Method::GET, &in_the_query, &[]).await), none);
}

#[tokio::test]
async fn the_header_is_nothing_on_paths_of_other_surfaces() {
    let server = TestServer::start().await;
    let one = server.admin("default").await.token().unwrap().to_owned();
    let bearer = format!("Bearer {one}");
    let path = format!("{DEFAULT}/secrets");
    let alone = with(&server, Method::GET, &path, &[("x-api-key", &*one)]).await;
    assert_eq!(alone.refused(401), "unauthenticated");
    let beside = [("authorization", &*bearer), ("x-api-key", "another")];
    with(&server, Method::GET, &path, &beside).await.expect(200);
}

#[tokio::test]
async fn a_key_works_in_its_own_tenant_alone() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let acme = server.admin("acme").await.token().unwrap().to_owned();
    with(&server, Method::GET, "/api/acme/secrets", &[("x-api-key", &acme)]).await.expect(200);
    let foreign = with(&server, Method::GET, SECRETS, &[("x-api-key", &acme)]).await;
    let absent = with(&server, Method::GET, "/api/nobody/secrets", &[("x-api-key", &acme)]).await;
    assert_eq!(foreign.refused(404), "not-found");
    assert_eq!(bare(&foreign), bare(&absent));
}

#[tokio::test]
async fn the_operators_socket_does_not_serve_this_surface() {
    let server = TestServer::start().await;
    assert_eq!(server.operator().get(SECRETS).await.refused(404), "not-found");
}
