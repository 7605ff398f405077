//! JWTs that are refused: every one as if it were nonsense, whatever is wrong with it.

use crate::{
    GROUPS,
    cast::{account_manifest, bare, makes, names_of},
    holders::{account_at, account_of, claims, makes_account, on_record, parts, regenerates, text},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::TestServer;

fn encoded(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// A JWT with another header and other claims over the same signature.
fn dressed(jwt: &str, header: &str, claims: &str) -> String {
    let signature = jwt.rsplit('.').next().unwrap();
    format!("{}.{}.{signature}", encoded(header), encoded(claims))
}

/// That nobody on any surface takes it for a credential, and that it is refused as nonsense is.
async fn opens_nothing(server: &TestServer, jwt: &str, what: &str) {
    for path in [GROUPS, "/v1/tenants/default/secrets", "/api/default/secrets"] {
        let refused = server.with_token(jwt).get(path).await;
        assert_eq!(refused.refused(401), "unauthenticated", "{what}");
        let nonsense = server.with_token("nonsense").get(path).await;
        assert_eq!(bare(&refused), bare(&nonsense), "{what}");
    }
}

#[tokio::test]
async fn nothing_but_the_signed_text_itself_is_taken() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    makes(&admin, "prod", &[]).await;
    let manifest = account_manifest("ci", &[("prod", "viewer")]);
    let (id, jwt) = makes_account(&admin, &manifest).await;
    let (other, second) = makes_account(&admin, &account_manifest("other", &[])).await;
    let (_, foreign) =
        makes_account(&server.admin("acme").await, &account_manifest("ci", &[])).await;
    let (header, said) = parts(&jwt);
    let (foreign_header, foreign_said) = parts(&foreign);
    let swapped = |from: &str, to: &str| said.replacen(from, to, 1);
    let (_, second_said) = parts(&second);
    let own = claims(&jwt);
    let exp = own["exp"].as_i64().unwrap();
    let wrong = [
        ("another subject", dressed(&jwt, &header, &swapped(&id, &other))),
        (
            "a longer life",
            dressed(&jwt, &header, &swapped(&exp.to_string(), &(exp + 1).to_string())),
        ),
        ("another tenant", dressed(&jwt, &header, &swapped("default", "acme"))),
        ("another name", dressed(&jwt, &header, &swapped(r#""ci""#, r#""root""#))),
        ("a claim more", dressed(&jwt, &header, &swapped("{", r#"{"admin":true,"#))),
        ("white space", dressed(&jwt, &header, &swapped(":", ": "))),
        ("another's claims", dressed(&jwt, &header, &second_said)),
        ("a foreign key", dressed(&jwt, &foreign_header, &said)),
        ("a foreign key over foreign claims", dressed(&jwt, &foreign_header, &foreign_said)),
        ("its own key over foreign claims", dressed(&foreign, &header, &foreign_said)),
        ("no algorithm", dressed(&jwt, &header.replace("EdDSA", "none"), &said)),
        ("an algorithm of secrets", dressed(&jwt, &header.replace("EdDSA", "HS256"), &said)),
        (
            "a key that is nobody's",
            dressed(&jwt, &header.replacen("\"kid\":\"0", "\"kid\":\"1", 1), &said),
        ),
        ("no key", dressed(&jwt, r#"{"alg":"EdDSA","typ":"JWT"}"#, &said)),
        ("a header more", dressed(&jwt, &header.replace('}', r#","jku":"http://a"}"#), &said)),
        ("no signature", format!("{}.{}.", encoded(&header), encoded(&said))),
        (
            "another's signature",
            format!(
                "{}.{}.{}",
                encoded(&header),
                encoded(&said),
                second.rsplit('.').next().unwrap()
            ),
        ),
        ("a longer signature", format!("{jwt}AA")),
        ("padding", format!("{jwt}==")),
        ("a part more", format!("{jwt}.AA")),
        ("a space before", format!(" {jwt}")),
    ];
    for (what, text) in &wrong {
        opens_nothing(&server, text, what).await;
    }
    let signature = jwt.rsplit('.').next().unwrap();
    for at in [0, 1, 42, signature.len() - 2] {
        let place = jwt.len() - signature.len() + at;
        let other = if jwt.as_bytes()[place] == b'A' { "B" } else { "A" };
        let flipped = format!("{}{other}{}", &jwt[..place], &jwt[place + 1..]);
        opens_nothing(&server, &flipped, "a wrong signature").await;
    }
    assert_eq!(names_of(&server.with_token(&jwt), "").await, ["prod"], "and the text itself is");
    assert_eq!(names_of(&server.with_token(&foreign), "").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_good_signature_over_a_row_that_is_over_opens_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, revoked) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let jti = text(&account_of(&admin, &id).await, "jwtId");
    server.with_token(&revoked).get(GROUPS).await.expect(200);
    admin.delete(&format!("{}/jwt/{jti}", account_at(&id))).await.expect(204);
    opens_nothing(&server, &revoked, "taken back").await;

    let (gone, token) = makes_account(&admin, &account_manifest("gone", &[])).await;
    server.with_token(&token).get(GROUPS).await.expect(200);
    admin.delete(&account_at(&gone)).await.expect(200);
    opens_nothing(&server, &token, "of a deleted account").await;

    let (brief, old) = makes_account(&admin, &account_manifest("brief", &[])).await;
    regenerates(&admin, &brief, 1).await.expect(200);
    server.with_token(&old).get(GROUPS).await.expect(200);
    server.clock.advance(Duration::from_secs(60));
    opens_nothing(&server, &old, "after its grace").await;

    server.tenant("acme").await;
    let (_, foreign) =
        makes_account(&server.admin("acme").await, &account_manifest("ci", &[])).await;
    server.with_token(&foreign).get(GROUPS).await.expect(200);
    server.operator().delete("/v1/tenants/acme").await.expect(204);
    opens_nothing(&server, &foreign, "of a deleted tenant").await;

    let used = on_record(&server, "action=token.use_revoked").await;
    assert_eq!(used.len(), 6, "a revoked one that is presented again is on record");
    let server = server.restart().await;
    for (what, token) in
        [("taken back", &revoked), ("deleted", &token), ("over", &old), ("foreign", &foreign)]
    {
        opens_nothing(&server, token, what).await;
    }
}

#[tokio::test]
async fn a_token_cannot_be_revoked_by_its_shape_and_is_by_the_other_surface() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (id, token) = makes_account(&admin, &account_manifest("ci", &[])).await;
    let jti = text(&account_of(&admin, &id).await, "jwtId");
    let at = format!("/v1/tenants/default/tokens/{jti}");
    assert_eq!(admin.get(&at).await.expect(200)["type"], "SERVICE_ACCOUNT");
    let rotation = format!("{at}:rotate");
    assert_eq!(admin.post(&rotation, json!({})).await.refused(409), "conflict");
    server.with_token(&token).get(GROUPS).await.expect(200);
    admin.delete(&at).await.expect(204);
    opens_nothing(&server, &token, "revoked on v1").await;
    assert_eq!(account_of(&admin, &id).await["jwtId"], json!(null));
}
