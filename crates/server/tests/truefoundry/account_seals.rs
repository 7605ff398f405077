//! Rows of virtual accounts changed behind the server's back open nothing, and say so on record.

use crate::{
    GROUPS,
    cast::{account_manifest, makes, secret_at, secret_id},
    holders::{account_at, account_of, makes_account, on_record, regenerates, text, token_again},
};
use subrosa_testkit::{TestServer, blob, id_of};

const INTEGRITY: &str = "integrity-failure";

/// A server with an account that administers a group, its id, and its token.
async fn with_an_account() -> (TestServer, String, String) {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[("K", "v")]).await;
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[("prod", "admin")])).await;
    (server, id, token)
}

/// That the token is refused for what became of its rows, and that this is on record.
async fn is_refused(server: &TestServer, token: &str, what: &str) {
    is_refused_in(server, "default", token, what).await;
}

/// The same on the record of the tenant that the row is said to be of.
async fn is_refused_in(server: &TestServer, slug: &str, token: &str, what: &str) {
    let refused = server.with_token(token).get(GROUPS).await;
    assert_eq!(refused.refused(500), INTEGRITY, "{what}");
    let path = format!("/v1/tenants/{slug}/auditEvents?action=integrity.failure");
    let events = server.operator().get(&path).await.expect(200)["items"].clone();
    let events = events.as_array().unwrap();
    assert!(!events.is_empty(), "{what}");
    assert!(events.iter().all(|event| event["decision"] != "ALLOWED"), "{what}");
}

#[tokio::test]
async fn an_edited_row_of_its_token_opens_nothing() {
    for (what, sql) in [
        ("end", "UPDATE tokens SET expires_at = expires_at + 1000000 WHERE kind = 5"),
        ("kind", "UPDATE tokens SET kind = 1 WHERE kind = 5"),
        ("scopes", "UPDATE tokens SET scopes = 'secrets:read secrets:reveal' WHERE kind = 5"),
        ("hash", "UPDATE tokens SET digest = randomblob(32) WHERE kind = 5"),
        ("seal", "UPDATE tokens SET seal = randomblob(32) WHERE kind = 5"),
    ] {
        let (server, id, token) = with_an_account().await;
        let server = server.tampered(sql).await;
        is_refused(&server, &token, what).await;
        let admin = server.admin("default").await;
        for reply in [token_again(&admin, &id).await, regenerates(&admin, &id, 0).await] {
            assert_eq!(reply.refused(500), INTEGRITY, "{what}");
        }
    }
}

#[tokio::test]
async fn a_revoked_token_brought_back_to_life_opens_nothing() {
    let (server, id, token) = with_an_account().await;
    let admin = server.admin("default").await;
    let jti = text(&account_of(&admin, &id).await, "jwtId");
    admin.delete(&format!("{}/jwt/{jti}", account_at(&id))).await.expect(204);
    let server = server.tampered("UPDATE tokens SET revoked_at = NULL WHERE kind = 5").await;
    is_refused(&server, &token, "revocation").await;
}

#[tokio::test]
async fn a_token_given_to_another_account_opens_nothing() {
    let (server, id, token) = with_an_account().await;
    let admin = server.admin("default").await;
    let (_, other) = makes_account(&admin, &account_manifest("other", &[])).await;
    let (from, to) = (&other, blob(&id));
    let server =
        server.tampered(&format!("UPDATE tokens SET principal_id = {to} WHERE kind = 5")).await;
    is_refused(&server, from, "another's roles").await;
    server.with_token(&token).get(GROUPS).await.expect(200);
}

#[tokio::test]
async fn an_edited_account_opens_nothing() {
    for (what, sql) in [
        ("name", "UPDATE principals SET name = 'root' WHERE kind = 4"),
        ("scopes", "UPDATE principals SET scopes = 'tenant:admin' WHERE kind = 4"),
        ("kind", "UPDATE principals SET kind = 1 WHERE kind = 4"),
        (
            "manifest",
            "UPDATE principals SET manifest = replace(manifest, 'ci', 'cd') WHERE kind = 4",
        ),
        ("seal", "UPDATE principals SET seal = randomblob(32) WHERE kind = 4"),
    ] {
        let (server, id, token) = with_an_account().await;
        let server = server.tampered(sql).await;
        is_refused(&server, &token, what).await;
        let admin = server.admin("default").await;
        assert_eq!(token_again(&admin, &id).await.refused(500), INTEGRITY, "{what}");
    }
    let (server, id, token) = with_an_account().await;
    server.admin("default").await.delete(&account_at(&id)).await.expect(200);
    let server = server.tampered("UPDATE principals SET state = 1 WHERE kind = 4").await;
    is_refused(&server, &token, "a deleted account brought back").await;
}

#[tokio::test]
async fn an_edited_signing_key_signs_and_proves_nothing() {
    for (what, sql) in [
        ("public key", "UPDATE signing_keys SET public = randomblob(32)"),
        (
            "tenant",
            "UPDATE signing_keys SET tenant_id = (SELECT id FROM tenants WHERE slug = 'acme')",
        ),
        ("sealed seed", "UPDATE signing_keys SET value = randomblob(length(value))"),
        ("seal", "UPDATE signing_keys SET seal = randomblob(32)"),
    ] {
        let (server, id, token) = with_an_account().await;
        server.tenant("acme").await;
        let server = server.tampered(sql).await;
        let admin = server.admin("default").await;
        if what == "sealed seed" {
            // What proves a token is the public half, which still holds.
            server.with_token(&token).get(GROUPS).await.expect(200);
            assert_eq!(token_again(&admin, &id).await.refused(500), INTEGRITY);
            continue;
        }
        let chain = if what == "tenant" { "acme" } else { "default" };
        is_refused_in(&server, chain, &token, what).await;
        let shown = token_again(&admin, &id).await;
        assert_eq!(shown.status, 500, "{what}");
        assert!(!String::from_utf8_lossy(&shown.bytes).contains("eyJ"), "{what}");
        let published = server.stranger().get("/.well-known/jwks.json").await;
        assert_eq!(published.refused(500), INTEGRITY, "{what}: a wrong key is not handed out");
    }
}

#[tokio::test]
async fn a_public_key_of_somebodys_own_proves_nothing() {
    let (server, _, token) = with_an_account().await;
    server.tenant("acme").await;
    let (_, foreign) =
        makes_account(&server.admin("acme").await, &account_manifest("ci", &[])).await;
    let sql = "UPDATE signing_keys SET public = (SELECT public FROM signing_keys AS other \
        WHERE other.tenant_id = (SELECT id FROM tenants WHERE slug = 'acme')), \
        seal = (SELECT seal FROM signing_keys AS other \
        WHERE other.tenant_id = (SELECT id FROM tenants WHERE slug = 'acme')) \
        WHERE tenant_id = (SELECT id FROM tenants WHERE slug = 'default')";
    let server = server.tampered(sql).await;
    is_refused(&server, &token, "the key of another tenant under this one's id").await;
    server.with_token(&foreign).get(GROUPS).await.expect(200);
}

#[tokio::test]
async fn roles_written_into_a_groups_row_are_not_believed() {
    let (server, id, token) = with_an_account().await;
    let admin = server.admin("default").await;
    let other = makes(&admin, "other", &[("K", "v")]).await;
    let secret = secret_id(&other, "K");
    let sql = format!(
        "UPDATE groups SET members = (SELECT members FROM groups WHERE name = 'prod') WHERE id = {}",
        blob(&id_of(&other))
    );
    let server = server.tampered(&sql).await;
    let ci = server.with_token(&token);
    assert_eq!(ci.get(&secret_at(&secret)).await.refused(500), INTEGRITY);
    assert!(!on_record(&server, "action=integrity.failure").await.is_empty(), "{id}");
}
