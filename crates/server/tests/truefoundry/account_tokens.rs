//! A virtual account's token: what it says, who can check it, and that it can be had again.

use crate::{
    GROUPS,
    cast::{account_manifest, makes, names_of},
    holders::{
        account_of, claims, makes_account, on_record, parts, puts_account, text, token_again,
    },
};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

const JWKS: &str = "/.well-known/jwks.json";

/// The published keys.
async fn published(server: &TestServer) -> Vec<Value> {
    let set = server.stranger().get(JWKS).await.expect(200);
    assert_eq!(shape(&set), ["keys: array"]);
    set["keys"].as_array().unwrap().clone()
}

/// Whether a JWT's signature holds under a published key, as anyone would check it.
fn holds(jwt: &str, key: &Value) -> bool {
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let key = UnparsedPublicKey::new(&ED25519, bytes(key["x"].as_str().unwrap()));
    key.verify(signed.as_bytes(), &bytes(signature)).is_ok()
}

#[tokio::test]
async fn a_token_says_exactly_who_it_is_for_how_long_and_with_which_key() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    server.clock.advance(Duration::from_millis(1_999));
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let jti = text(&account_of(&admin, &id).await, "jwtId");
    let kid = text(&published(&server).await[0], "kid");
    let (header, said) = parts(&token);
    assert_eq!(header, format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#));
    let issued = 1_767_225_601_i64;
    let ends = issued + 3_650 * 86_400;
    let ids = format!(r#""sub":"{id}","jti":"{jti}","iat":{issued},"exp":{ends}"#);
    let names = r#""tenantName":"default","username":"ci","subjectType":"serviceaccount""#;
    assert_eq!(said, format!("{{{ids},{names}}}"));
    let mut brief = account_manifest("brief", &[]);
    brief["expiration_date"] = json!("2026-01-31");
    let (_, token) = makes_account(&admin, &brief).await;
    assert_eq!(claims(&token)["exp"], 1_767_225_600 + 31 * 86_400, "when that day is over");
}

#[tokio::test]
async fn anyone_can_check_a_token_by_the_published_keys_which_name_no_tenant() {
    let server = TestServer::start().await;
    assert_eq!(published(&server).await, Vec::<Value>::new(), "no accounts, no keys");
    let admin = server.admin("default").await;
    let (_, ci) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let (_, deploy) = makes_account(&admin, &account_manifest("deploy", &[])).await;
    for slug in ["acme", "globex"] {
        server.tenant(slug).await;
    }
    let (_, foreign) =
        makes_account(&server.admin("acme").await, &account_manifest("ci", &[])).await;
    let keys = published(&server).await;
    assert_eq!(keys.len(), 2, "one for each tenant that has accounts");
    let key_of = |jwt: &str| -> Value {
        let header: Value = serde_json::from_str(&parts(jwt).0).unwrap();
        keys.iter().find(|key| key["kid"] == header["kid"]).unwrap().clone()
    };
    assert_eq!(key_of(&ci), key_of(&deploy));
    assert_ne!(key_of(&ci), key_of(&foreign));
    for jwt in [&ci, &deploy, &foreign] {
        assert!(holds(jwt, &key_of(jwt)));
    }
    assert!(!holds(&ci, &key_of(&foreign)) && !holds(&foreign, &key_of(&ci)));
    for key in &keys {
        let expected = [
            "alg: string",
            "crv: string",
            "kid: string",
            "kty: string",
            "use: string",
            "x: string",
        ];
        assert_eq!(shape(key), expected);
        let said = [&key["kty"], &key["crv"], &key["alg"], &key["use"]];
        assert_eq!(said, ["OKP", "Ed25519", "EdDSA", "sig"]);
    }
    let text = json!(keys).to_string();
    for slug in ["default", "acme", "globex"] {
        let tenant = server.operator().get(&format!("/v1/tenants/{slug}")).await.expect(200);
        assert!(!text.contains(slug) && !text.contains(&id_of(&tenant)), "{slug}");
    }
    server.operator().delete("/v1/tenants/acme").await.expect(204);
    let left = published(&server).await;
    assert_eq!(left, [key_of(&ci)], "a key is gone with its tenant");
}

#[tokio::test]
async fn the_token_can_be_had_again_to_the_letter_after_a_restart_and_after_keys_rotate() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let again = async |server: &TestServer| {
        let reply = token_again(&server.admin("default").await, &id).await;
        assert_eq!(reply.headers["cache-control"], "no-store");
        let shown = reply.expect(200);
        assert_eq!(shape(&shown), ["token: string"]);
        text(&shown, "token")
    };
    assert_eq!(again(&server).await, token);
    server.clock.advance(Duration::from_secs(86_400));
    assert_eq!(again(&server).await, token, "a day later");
    let server = server.restart().await;
    assert_eq!(again(&server).await, token, "after a restart");
    let rotation = format!("{DEFAULT}/keys:rotate");
    server.operator().send(Method::POST, &rotation, None).await.expect(200);
    assert_eq!(again(&server).await, token, "while the signing key may be under either");
    server.app().rewrap_all().await.unwrap();
    assert_eq!(server.number("SELECT key_version FROM signing_keys"), 2);
    assert_eq!(again(&server).await, token, "after the rewrap");
    server.clock.advance(Duration::from_secs(8 * 86_400));
    assert_eq!(server.app().destroy_retired_keys().await.unwrap(), 1);
    let server = server.restart().await;
    assert_eq!(again(&server).await, token, "and without the old key");
    assert_eq!(published(&server).await.len(), 1, "it is signed with the key it was signed with");
    server.with_token(&token).get(GROUPS).await.expect(200);
}

#[tokio::test]
async fn that_a_token_is_shown_is_on_record_before_it_is() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let jti = text(&account_of(&admin, &id).await, "jwtId");
    for _ in 0..2 {
        token_again(&admin, &id).await.expect(200);
    }
    let query = "action=token.show";
    let events = server.operator().events(query).await;
    assert_eq!(events.len(), 2);
    let said = (&events[0]["resource"]["id"], &events[0]["surface"], &events[0]["decision"]);
    assert_eq!(said, (&json!(jti), &json!("truefoundry"), &json!("ALLOWED")));

    let lock = server.locked();
    let refused = token_again(&admin, &id).await;
    assert_eq!(refused.refused(503), "audit-unavailable");
    assert!(refused.headers.contains_key("retry-after"));
    let signature = token.rsplit('.').next().unwrap();
    assert!(!String::from_utf8_lossy(&refused.bytes).contains(signature), "nothing of the token");
    drop(lock);
    assert_eq!(on_record(&server, query).await.len(), 2, "what was refused was not shown");
    token_again(&admin, &id).await.expect(200);
    assert_eq!(on_record(&server, query).await.len(), 3);
}

#[tokio::test]
async fn making_an_account_says_so_on_record_and_shows_its_first_token_by_that() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let before = on_record(&server, "").await.len();
    let (id, _) = makes_account(&admin, &account_manifest("ci", &[("prod", "viewer")])).await;
    let made = ["virtualAccount.create", "signingKey.create", "token.mint", "group.roles"];
    assert_eq!(on_record(&server, "").await[before..], made);
    makes_account(&admin, &account_manifest("deploy", &[])).await;
    let made = ["virtualAccount.create", "token.mint"];
    assert_eq!(on_record(&server, "").await[before + 4..], made, "the key is there by now");
    let recorded = on_record(&server, &format!("resourceId={id}")).await;
    assert_eq!(recorded, ["virtualAccount.create"]);
}

#[tokio::test]
async fn whoever_ends_makes_no_account_that_lives_on() {
    let server = TestServer::start().await;
    let body = json!({ "preset": "admin", "expirationDays": 10 });
    let minted = server.operator().mints(body).await;
    let minter = server.with_token(&text(&minted, "token"));
    let mut longer = account_manifest("ci", &[]);
    longer["expiration_date"] = json!("2026-01-11");
    let rows = server.rows();
    assert_eq!(puts_account(&minter, &longer).await.refused(403), "beyond-minter");
    assert_eq!(server.rows(), rows);
    let (_, token) = makes_account(&minter, &account_manifest("ci", &[])).await;
    assert_eq!(claims(&token)["exp"], 1_767_225_600 + 10 * 86_400, "the minter's own end");
    assert_eq!(puts_account(&minter, &longer).await.refused(403), "beyond-minter");
}

#[tokio::test]
async fn an_account_acts_by_its_roles_and_on_no_other_surface() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.keeps("KEY", "v").await;
    makes(&admin, "prod", &[("K", "v")]).await;
    makes(&admin, "other", &[("K", "v")]).await;
    let manifest = account_manifest("ci", &[("prod", "admin")]);
    let (_, token) = makes_account(&admin, &manifest).await;
    let ci = server.with_token(&token);
    assert_eq!(names_of(&ci, "").await, ["prod"], "neither other groups nor the group default");
    let expected = [("/v1/tenants/default/secrets", 403), ("/api/default/secrets", 403)];
    for (path, status) in expected {
        assert_eq!(ci.get(path).await.refused(status), "missing-scope", "{path}");
    }
    ci.get("/v1/tenants/acme/secrets").await.refused(404);
    for path in [crate::ACCOUNTS, crate::BINDINGS] {
        assert_eq!(ci.get(path).await.refused(403), "missing-scope", "{path}");
    }
    let refused = puts_account(&ci, &account_manifest("ci", &[("prod", "admin")])).await;
    assert_eq!(refused.expect(403)["required"], "keys:write");
}
