//! Tokens and what is kept of them.

use super::{Case, Read, hold};
use crate::{
    PresentedToken, TokenPrefix,
    tests::support::{Home, fixed},
};
use subrosa_domain::{KeyId, TokenHash};

#[test]
fn tokens_hold() {
    let base = made("personal", TokenPrefix::Personal, b"0aZ9bY1cX2dW");
    let mut cases =
        vec![base.clone(), made("service account", TokenPrefix::ServiceAccount, b"aB3zaB3zaB3z")];
    cases.push(base.but("hash changed", "hash", base.flipped("hash", 0), "refused"));
    let service = base.flipped("service key", 0);
    cases.push(base.but("another service key", "service key", service, "refused"));
    cases.push(base.but("no such pepper", "pepper version", 2, "refused"));
    let text = base.text("token");
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    for (name, token) in [
        ("checksum of another token", format!("{}000000", &text[..63])),
        ("one character changed", swap("0aZ9", "0aZ8")),
        ("other type", swap("sr_pat_", "sr_sat_")),
        ("unknown type", swap("sr_pat_", "sr_xat_")),
        ("no separator", swap("dW_", "dWx")),
        ("cut short", text[..68].to_owned()),
        ("too long", format!("{text}0")),
        ("empty", String::new()),
    ] {
        cases.push(base.but(name, "token", token, "malformed"));
    }
    let opaque = made("opaque", TokenPrefix::Opaque, b"Zz9aA0Zz9aA0");
    cases.push(opaque.clone());
    cases.push(opaque.but("opaque, hash changed", "hash", opaque.flipped("hash", 31), "refused"));
    let short = opaque.text("token");
    for (name, token) in [
        ("opaque, other type", short.replacen("tfy_", "sr_pat_", 1)),
        ("opaque, as long as the others", short.replacen("tfy_", "tfy_000", 1)),
        ("opaque, cut short", short[..65].to_owned()),
        ("opaque, other case", short.replacen("tfy_", "TFY_", 1)),
        ("personal as opaque", swap("sr_pat_", "tfy_")),
    ] {
        cases.push(opaque.but(name, "token", token, "malformed"));
    }
    let about = "Tokens and their hashes. `malformed` is refused before any look-up.";
    hold("token.txt", about, &cases, outcome);
}

fn made(name: &str, prefix: TokenPrefix, key_id: &[u8]) -> Case {
    let service = fixed("service");
    let keyring = Home::new(&fixed("root")).keyring(&service);
    let secret = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
    let token = keyring.token_from(prefix, KeyId::parse(key_id).unwrap(), secret);
    Case::new(name)
        .hex("service key", &service)
        .with("token", token.plain.expose())
        .with("key prefix", &token.key_prefix)
        .with("pepper version", token.hash.pepper_version)
        .hex("hash", &token.hash.digest)
        .expect("accepted")
}

fn outcome(case: &Read) -> &'static str {
    let Some(presented) = PresentedToken::parse(case.text("token")) else { return "malformed" };
    let hash =
        TokenHash { digest: case.array("hash"), pepper_version: case.number("pepper version") };
    let keyring = Home::new(&fixed("root")).keyring(&case.array("service key"));
    assert!(case.text("key prefix").ends_with(&presented.key_id().as_str()[..4]));
    assert!(case.text("token").starts_with(case.text("key prefix")));
    if keyring.check_token(&presented, Some(&hash)) { "accepted" } else { "refused" }
}
