//! The tokens of virtual accounts: one token has one text, and one set of claims one spelling.
#![cfg_attr(fuzzing, no_main)]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subrosa_crypto::{PresentedJwt, fuzz, looks_like_jwt};

subrosa_fuzz::target!(run);

const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT","kid":"0190b6a0-0000-7000-8000-000000000000"}"#;

fn run(data: &[u8]) {
    if let Some(written) = fuzz::claims(data) {
        assert_eq!(written, data, "two spellings of the same claims");
    }
    let signed = [HEADER.as_bytes(), data].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let whole = format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 64]));
    check(&whole);
    if let Ok(text) = str::from_utf8(data) {
        check(text);
    }
}

fn check(text: &str) {
    let Some(jwt) = PresentedJwt::parse(text) else { return };
    let empty = text.contains("..");
    assert!(empty || looks_like_jwt(text), "a JWT of ours that is none");
    assert_eq!(fuzz::jwt(text).as_deref(), Some(text), "two texts of one token");
    assert!(jwt.verify(&[9; 32]).is_none(), "nobody signed that");
}
