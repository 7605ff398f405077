//! Headers: one spelling is ours. Each of these carries a signature that holds, so the header alone is at fault.

use super::*;

/// Changes of the header's text, each as what is replaced and what stands there instead.
const CHANGES: [(&str, &str); 58] = [
    // The algorithm.
    (r#""EdDSA""#, r#""none""#),
    (r#""EdDSA""#, r#""None""#),
    (r#""EdDSA""#, r#""NONE""#),
    (r#""EdDSA""#, r#""""#),
    (r#""EdDSA""#, r#""HS256""#),
    (r#""EdDSA""#, r#""HS512""#),
    (r#""EdDSA""#, r#""RS256""#),
    (r#""EdDSA""#, r#""ES256""#),
    (r#""EdDSA""#, r#""PS256""#),
    (r#""EdDSA""#, r#""Ed25519""#),
    (r#""EdDSA""#, r#""Ed448""#),
    (r#""EdDSA""#, r#""eddsa""#),
    (r#""EdDSA""#, r#""EDDSA""#),
    (r#""EdDSA""#, r#""EdDSA ""#),
    (r#""EdDSA""#, r#""EdDSA\u0000""#),
    (r#""EdDSA""#, r#""\u0045dDSA""#),
    (r#""EdDSA""#, "null"),
    (r#""EdDSA""#, "1"),
    (r#""EdDSA""#, r#"["EdDSA"]"#),
    (r#""alg":"EdDSA","#, ""),
    (r#""alg""#, r#""Alg""#),
    (r#""alg""#, r#""ALG""#),
    (r#""alg":"#, r#""alg":"EdDSA","alg":"#),
    (r#""alg":"#, r#""alg":"none","alg":"#),
    // The type.
    (r#""JWT""#, r#""jwt""#),
    (r#""JWT""#, r#""Jwt""#),
    (r#""JWT""#, r#""JWS""#),
    (r#""JWT""#, r#""JOSE""#),
    (r#""JWT""#, r#""at+jwt""#),
    (r#""JWT""#, r#""application/jwt""#),
    (r#""JWT""#, "null"),
    (r#""typ":"JWT","#, ""),
    (r#""typ":"#, r#""typ":"JWT","typ":"#),
    // The key.
    (KID, "A1A1A1A1-A1A1-A1A1-A1A1-A1A1A1A1A1A1"),
    (KID, "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"),
    (KID, "{a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1}"),
    (KID, "urn:uuid:a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1"),
    (KID, "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1 "),
    (KID, "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a"),
    (KID, "../../../../dev/null"),
    (KID, "' OR 1=1 --"),
    (KID, ""),
    (r#""a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1""#, "7"),
    (r#","kid":"a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1""#, ""),
    (r#""kid":"#, r#""kid":"b2b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2","kid":"#),
    // What else RFC 7515 and others let a header say, and what would choose how the token is checked.
    ("}", r#","jku":"https://keys.example/jwks.json"}"#),
    ("}", r#","x5u":"https://keys.example/chain.pem"}"#),
    (
        "}",
        r#","jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#,
    ),
    ("}", r#","x5c":["MIIB"]}"#),
    ("}", r#","crit":["exp"],"exp":1}"#),
    ("}", r#","crit":[]}"#),
    ("}", r#","b64":false,"crit":["b64"]}"#),
    ("}", r#","b64":true}"#),
    ("}", r#","zip":"DEF"}"#),
    ("}", r#","cty":"JWT"}"#),
    ("}", r#","x":0}"#),
    // Other texts of the same JSON.
    (r#""alg":"EdDSA","typ":"JWT""#, r#""typ":"JWT","alg":"EdDSA""#),
    (r#"{"alg":"EdDSA","#, r#"{ "alg": "EdDSA", "#),
];

#[test]
fn a_header_that_says_anything_else_is_not_ours() {
    let signer = Signer::new();
    let twin = signer.forge(HEADER, CLAIMS);
    assert_eq!(twin, signer.token());
    for (from, to) in CHANGES {
        let header = HEADER.replacen(from, to, 1);
        signer.hostile(&header, &signer.forge(&header, CLAIMS), NotOurs, &twin);
    }
}

#[test]
fn a_header_with_bytes_before_or_after_it_or_of_another_json_type_is_not_ours() {
    let signer = Signer::new();
    let twin = signer.forge(HEADER, CLAIMS);
    let around = [" ", "\n", "\0", "\u{feff}", "{}", "null,", "/**/"];
    let headers =
        around.iter().flat_map(|odd| [format!("{odd}{HEADER}"), format!("{HEADER}{odd}")]);
    let others = ["{}", "[]", "null", "1", "\"EdDSA\"", "", "{", &HEADER[..HEADER.len() - 1]];
    let nested = [format!("[{HEADER}]"), base64(HEADER), format!("{HEADER}{HEADER}")];
    for header in headers.chain(others.map(str::to_owned)).chain(nested) {
        signer.hostile(&header, &signer.forge(&header, CLAIMS), NotOurs, &twin);
    }
    let latin = [HEADER.as_bytes(), &[0xff]].concat();
    signer.hostile("not UTF-8", &signer.forge(latin, CLAIMS), NotOurs, &twin);
}

#[test]
fn a_token_without_a_signature_is_not_ours() {
    let signer = Signer::new();
    let twin = signer.forge(HEADER, CLAIMS);
    for alg in ["EdDSA", "none", "None", "NONE", "nOnE", ""] {
        let header = HEADER.replacen("EdDSA", alg, 1);
        let text = format!("{}.{}", base64(header), base64(CLAIMS));
        signer.hostile("an empty one", &format!("{text}."), NotOurs, &twin);
        signer.hostile("none at all", &text, NotOurs, &twin);
    }
    let short = format!("{}.{}.", base64(r#"{"alg":"none"}"#), base64(CLAIMS));
    signer.hostile("as in RFC 7519, 6.1", &short, NotOurs, &twin);
}

/// The public key is public: a MAC under it proves nothing, whatever the header says that it is.
#[test]
fn a_mac_under_the_public_key_is_no_signature() {
    use crate::hazmat::hmac::HmacKey;
    let signer = Signer::new();
    let twin = signer.forge(HEADER, CLAIMS);
    for header in [HEADER.replacen("EdDSA", "HS256", 1), HEADER.to_owned()] {
        let text = format!("{}.{}", base64(&header), base64(CLAIMS));
        let mac = HmacKey::new(&signer.key.public).mac(&[text.as_bytes()]);
        let fate = if header == HEADER { Refused } else { NotOurs };
        let long = [&mac[..], &mac[..]].concat();
        signer.hostile("a MAC", &format!("{text}.{}", base64(mac)), NotOurs, &twin);
        signer.hostile("a long MAC", &format!("{text}.{}", base64(long)), fate, &twin);
    }
}

#[test]
fn a_kid_of_another_key_does_not_move_a_token_to_it() {
    let (one, two) = (Signer::new(), Signer::with_id(SigningKeyId::from_bytes([0xb1; 16])));
    let swapped_header = HEADER.replacen(KID, &two.key.id.to_string(), 1);
    let [_, claims, signature] = segments(&one.token()).map(str::to_owned);
    let swapped = format!("{}.{claims}.{signature}", base64(&swapped_header));
    let presented = PresentedJwt::parse(&swapped).unwrap();
    assert_eq!(presented.kid(), two.key.id);
    assert_eq!(presented.verify(&two.key.public), None, "under the key it names");
    assert_eq!(presented.verify(&one.key.public), None, "under the key that signed it");
    let signed_by_one = one.forge(&swapped_header, CLAIMS);
    assert_eq!(fate(&signed_by_one, &two.key.public), Refused, "signed by another than it names");
    let twin = two.forge(&swapped_header, CLAIMS);
    assert_eq!((two.fate(&twin), one.fate(&twin)), (Accepted, Refused));
}
