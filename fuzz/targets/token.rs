//! API tokens: what is one has one form, and no token is one character away from another.
#![cfg_attr(fuzzing, no_main)]

use subrosa_crypto::{PresentedToken, fuzz};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    check(text);
    check(&fuzz::with_checksum(text));
}

fn check(text: &str) {
    let Some(token) = PresentedToken::parse(text) else { return };
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    assert!(plain && text.len() <= 80 && text.contains(token.key_id().as_str()));
    for at in 0..text.len() {
        let other = |(place, c): (usize, char)| match (place == at, c) {
            (true, 'a') => 'b',
            (true, _) => 'a',
            (false, c) => c,
        };
        let near: String = text.chars().enumerate().map(other).collect();
        let same = near == text;
        assert!(same || PresentedToken::parse(&near).is_none(), "two tokens, one character apart");
    }
}
