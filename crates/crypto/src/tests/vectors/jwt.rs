//! Virtual accounts' tokens.

use super::{Case, Read, hold};
use crate::{
    AccountClaims, PresentedJwt, TenantKeys,
    seal::Fresh,
    tests::support::{DEPLOYMENT, NOW, TENANT, fixed, tenant_keys},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subrosa_domain::{PrincipalId, SigningKey, SigningKeyId, Timestamp, TokenId};

/// What signs the vectors, by the name its seed is made from.
struct Signer {
    keys: TenantKeys,
    key: SigningKey,
}

#[test]
fn account_tokens_hold() {
    let signer = Signer::new("seed");
    let mut cases: Vec<Case> = [
        ("plain", "deploy bot", 1_700_000_000, 1_700_003_600),
        ("no name", "", 0, 1),
        ("a name that JSON escapes", "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}", 1, 2),
        ("a name beyond ASCII", "Ünï 機械 😀 \u{2028}", 1_700_000_000, 2_015_360_000),
        ("before 1970, and very late", "n", -1, 9_223_372_036_854),
    ]
    .map(|(case, name, issued, expires)| signer.made(case, name, issued, expires))
    .to_vec();
    let base = signer.made("base of the refusals", "deploy bot", 1_700_000_000, 1_700_003_600);
    cases.push(base.clone());
    let jwt = base.text("jwt");
    let [header, claims, signature]: [&str; 3] =
        jwt.split('.').collect::<Vec<_>>().try_into().unwrap();
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let (head, body) = (text(header), text(claims));
    let other = Signer::new("another seed");
    let theirs = other.made("", "deploy bot", 1_700_000_000, 1_700_003_600);
    cases.push(base.but("another public key", "public", theirs.text("public"), "refused"));
    cases.push(base.but("signed by another key", "jwt", theirs.text("jwt"), "refused"));
    for (name, from, to) in [
        ("alg none", "EdDSA", "none"),
        ("alg HS256", "EdDSA", "HS256"),
        ("alg in another case", "EdDSA", "eddsa"),
        ("typ in another case", "JWT", "jwt"),
        ("no typ", r#""typ":"JWT","#, ""),
        ("kid in upper case", "abcdef", "ABCDEF"),
        ("alg twice", "{", r#"{"alg":"EdDSA","#),
        ("a jku", "}", r#","jku":"https://keys.example"}"#),
        ("a crit", "}", r#","crit":["exp"]}"#),
        ("a space in the header", ",", ", "),
        (
            "another order in the header",
            r#""alg":"EdDSA","typ":"JWT""#,
            r#""typ":"JWT","alg":"EdDSA""#,
        ),
    ] {
        let forged = signer.forge(&head.replacen(from, to, 1), &body);
        cases.push(base.but(name, "jwt", forged, "not ours"));
    }
    for (name, from, to) in [
        ("exp as a float", "1700003600", "1700003600.0"),
        ("exp as a text", "1700003600", "\"1700003600\""),
        ("exp out of range", "1700003600", "9223372036855"),
        ("exp twice", r#""exp""#, r#""exp":1700003600,"exp""#),
        ("no exp", r#""exp":1700003600,"#, ""),
        ("an unknown claim", "}", r#","admin":true}"#),
        ("another subject type", "serviceaccount", "user"),
        ("sub in upper case", "b2b2b2b2", "B2B2B2B2"),
        ("a space in the claims", ",", ", "),
        ("an escape that is not needed", "deploy bot", "deploy\\u0020bot"),
    ] {
        let forged = signer.forge(&head, &body.replacen(from, to, 1));
        cases.push(base.but(name, "jwt", forged, "refused"));
    }
    let zeros = "A".repeat(86);
    for (name, odd, fate) in [
        ("all-zero signature", format!("{header}.{claims}.{zeros}"), "refused"),
        ("no signature", format!("{header}.{claims}."), "not ours"),
        ("two segments", format!("{header}.{claims}"), "not ours"),
        ("four segments", format!("{jwt}.{signature}"), "not ours"),
        ("no claims", format!("{header}..{signature}"), "refused"),
        ("padded", format!("{jwt}=="), "not ours"),
        ("stray bits", format!("{header}.{claims}.{}B", "A".repeat(85)), "not ours"),
        ("cut short", jwt[..jwt.len() - 1].to_owned(), "not ours"),
        ("too long", signer.forge(&head, &body.replace("bot", &"t".repeat(6_000))), "not ours"),
        ("empty", String::new(), "not ours"),
    ] {
        cases.push(base.but(name, "jwt", odd, fate));
    }
    let about = "Tokens of virtual accounts. `name` is hex of UTF-8, times are seconds. `not ours` is\n\
                 refused by its shape or header, `refused` by its signature or, where that holds, its claims.";
    hold("jwt.txt", about, &cases, outcome);
}

impl Signer {
    fn new(seed: &str) -> Self {
        let keys = tenant_keys(DEPLOYMENT, TENANT, &[1]);
        let id = SigningKeyId::from_bytes([
            0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45,
            0x67, 0x89,
        ]);
        let key = keys.signing_key_from(id, NOW, &fixed(seed), &Fresh::draw()).unwrap();
        Self { keys, key }
    }

    fn made(&self, case: &str, name: &str, issued: i64, expires: i64) -> Case {
        let claims = AccountClaims {
            subject: PrincipalId::from_bytes([0xb2; 16]),
            token: TokenId::from_bytes([0xc3; 16]),
            issued_at: Timestamp::from_millis(issued * 1_000),
            expires_at: Timestamp::from_millis(expires * 1_000),
            tenant: "acme".parse().unwrap(),
            name,
        };
        Case::new(case)
            .hex("public", &self.key.public)
            .hex("key id", self.key.id.as_bytes())
            .hex("subject", claims.subject.as_bytes())
            .hex("token id", claims.token.as_bytes())
            .with("issued at", issued)
            .with("expires at", expires)
            .with("tenant name", &claims.tenant)
            .hex("name", name.as_bytes())
            .with("jwt", self.keys.issue_account_token(&self.key, &claims).unwrap().expose())
            .expect("accepted")
    }

    fn forge(&self, header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let text = format!("{header}.{claims}");
        let signature = self.keys.sign(&self.key, text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn outcome(case: &Read) -> &'static str {
    let Some(presented) = PresentedJwt::parse(case.text("jwt")) else { return "not ours" };
    assert_eq!(presented.kid().as_bytes(), &case.array::<16>("key id"));
    let Some(found) = presented.verify(&case.array("public")) else { return "refused" };
    let same = found.subject.as_bytes() == &case.array::<16>("subject")
        && found.token.as_bytes() == &case.array::<16>("token id")
        && found.issued_at == Timestamp::from_millis(case.number::<i64>("issued at") * 1_000)
        && found.expires_at == Timestamp::from_millis(case.number::<i64>("expires at") * 1_000);
    if same { "accepted" } else { "accepted as something else" }
}
