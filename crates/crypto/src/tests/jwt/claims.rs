//! Claims: one spelling is ours. Each of these carries our header and a signature that holds, as if this room had
//! signed something that it does not.

use super::*;

const SUB: &str = "b2b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2";
const MEMBERS: [&str; 7] = ["sub", "jti", "iat", "exp", "tenantName", "username", "subjectType"];

const CHANGES: [(&str, &str); 51] = [
    // Times are integers.
    ("1700003600", "1700003600.0"),
    ("1700003600", "1700003600.5"),
    ("1700003600", "17000036e2"),
    ("1700003600", "1.7000036e9"),
    ("1700003600", "\"1700003600\""),
    ("1700003600", "null"),
    ("1700003600", "true"),
    ("1700003600", "[1700003600]"),
    ("1700003600", "{}"),
    ("1700003600", "-0"),
    ("1700003600", "+1700003600"),
    ("1700003600", "01700003600"),
    ("1700003600", "0x6553f100"),
    ("1700003600", "NaN"),
    ("1700003600", "Infinity"),
    ("1700003600", "9223372036854775808"),
    ("1700003600", "-9223372036854775809"),
    ("1700003600", "9223372036855"),
    ("1700003600", "1e400"),
    ("1700000000", "1700000000.0"),
    ("1700000000", "\"1700000000\""),
    ("1700000000", "9223372036855"),
    // Ids have one spelling.
    (SUB, "B2B2B2B2-B2B2-B2B2-B2B2-B2B2B2B2B2B2"),
    (SUB, "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"),
    (SUB, "{b2b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2}"),
    (SUB, "\\u0062\\u0032b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2"),
    (SUB, "operator"),
    (SUB, ""),
    (r#""b2b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2""#, "7"),
    (r#""b2b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2""#, "null"),
    (r#""c3c3c3c3-c3c3-c3c3-c3c3-c3c3c3c3c3c3""#, "null"),
    ("c3c3c3c3-c3c3", "C3C3C3C3-C3C3"),
    ("c3c3c3c3-c3c3-c3c3-c3c3-c3c3c3c3c3c3", ""),
    // Texts are texts, spelled one way.
    (r#""acme""#, "null"),
    (r#""acme""#, "7"),
    (r#""acme""#, r#"["acme"]"#),
    (r#""acme""#, r#""\u0061cme""#),
    (r#""deploy bot""#, "null"),
    (r#""deploy bot""#, "{}"),
    (r#""deploy bot""#, r#""deploy\u0020bot""#),
    (r#""deploy bot""#, r#""deploy bot\/""#),
    (r#""deploy bot""#, r#""\ud800""#),
    (r#""deploy bot""#, "\"deploy\nbot\""),
    (r#""serviceaccount""#, r#""user""#),
    (r#""serviceaccount""#, r#""ServiceAccount""#),
    (r#""serviceaccount""#, "null"),
    // Other texts of the same JSON, and what is no JSON.
    (r#""iat":1700000000,"exp":1700003600"#, r#""exp":1700003600,"iat":1700000000"#),
    (r#","iat""#, r#", "iat""#),
    ("}", ",}"),
    ("}", "}}"),
    ("{", "{/**/"),
];

fn refused(signer: &Signer, claims: impl AsRef<[u8]>) {
    let text = signer.forge(HEADER, &claims);
    let why = String::from_utf8_lossy(claims.as_ref()).into_owned();
    signer.hostile(&why, &text, Refused, &signer.forge(HEADER, CLAIMS));
}

#[test]
fn a_claim_of_another_type_range_or_spelling_is_refused() {
    let signer = Signer::new();
    for (from, to) in CHANGES {
        refused(&signer, CLAIMS.replacen(from, to, 1));
    }
}

#[test]
fn every_claim_is_there_once_and_under_its_own_name() {
    let signer = Signer::new();
    for member in MEMBERS {
        let start = CLAIMS.find(&format!("\"{member}\":")).unwrap();
        let end = CLAIMS[start..].find([',', '}']).unwrap() + start;
        let whole = &CLAIMS[start..end];
        refused(
            &signer,
            CLAIMS.replacen(&format!("{whole},"), "", 1).replacen(&format!(",{whole}}}"), "}", 1),
        );
        refused(&signer, CLAIMS.replacen(whole, &format!("{whole},{whole}"), 1));
        refused(&signer, CLAIMS.replacen('{', &format!("{{{whole},"), 1));
        let name = format!("\"{member}\"");
        refused(&signer, CLAIMS.replacen(&name, &name.to_uppercase(), 1));
        refused(&signer, CLAIMS.replacen(&name, &format!("\"{member} \""), 1));
        let escaped = format!("\"\\u00{:02x}{}\"", member.as_bytes()[0], &member[1..]);
        refused(&signer, CLAIMS.replacen(&name, &escaped, 1));
    }
}

#[test]
fn a_claim_that_this_room_does_not_write_is_refused() {
    let signer = Signer::new();
    for extra in [
        r#""iss":"https://id.example""#,
        r#""aud":"subrosa""#,
        r#""nbf":1700000000"#,
        r#""scope":"tenant:admin""#,
        r#""roles":["admin"]"#,
        r#""admin":true"#,
        r#""zip":"DEF""#,
        r#""crit":["exp"]"#,
        r#""email":"ana@acme.dev""#,
        r#""tenant_name":"other""#,
        r#""":0"#,
        r#""__proto__":{}"#,
    ] {
        refused(&signer, CLAIMS.replacen('}', &format!(",{extra}}}"), 1));
        refused(&signer, CLAIMS.replacen('{', &format!("{{{extra},"), 1));
    }
}

#[test]
fn claims_that_are_not_one_json_object_are_refused() {
    let signer = Signer::new();
    for around in [" ", "\n", "\0", "\u{feff}", "{}", "null"] {
        refused(&signer, format!("{around}{CLAIMS}"));
        refused(&signer, format!("{CLAIMS}{around}"));
    }
    let values: Vec<&str> = CLAIMS
        .trim_matches(['{', '}'])
        .split(',')
        .map(|member| member.split_once(':').unwrap().1)
        .collect();
    refused(&signer, format!("[{}]", values.join(",")));
    refused(&signer, format!("[{CLAIMS}]"));
    refused(&signer, format!("{CLAIMS}{CLAIMS}"));
    refused(&signer, signer.token());
    refused(&signer, format!("\"{}\"", signer.token()));
    refused(&signer, serde_json::to_string(CLAIMS).unwrap());
    refused(&signer, base64(CLAIMS));
    for odd in ["", "null", "true", "0", "[]", "{}", "\"\"", "{"] {
        refused(&signer, odd);
    }
    refused(&signer, "[".repeat(4_000));
    refused(&signer, r#"{"sub":"#.repeat(500));
    refused(&signer, CLAIMS.replacen("acme", "ac\u{0}me", 1));
    refused(&signer, [CLAIMS.as_bytes(), &[0xff]].concat());
    refused(&signer, CLAIMS.as_bytes().iter().flat_map(|byte| [*byte, 0]).collect::<Vec<_>>());
}
