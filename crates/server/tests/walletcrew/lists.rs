//! The two lists: bare arrays, sorted, of names and never of what they stand for.

use crate::{KEYS, SECRETS, secret, text};
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::TestServer;

#[tokio::test]
async fn keys_are_listed_sorted_those_of_expired_and_of_coming_secrets_too() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    assert_eq!(text(&admin.get(SECRETS).await), "[]");
    let window = |from: &str, until: &str| json!({ "value": "canary", "notBefore": from, "expiresOn": until });
    let short = window("2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z");
    for (key, body) in [
        ("b", json!({ "value": "canary" })),
        ("A", short),
        ("_", window("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")),
        ("B-2", json!({ "value": "canary" })),
        ("B", json!({ "value": "canary" })),
    ] {
        admin.puts(&secret(key), body).await.expect(204);
    }
    server.clock.advance(Duration::from_secs(60));
    let listed = admin.get(SECRETS).await;
    assert_eq!(text(&listed), r#"["A","B","B-2","_","b"]"#);
    assert_eq!(listed.headers["content-type"], "application/json");
    let paged = admin.get(&format!("{SECRETS}?pageSize=1&page=2")).await;
    assert_eq!(paged.bytes, listed.bytes, "this list knows no pages");
}

#[tokio::test]
async fn a_list_shows_secrets_of_every_surface_and_of_its_own_tenant_alone() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let (admin, acme) = (server.admin("default").await, server.admin("acme").await);
    server.operator().creates(json!({ "key": "OURS", "value": "v" })).await;
    acme.puts("/api/acme/secrets/THEIRS", json!({ "value": "v" })).await.expect(204);
    assert_eq!(text(&admin.get(SECRETS).await), r#"["OURS"]"#);
    assert_eq!(text(&acme.get("/api/acme/secrets").await), r#"["THEIRS"]"#);
    assert_eq!(text(&acme.get("/api/acme/admin/apiKeys").await), "[]");
}

/// 10,000 rows like the one there is, each under a name of its own. Their seals are wrong, which nobody gets to see: a
/// list is refused for its length before it is read.
const MANY: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)";

#[tokio::test]
async fn of_more_than_10_000_neither_list_is_answered() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let token = admin.token().unwrap().to_owned();
    admin.puts(&secret("K"), json!({ "value": "v" })).await.expect(204);
    admin.post(KEYS, json!({ "name": "k" })).await.expect(201);
    let secrets = "INSERT INTO secrets SELECT tenant_id, randomblob(16), group_id, 'K' || i, sensitivity, \
         disclosure, not_before, expires_on, live_revision_id, live_version, live_sensitivity, \
         latest_version, readable_from, created_by, created_at, modified_at, row_version, seal, \
         description FROM n, secrets WHERE key = 'K'";
    let tokens = "INSERT INTO tokens SELECT tenant_id, randomblob(16), substr('000000000000' || i, -12), \
         digest, pepper_version, key_prefix, 'k' || i, kind, scopes, principal_id, created_by, \
         created_at, modified_at, expires_at, revoked_at, row_version, seal, disabled_at \
         FROM n, tokens WHERE kind = 7";
    let server = server.tampered(&format!("{MANY} {secrets}")).await;
    let server = server.tampered(&format!("{MANY} {tokens}")).await;
    let admin = server.with_token(&token);
    for path in [SECRETS, KEYS] {
        assert_eq!(admin.get(path).await.refused(400), "use-paging", "{path}");
    }
}
