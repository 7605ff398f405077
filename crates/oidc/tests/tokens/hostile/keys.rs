//! True signatures by keys that their issuer does not publish for this, or should not have published.

use super::{Row, row};
use crate::{
    draft::Draft,
    signer::{attackers, b64, ours},
};
use aws_lc_rs::digest;
use serde_json::{Value, json};
use subrosa_oidc::Refusal;

const RSA: &[&str] = &["RS256", "PS256"];
const EC: &[&str] = &["ES256"];
const CURVES: &[&str] = &["ES256", "EdDSA"];

pub(super) fn rows() -> Vec<Row> {
    [purposes(), secrets(), names(), materials(), small_keys()].into_iter().flatten().collect()
}

fn published(name: impl Into<String>, change: impl Fn(&mut Value) + 'static) -> Row {
    row(format!("key: {}", name.into()), Refusal::Key, move |draft| change(draft.key()))
}

fn set(name: impl Into<String>, member: &'static str, value: Value) -> Row {
    published(name, move |key| key[member] = value.clone())
}

fn purposes() -> Vec<Row> {
    vec![
        set("for encryption", "use", "enc".into()),
        set("for a use in upper case", "use", "SIG".into()),
        set("for an empty use", "use", "".into()),
        set("for a use of null", "use", Value::Null),
        set("for uses in an array", "use", json!(["sig"])),
        set("for encrypting", "key_ops", json!(["encrypt", "decrypt"])),
        set("for signing alone", "key_ops", json!(["sign"])),
        set("for wrapping", "key_ops", json!(["wrapKey"])),
        set("for nothing", "key_ops", json!([])),
        set("for operations in a text", "key_ops", "verify".into()),
        set("for operations of null", "key_ops", Value::Null),
        set("of another algorithm, RS512", "alg", "RS512".into()),
        set("of another algorithm, ES384", "alg", "ES384".into()),
        set("of an algorithm of encryption", "alg", "RSA-OAEP-256".into()),
        set("of an algorithm with a shared secret", "alg", "HS256".into()),
        set("of no algorithm", "alg", "none".into()),
        set("of an algorithm of null", "alg", Value::Null),
        set("of an algorithm in an array", "alg", json!(["RS256", "ES256"])),
    ]
}

/// A key whose other half was published with it is everybody's.
fn secrets() -> Vec<Row> {
    ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
        .into_iter()
        .map(|member| {
            set(format!("with its private member {member}"), member, b64(&[7; 32]).into())
        })
        .collect()
}

fn names() -> Vec<Row> {
    vec![
        set("of another name", "kid", "another".into()),
        set("of a name that is a number", "kid", 7.into()),
        set("of a name of null", "kid", Value::Null),
        set("of an empty name", "kid", "".into()),
        published("of no name", |key| drop(key.as_object_mut().unwrap().remove("kid"))),
        row("key: of a name that another has", Refusal::Key, |draft| {
            let mut other = attackers(draft.algorithm).jwk();
            other["kid"] = draft.signer.kid.into();
            draft.keys.push(other);
        }),
        row("key: withdrawn", Refusal::Key, |draft| draft.keys.clear()),
        row("key: replaced", Refusal::Key, |draft| {
            draft.keys = vec![attackers(draft.algorithm).jwk()]
        }),
        row("key: replaced under its name", Refusal::Signature, |draft| {
            let kid = draft.key()["kid"].clone();
            draft.keys = vec![attackers(draft.algorithm).jwk()];
            draft.key()["kid"] = kid;
        }),
    ]
}

fn materials() -> Vec<Row> {
    let mut rows = vec![
        set("of no known kind", "kty", "AKP".into()),
        set("of a kind in lower case", "kty", "rsa".into()),
        set("of a shared secret's kind", "kty", "oct".into()),
        set("of a kind of null", "kty", Value::Null),
        published("of no kind", |key| drop(key.as_object_mut().unwrap().remove("kty"))),
        row("key: in a text", Refusal::Key, |draft| {
            *draft.key() = draft.keys[0].to_string().into()
        }),
        row("key: in an array", Refusal::Key, |draft| *draft.key() = json!([draft.keys[0]])),
        row("key: null", Refusal::Key, |draft| *draft.key() = Value::Null),
        row("key: another kind's under its name", Refusal::Key, |draft| {
            let other = if draft.algorithm == "ES256" { "EdDSA" } else { "ES256" };
            let kid = draft.key()["kid"].clone();
            *draft.key() = ours(other).jwk();
            draft.key()["kid"] = kid;
        }),
    ];
    for member in ["n", "e"] {
        rows.push(
            published(format!("without {member}"), move |key| {
                key.as_object_mut().unwrap().remove(member);
            })
            .only(RSA),
        );
        rows.push(set(format!("with {member} null"), member, Value::Null).only(RSA));
        rows.push(
            published(format!("with {member} padded"), move |key| {
                key[member] = format!("{}=", key[member].as_str().unwrap()).into();
            })
            .only(RSA),
        );
    }
    let exponents = [
        ("0", "AA"),
        ("1", "AQ"),
        ("3", "Aw"),
        ("17", "EQ"),
        ("even", "AQAA"),
        ("empty", ""),
        ("long", "AQAAAAAB"),
        ("after zeros", "AAEAAQ"),
    ];
    for (what, e) in exponents {
        rows.push(set(format!("with an exponent that is {what}"), "e", e.into()).only(RSA));
    }
    rows.push(
        published("with a modulus after a zero", |key| {
            key["n"] = b64(&[vec![0], ours("RS256").public()].concat()).into();
        })
        .only(RSA),
    );
    rows.push(
        published("with a modulus cut by a byte", |key| {
            key["n"] = b64(&ours("RS256").public()[1..]).into();
        })
        .only(RSA),
    );
    for crv in ["P-384", "P-521", "secp256k1", "p-256", "X25519", "Ed448", "ed25519"] {
        rows.push(set(format!("on the curve {crv}"), "crv", crv.into()).only(CURVES));
    }
    rows.push(set("off its curve", "y", b64(&[7; 32]).into()).only(EC));
    rows.push(set("at the origin", "x", b64(&[0; 32]).into()).only(EC));
    rows.push(set("with no y", "y", Value::Null).only(EC));
    rows.push(
        published("with an x after a zero", |key| {
            key["x"] = b64(&[vec![0], ours("ES256").public()[..32].to_vec()].concat()).into();
        })
        .only(EC),
    );
    rows.push(
        published("with an x cut by a byte", |key| {
            key["x"] = b64(&ours("EdDSA").public()[1..]).into();
        })
        .only(&["EdDSA"]),
    );
    rows
}

fn small_keys() -> Vec<Row> {
    vec![
        // With the exponent 1 a signature is the padded digest itself: anybody can write one.
        row(
            "key: with the exponent 1, and the signature anybody can write",
            Refusal::Key,
            |draft| {
                draft.key()["e"] = "AQ".into();
                let message = draft.signed_part();
                draft.signature = Some(Box::new(move |_| padded_digest(message.as_bytes())));
            },
        )
        .only(&["RS256"]),
        row("key: of 1024 bits, and its true signature", Refusal::Key, |draft| {
            draft.header.set("kid", "small");
            *draft.key() = json!({"kty": "RSA", "kid": "small", "n": SMALL_MODULUS, "e": "AQAB"});
            draft.signature = Some(Box::new(|_| decoded(SMALL_SIGNATURE)));
        })
        .only(&["RS256"]),
    ]
}

/// EMSA-PKCS1-v1_5 of SHA-256, as long as a modulus of 2048 bits.
fn padded_digest(message: &[u8]) -> Vec<u8> {
    const SHA256: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let digest = digest::digest(&digest::SHA256, message);
    let ones = vec![0xff; 256 - 3 - SHA256.len() - 32];
    [vec![0, 1], ones, vec![0], SHA256.to_vec(), digest.as_ref().to_vec()].concat()
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// A modulus of 1024 bits, and the signature that its private key made of the draft's signed part. Keys this small
/// can no longer be made with what this project uses.
const SMALL_MODULUS: &str = "laJtRY0EfZffdfx6DGYBrJ_VwM9XZWG2PqcyQ308HumTLkoDUebtAdxg0ZpX5iFNiLkwCSqAwpXHX0_Vqyf9X\
                     8jgNGoaJhJoDFvhOf-6tllG10ctkeNuilstfaKM8NB-XWCw6uUp_PiHiFgbpHV9ZfKzy0fX1tdob9ju6rEw1Dk";
const SMALL_SIGNATURE: &str = "LTm8AcEDj_HJcV7QeYg9RMp1Qwvv50u3P7Yx1wV6DAVEDA5UDiHNuXWt5TDUcW3U8MNUpiB81Fzt0j20wDxUB\
                     bnOwskNvQppYWMqnxKnRgWJIjilGy5cvMOC7rngIBEy1po9uoUYnFlk0-UMeAnZNbaJAI9HYGGW119mlD2DzjQ";

#[test]
fn the_small_key_s_signature_is_a_true_one() {
    use aws_lc_rs::signature::{
        RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents,
    };
    let mut draft = Draft::valid("RS256");
    draft.header.set("kid", "small");
    let key = RsaPublicKeyComponents { n: decoded(SMALL_MODULUS), e: decoded("AQAB") };
    let signed = decoded(SMALL_SIGNATURE);
    let legacy = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
    assert!(
        key.verify(legacy, draft.signed_part().as_bytes(), &signed).is_ok(),
        "{}",
        draft.signed_part()
    );
}
