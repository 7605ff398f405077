//! Claims about somebody else, for somebody else, by somebody else, or of no right type.

use super::{Row, Spell, each, row};
use crate::draft::{AUDIENCE, Draft, ISSUER, NEIGHBOUR, SECOND_AUDIENCE};
use crate::signer::{attackers, neighbours};
use serde_json::json;
use subrosa_oidc::{NotAccepted, Refusal};

pub(super) fn rows() -> Vec<Row> {
    [issuers(), audiences(), subjects(), required(), other_kinds(), twice(), shapes()]
        .into_iter()
        .flatten()
        .collect()
}

fn issuers() -> Vec<Row> {
    let ours = |text: &str| format!("\"{text}\"");
    let values = [
        ("null", "null".to_owned()),
        ("a number", "7".to_owned()),
        ("an array with ours", format!("[\"{ISSUER}\"]")),
        ("an object", "{}".to_owned()),
        ("empty", ours("")),
        ("another", ours("https://evil.example")),
        ("with a slash after it", ours(&format!("{ISSUER}/"))),
        ("without its path", ours("https://id.acme.test")),
        ("with the path of another realm", ours("https://id.acme.test/realms/two")),
        ("with an upper-case host", ours("https://ID.acme.test/realms/one")),
        ("with an upper-case scheme", ours("HTTPS://id.acme.test/realms/one")),
        ("with an upper-case path", ours("https://id.acme.test/realms/ONE")),
        ("over plain HTTP", ours("http://id.acme.test/realms/one")),
        ("without a scheme", ours("id.acme.test/realms/one")),
        ("with userinfo", ours("https://x@id.acme.test/realms/one")),
        ("as userinfo of another", ours("https://id.acme.test@evil.example/realms/one")),
        ("with its port", ours("https://id.acme.test:443/realms/one")),
        ("with a dot after the host", ours("https://id.acme.test./realms/one")),
        ("with a host in front", ours("https://x.id.acme.test/realms/one")),
        ("as a part of another's host", ours("https://id.acme.test.evil.example/realms/one")),
        ("with a query", ours(&format!("{ISSUER}?x=1"))),
        ("with a fragment", ours(&format!("{ISSUER}#x"))),
        ("with a step up", ours(&format!("{ISSUER}/../one"))),
        ("with an escaped letter", ours("https://id.acme.test/realms/%6fne")),
        ("with a space before it", ours(&format!(" {ISSUER}"))),
        ("with a space after it", ours(&format!("{ISSUER} "))),
        ("with a line feed after it", ours(&format!("{ISSUER}\\n"))),
        ("with a NUL after it", ours(&format!("{ISSUER}\\u0000"))),
        ("with a letter that looks alike", ours("https://id.\u{430}cme.test/realms/one")),
        ("with an invisible letter", ours(&format!("{ISSUER}\u{200b}"))),
    ];
    let mut rows: Vec<Row> = values
        .into_iter()
        .map(|(name, raw)| {
            row(format!("iss: {name}"), NotAccepted::UnknownIssuer, move |draft| {
                draft.claims.set_raw("iss", &raw);
            })
        })
        .collect();
    rows.push(row("iss: missing", NotAccepted::UnknownIssuer, |draft| draft.claims.remove("iss")));
    rows.push(row("iss: a neighbour's, with our key", Refusal::Key, |draft| {
        draft.claims.set("iss", NEIGHBOUR);
    }));
    rows.push(row(
        "iss: a neighbour's, with our signature under its kid",
        Refusal::Signature,
        |draft| {
            draft.claims.set("iss", NEIGHBOUR);
            draft.header.set("kid", neighbours(draft.algorithm).kid);
        },
    ));
    rows.push(row(
        "iss: ours, signed by a neighbour whose key has our kid",
        Refusal::Signature,
        |draft| {
            draft.neighbours_keys[0]["kid"] = draft.signer.kid.into();
            draft.signed_by(neighbours(draft.algorithm));
        },
    ));
    rows
}

fn audiences() -> Vec<Row> {
    let values = [
        ("null", "null"),
        ("a number", "7"),
        ("true", "true"),
        ("an object", "{\"subrosa\":true}"),
        ("empty", "\"\""),
        ("an empty array", "[]"),
        ("another", "\"account\""),
        ("an array without ours", "[\"account\",\"console\"]"),
        ("an array of numbers", "[7]"),
        ("an array with ours and a number", "[\"subrosa\",7]"),
        ("an array with ours and null", "[\"subrosa\",null]"),
        ("an array with an array with ours", "[[\"subrosa\"]]"),
        ("an array with ours and an array", "[\"subrosa\",[]]"),
        ("in upper case", "\"SUBROSA\""),
        ("with a slash after it", "\"subrosa/\""),
        ("with a space after it", "\"subrosa \""),
        ("with a space before it", "\" subrosa\""),
        ("with a NUL after it", "\"subrosa\\u0000\""),
        ("ours among words", "\"account subrosa\""),
        ("ours among commas", "\"subrosa,account\""),
        ("ours and more", "\"subrosa-staging\""),
        ("ours cut short", "\"subros\""),
        ("ours as an address", "\"https://subrosa\""),
        ("a star", "\"*\""),
        ("with a letter that looks alike", "\"subr\u{43e}sa\""),
    ];
    let mut rows =
        each("aud", Refusal::Audience, &values, |draft, raw| draft.claims.set_raw("aud", raw));
    rows.push(row("aud: missing", Refusal::Audience, |draft| draft.claims.remove("aud")));
    rows.push(row("aud: of two tenants at once", Refusal::Ambiguous, |draft| {
        draft.claims.set("aud", json!([AUDIENCE, SECOND_AUDIENCE]));
    }));
    rows
}

fn subjects() -> Vec<Row> {
    let long = format!("\"{}\"", "s".repeat(256));
    let values = [
        ("null", "null"),
        ("a number", "7"),
        ("true", "true"),
        ("an array", "[\"user|7\"]"),
        ("an object", "{}"),
        ("empty", "\"\""),
        ("a space", "\" \""),
        ("too long", &long),
        ("with a space before it", "\" user|7\""),
        ("with a space after it", "\"user|7 \""),
        ("with a line feed", "\"user|7\\n\""),
        ("with a tab", "\"user\\t7\""),
        ("with a NUL", "\"user|7\\u0000\""),
        ("with a DEL", "\"user|7\\u007f\""),
        ("not ASCII", "\"us\u{e9}r|7\""),
        ("written backwards", "\"\u{202e}7|resu\""),
        ("with an invisible letter", "\"user|7\u{200b}\""),
    ];
    let mut rows =
        each("sub", Refusal::Subject, &values, |draft, raw| draft.claims.set_raw("sub", raw));
    rows.push(row("sub: missing", Refusal::Subject, |draft| draft.claims.remove("sub")));
    rows
}

fn required() -> Vec<Row> {
    let given = |draft: &mut Draft| {
        draft.config["required_claims"] =
            json!({"hd": "acme.test", "mfa": true, "level": 2, "/org/id": "o-7"});
        draft.claims.set("hd", "acme.test");
        draft.claims.set("mfa", true);
        draft.claims.set("level", 2);
        draft.claims.set("org", json!({"id": "o-7"}));
    };
    let values = [
        ("hd another", "hd", "\"evil.test\""),
        ("hd in upper case", "hd", "\"ACME.test\""),
        ("hd null", "hd", "null"),
        ("hd in an array", "hd", "[\"acme.test\"]"),
        ("hd longer", "hd", "\"acme.test.evil.test\""),
        ("mfa false", "mfa", "false"),
        ("mfa a text", "mfa", "\"true\""),
        ("mfa a number", "mfa", "1"),
        ("level lower", "level", "1"),
        ("level a text", "level", "\"2\""),
        ("level a fraction", "level", "2.0"),
        ("org another's", "org", "{\"id\":\"o-8\"}"),
        ("org without an id", "org", "{}"),
        ("org a text", "org", "\"o-7\""),
    ];
    let mut rows: Vec<Row> = values
        .into_iter()
        .map(|(what, name, raw)| {
            let change = move |draft: &mut Draft| draft.claims.set_raw(name, raw);
            row(format!("required claim: {what}"), Refusal::Claim, change).given(given)
        })
        .collect();
    for name in ["hd", "mfa", "level", "org"] {
        let change = move |draft: &mut Draft| draft.claims.remove(name);
        rows.push(
            row(format!("required claim: {name} missing"), Refusal::Claim, change).given(given),
        );
    }
    rows
}

/// What an issuer signs with the same key and does not mean as a pass.
fn other_kinds() -> Vec<Row> {
    let logout = "{\"http://schemas.openid.net/event/backchannel-logout\":{}}";
    vec![
        row("a logout token of the usual type", Refusal::Type, move |draft| {
            draft.claims.push("events", logout);
        }),
        row("a security event of the usual type", Refusal::Type, |draft| {
            draft.claims.push("events", "null");
        }),
        row("bound to a key of its holder", Refusal::Bound, |draft| {
            draft.claims.push("cnf", "{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}");
        }),
        row("bound to a certificate of its holder", Refusal::Bound, |draft| {
            draft
                .claims
                .push("cnf", "{\"x5t#S256\":\"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2\"}");
        }),
        row("bound to nothing in particular", Refusal::Bound, |draft| {
            draft.claims.push("cnf", "null")
        }),
    ]
}

fn twice() -> Vec<Row> {
    let mut rows = Vec::new();
    let evil = "\"https://evil.example\"";
    let members = [
        ("iss", evil),
        ("aud", "\"account\""),
        ("sub", "\"admin\""),
        ("exp", "1"),
        ("nbf", "9999999999"),
        ("iat", "9999999999"),
        ("jti", "\"b6f1\""),
        ("\\u0069ss", evil),
        ("su\\u0062", "\"admin\""),
        ("e\\u0078p", "9999999999"),
        ("a\\u0075d", "\"account\""),
    ];
    for (name, raw) in members {
        rows.push(row(
            format!("claim twice, ours last: {name}"),
            Refusal::Duplicate,
            move |draft| {
                draft.claims.push_front(name, raw);
            },
        ));
        rows.push(row(
            format!("claim twice, ours first: {name}"),
            Refusal::Duplicate,
            move |draft| {
                draft.claims.push(name, raw);
            },
        ));
    }
    rows.push(row("claim twice: alike", Refusal::Duplicate, |draft| {
        draft.claims.push("sub", "\"user|7\"");
    }));
    rows.push(row("claim twice: inside another", Refusal::Duplicate, |draft| {
        draft.claims.push("org", "{\"id\":1,\"id\":2}");
    }));
    rows.push(row("claim twice: inside an array", Refusal::Duplicate, |draft| {
        draft.claims.push("orgs", "[{\"id\":1},{\"id\":1,\"id\":2}]");
    }));
    rows
}

fn shapes() -> Vec<Row> {
    let deep = format!("{}1{}", "[".repeat(16), "]".repeat(16));
    let mut rows = vec![
        row("claims too deep", Refusal::Malformed, move |draft| draft.claims.push("x", &deep)),
        row("claims with a lone surrogate", Refusal::Malformed, |draft| {
            draft.claims.push("x", "\"\\ud83d\"");
        }),
        row("claims with NaN", Refusal::Malformed, |draft| draft.claims.push("x", "NaN")),
        row("claims that are a token of their own", Refusal::Malformed, |draft| {
            let inner = Draft::valid(draft.algorithm).token();
            draft.claims_bytes = Some(inner.into_bytes());
        }),
        row("claims that are a token in a text", Refusal::Malformed, |draft| {
            let inner = Draft::valid(draft.algorithm).token();
            draft.claims_bytes = Some(format!("\"{inner}\"").into_bytes());
        }),
        row("claims that are an attacker's", Refusal::Signature, |draft| {
            draft.claims.set("sub", "admin");
            draft.signed_by(attackers(draft.algorithm));
        }),
    ];
    for (what, bytes) in [
        ("empty", b"".as_slice()),
        ("an array", b"[]"),
        ("null", b"null"),
        ("a number", b"0"),
        ("true", b"true"),
        ("blank", b"  "),
        ("cut short", b"{\"iss\":"),
        ("not UTF-8", b"{\"x\":\"\xc3\x28\"}"),
        ("overlong UTF-8", b"{\"x\":\"\xc0\xaf\"}"),
    ] {
        let bytes = bytes.to_vec();
        rows.push(row(format!("claims {what}"), Refusal::Malformed, move |draft| {
            draft.claims_bytes = Some(bytes.clone());
        }));
    }
    rows.push(row("claims that are none", NotAccepted::UnknownIssuer, |draft| {
        draft.claims_bytes = Some(b"{}".to_vec());
    }));
    let around: [(&str, Spell); 6] = [
        ("behind a byte order mark", |text| format!("\u{feff}{text}")),
        ("in an array", |text| format!("[{text}]")),
        ("followed by others", |text| format!("{text}{text}")),
        ("followed by a NUL", |text| format!("{text}\0")),
        ("followed by a word", |text| format!("{text}x")),
        ("with a comma at their end", |text| format!("{},}}", &text[..text.len() - 1])),
    ];
    rows.extend(around.map(|(what, change)| {
        row(format!("claims {what}"), Refusal::Malformed, move |draft| {
            draft.claims_bytes = Some(change(draft.claims.text()).into_bytes());
        })
    }));
    rows
}
