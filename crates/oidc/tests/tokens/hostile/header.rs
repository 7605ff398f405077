//! Headers that lie about the algorithm, name keys, or ask for more than a header may.

use super::{Made, Row, Spell, each, row};
use crate::{
    draft::{Draft, ISSUER},
    signer::{attackers, b64, neighbours},
};
use aws_lc_rs::hmac;
use serde_json::json;
use subrosa_oidc::Refusal;

/// A parameter of a header: its name, and its value as it will be written.
type Parameter = (&'static str, String);

pub(super) fn rows() -> Vec<Row> {
    [algorithms(), shared_secrets(), names_of_keys(), demands(), types(), shapes()]
        .into_iter()
        .flatten()
        .collect()
}

fn algorithms() -> Vec<Row> {
    let values = [
        ("none", "\"none\""),
        ("None", "\"None\""),
        ("NONE", "\"NONE\""),
        ("nOnE", "\"nOnE\""),
        ("empty", "\"\""),
        ("null", "null"),
        ("a number", "256"),
        ("an array", "[\"RS256\"]"),
        ("an object", "{\"alg\":\"RS256\"}"),
        ("true", "true"),
        ("in lower case", "\"rs256\""),
        ("in lower case, elliptic", "\"es256\""),
        ("in another case", "\"eddsa\""),
        ("with a space after it", "\"RS256 \""),
        ("with a NUL after it", "\"ES256\\u0000\""),
        ("of another curve", "\"ES256K\""),
        ("of an unsupported curve", "\"ES512\""),
        ("by its newer name", "\"Ed25519\""),
        ("SHA-1", "\"RS1\""),
        ("of encryption, RSA", "\"RSA-OAEP\""),
        ("of encryption, direct", "\"dir\""),
        ("of encryption, by password", "\"PBES2-HS256+A128KW\""),
        ("RS512, not pinned", "\"RS512\""),
        ("PS512, not pinned", "\"PS512\""),
        ("ES384, not pinned", "\"ES384\""),
    ];
    let mut rows =
        each("alg", Refusal::Algorithm, &values, |draft, raw| draft.header.set_raw("alg", raw));
    for (name, alg) in [("none", "none"), ("None", "None"), ("the pinned one", "")] {
        rows.push(row(format!("unsigned: {name}"), Refusal::Malformed, move |draft| {
            if !alg.is_empty() {
                draft.header.set("alg", alg);
            }
            draft.signature = Some(Box::new(|_| Vec::new()));
        }));
    }
    rows.push(row("alg: missing", Refusal::Algorithm, |draft| draft.header.remove("alg")));
    for (pinned, other) in [("RS256", "PS256"), ("RS256", "RS384"), ("PS256", "RS256")] {
        let name = format!("alg: {other}, truly signed, where {pinned} is pinned");
        let families: &[&str] = if pinned == "RS256" { &["RS256"] } else { &["PS256"] };
        let change = move |draft: &mut Draft| {
            draft.header.set("alg", other);
            draft.signs_as = other;
        };
        rows.push(row(name, Refusal::Algorithm, change).only(families));
    }
    // Here every algorithm is pinned, and the key or the signature is of another than the header says.
    let all = json!(["RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "EdDSA"]);
    let lies: [(&str, &'static [&str], Refusal); 12] = [
        ("RS384", &["RS256"], Refusal::Signature),
        ("RS512", &["RS256"], Refusal::Signature),
        ("PS256", &["RS256"], Refusal::Signature),
        ("RS256", &["PS256"], Refusal::Signature),
        ("PS384", &["PS256"], Refusal::Signature),
        ("ES256", &["RS256", "PS256", "EdDSA"], Refusal::Key),
        ("ES384", &["RS256", "PS256", "ES256"], Refusal::Key),
        ("EdDSA", &["RS256", "PS256", "ES256"], Refusal::Key),
        ("RS256", &["ES256", "EdDSA"], Refusal::Key),
        ("PS256", &["ES256", "EdDSA"], Refusal::Key),
        ("RS384", &["ES256", "EdDSA"], Refusal::Key),
        ("PS384", &["ES256", "EdDSA"], Refusal::Key),
    ];
    rows.extend(lies.map(|(says, families, expected)| {
        let all = all.clone();
        let name = format!("alg: says {says} for a signature of {}", families.join(" or "));
        let given = move |draft: &mut Draft| draft.config["algorithms"] = all.clone();
        row(name, expected, move |draft| draft.header.set("alg", says)).given(given).only(families)
    }));
    rows
}

/// The public key as the secret of an HMAC, in every form it is found in.
fn shared_secrets() -> Vec<Row> {
    let secrets: [(&str, Made<Vec<u8>>); 5] = [
        ("the key's bytes", |draft| draft.signer.public()),
        ("the JWK's text", |draft| draft.keys[0].to_string().into_bytes()),
        ("the key in base64", |draft| b64(&draft.signer.public()).into_bytes()),
        ("the key's name", |draft| draft.signer.kid.as_bytes().to_vec()),
        ("nothing", |_| Vec::new()),
    ];
    let mut rows = Vec::new();
    for (alg, digest) in
        [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
    {
        for (what, secret) in secrets {
            rows.push(row(
                format!("{alg} with {what} as its secret"),
                Refusal::Algorithm,
                move |draft| {
                    draft.header.set("alg", alg);
                    let key = hmac::Key::new(digest, &secret(draft));
                    let message = draft.signed_part();
                    draft.signature = Some(Box::new(move |_| {
                        hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
                    }));
                },
            ));
        }
    }
    rows
}

fn names_of_keys() -> Vec<Row> {
    let long = format!("\"{}\"", "k".repeat(257));
    let values = [
        ("unknown", "\"nobody\""),
        ("empty", "\"\""),
        ("null", "null"),
        ("a number", "7"),
        ("true", "true"),
        ("an array", "[\"ours-rsa\",\"ours-p256\",\"ours-ed\"]"),
        ("an object", "{}"),
        ("a path upwards", "\"../../../../dev/null\""),
        ("a path", "\"/etc/passwd\""),
        ("a file address", "\"file:///dev/null\""),
        ("SQL", "\"x' UNION SELECT 'a' --\""),
        ("a command", "\"|/bin/true\""),
        ("an address", "\"https://evil.example/keys\""),
        ("NUL", "\"\\u0000\""),
        ("a star", "\"*\""),
        ("too long", &long),
    ];
    let mut rows =
        each("kid", Refusal::Key, &values, |draft, raw| draft.header.set_raw("kid", raw));
    let spellings: [(&str, Spell); 5] = [
        ("in upper case", |kid| kid.to_ascii_uppercase()),
        ("with a space after it", |kid| format!("{kid} ")),
        ("with a space before it", |kid| format!(" {kid}")),
        ("with a NUL after it", |kid| format!("{kid}\0")),
        ("cut short", |kid| kid[..kid.len() - 1].to_owned()),
    ];
    rows.extend(spellings.map(|(name, spell)| {
        row(format!("kid: ours {name}"), Refusal::Key, move |draft| {
            let kid = spell(draft.signer.kid.to_owned());
            draft.header.set("kid", kid);
        })
    }));
    rows.push(row("kid: a neighbour's, and its signature", Refusal::Key, |draft| {
        let neighbour = neighbours(draft.algorithm);
        draft.header.set("kid", neighbour.kid);
        draft.signed_by(neighbour);
    }));
    rows.push(row("kid: a neighbour's, and our signature", Refusal::Key, |draft| {
        draft.header.set("kid", neighbours(draft.algorithm).kid);
    }));
    let two = |draft: &mut Draft| draft.keys.push(attackers(draft.algorithm).jwk());
    rows.push(
        row("kid: missing where two keys fit", Refusal::Key, |draft| draft.header.remove("kid"))
            .given(two),
    );
    rows
}

/// Parameters that would hand us a key, send us somewhere, or change how the token is read. The token is truly signed:
/// the parameter alone is the reason.
fn demands() -> Vec<Row> {
    let values = [
        ("jku", "jku of the issuer", "\"https://id.acme.test/realms/one/keys\""),
        ("jku", "jku of an attacker", "\"https://evil.example/keys\""),
        ("jku", "jku null", "null"),
        ("x5u", "x5u", "\"https://evil.example/cert.pem\""),
        ("x5c", "x5c", "[\"MIIB\"]"),
        ("x5c", "x5c empty", "[]"),
        ("jwk", "jwk empty", "{}"),
        ("jwk", "jwk null", "null"),
        ("crit", "crit empty", "[]"),
        ("crit", "crit exp", "[\"exp\"]"),
        ("crit", "crit unknown", "[\"urn:example:7\"]"),
        ("crit", "crit null", "null"),
        ("zip", "zip", "\"DEF\""),
        ("zip", "zip null", "null"),
        ("b64", "b64 true", "true"),
        ("b64", "b64 false", "false"),
        ("enc", "enc", "\"A256GCM\""),
        ("cty", "cty JWT", "\"JWT\""),
        ("cty", "cty empty", "\"\""),
    ];
    let mut rows: Vec<Row> = values
        .into_iter()
        .map(|(name, what, raw)| {
            row(what, Refusal::Header, move |draft| draft.header.push(name, raw))
        })
        .collect();
    let embedded: [(&str, Made<Parameter>); 4] = [
        ("jwk", |draft| ("jwk", attackers(draft.algorithm).jwk().to_string())),
        ("jku", |_| ("jku", format!("\"{ISSUER}/keys@evil.example/keys\""))),
        ("x5c", |draft| ("x5c", json!([b64(&attackers(draft.algorithm).public())]).to_string())),
        ("x5u", |_| ("x5u", "\"http://127.0.0.1/cert.pem\"".to_owned())),
    ];
    for (name, member) in embedded {
        rows.push(row(
            format!("{name} of an attacker, and its signature"),
            Refusal::Header,
            move |draft| {
                let (name, raw) = member(draft);
                draft.header.push(name, &raw);
                draft.signed_by(attackers(draft.algorithm));
            },
        ));
        rows.push(row(
            format!("{name} of an attacker under its own kid"),
            Refusal::Header,
            move |draft| {
                let (name, raw) = member(draft);
                draft.header.push(name, &raw);
                draft.header.set("kid", attackers(draft.algorithm).kid);
                draft.signed_by(attackers(draft.algorithm));
            },
        ));
    }
    rows
}

fn types() -> Vec<Row> {
    let usual = [
        ("a logout token", "\"logout+jwt\""),
        ("a security event", "\"secevent+jwt\""),
        ("a DPoP proof", "\"dpop+jwt\""),
        ("a client's proof", "\"client-authentication+jwt\""),
        ("a request object", "\"oauth-authz-req+jwt\""),
        ("an entity statement", "\"entity-statement+jwt\""),
        ("JOSE", "\"JOSE\""),
        ("a key", "\"application/jwk+json\""),
        ("empty", "\"\""),
        ("null", "null"),
        ("a number", "1"),
        ("an array", "[\"JWT\"]"),
        ("with a space after it", "\"JWT \""),
        ("with a parameter", "\"jwt;charset=utf-8\""),
        ("application twice", "\"application/application/jwt\""),
        ("of another tree", "\"text/jwt\""),
    ];
    let mut rows =
        each("typ", Refusal::Type, &usual, |draft, raw| draft.header.set_raw("typ", raw));
    let pinned = [
        ("JWT", "\"JWT\""),
        ("application/jwt", "\"application/jwt\""),
        ("longer", "\"at+jwt+x\""),
        ("shorter", "\"at\""),
        ("an ID token's", "\"id+jwt\""),
    ];
    let given = |draft: &mut Draft| {
        draft.config["token_type"] = "at+jwt".into();
        draft.header.set("typ", "application/AT+jwt");
    };
    let at = each("typ where at+jwt is wanted", Refusal::Type, &pinned, |draft, raw| {
        draft.header.set_raw("typ", raw);
    });
    rows.extend(at.into_iter().map(|row| row.given(given)));
    let missing = row("typ where at+jwt is wanted: missing", Refusal::Type, |draft| {
        draft.header.remove("typ");
    });
    rows.push(missing.given(given));
    rows
}

fn shapes() -> Vec<Row> {
    let mut rows = Vec::new();
    let twice: [(&str, &str, &str); 7] = [
        ("alg none, then ours", "alg", "\"none\""),
        ("kid of another, then ours", "kid", "\"evil-rsa\""),
        ("typ twice", "typ", "\"JWT\""),
        ("alg in escapes, then ours", "\\u0061lg", "\"none\""),
        ("kid in escapes, then ours", "k\\u0069d", "\"evil-rsa\""),
        ("an unknown one twice", "x", "1"),
        ("jku twice", "jku", "\"https://evil.example\""),
    ];
    for (what, name, raw) in twice {
        rows.push(row(format!("header with {what}"), Refusal::Duplicate, move |draft| {
            draft.header.push_front(name, raw);
            if matches!(name, "x" | "jku") {
                draft.header.push(name, raw);
            }
        }));
    }
    rows.push(row("header with ours, then alg none", Refusal::Duplicate, |draft| {
        draft.header.push("alg", "\"none\"");
    }));
    rows.push(row("header with a name twice inside", Refusal::Duplicate, |draft| {
        draft.header.push("x", "{\"a\":1,\"a\":2}");
    }));
    rows.push(row("header with no member", Refusal::Algorithm, |draft| {
        draft.header_bytes = Some(b"{}".to_vec());
    }));
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(40), "]".repeat(40));
    for (what, bytes) in [
        ("empty", b"".as_slice()),
        ("an array", b"[]"),
        ("null", b"null"),
        ("a number", b"1"),
        ("a text", b"\"RS256\""),
        ("not JSON", b"alg=RS256"),
        ("cut short", b"{\"alg\":\"RS256\""),
        ("not UTF-8", b"{\"alg\":\"RS256\",\"x\":\"\xff\"}"),
        ("in UTF-16", b"{\0}\0"),
        ("with a comment", b"{/**/}"),
        ("of a lone surrogate", b"{\"x\":\"\\ud800\"}"),
        ("too deep", deep.as_bytes()),
    ] {
        let bytes = bytes.to_vec();
        rows.push(row(format!("header {what}"), Refusal::Malformed, move |draft| {
            draft.header_bytes = Some(bytes.clone());
        }));
    }
    let around: [(&str, Spell); 5] = [
        ("behind a byte order mark", |text| format!("\u{feff}{text}")),
        ("followed by another", |text| format!("{text}{text}")),
        ("followed by a word", |text| format!("{text} x")),
        ("followed by a NUL", |text| format!("{text}\0")),
        ("with a comma at its end", |text| text.replace('}', ",}")),
    ];
    rows.extend(around.map(|(what, change)| {
        row(format!("header {what}"), Refusal::Malformed, move |draft| {
            draft.header_bytes = Some(change(draft.header.text()).into_bytes());
        })
    }));
    rows
}
