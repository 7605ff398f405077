//! A token is accepted whole, under its own hash and pepper, and in no other case.

use super::support::{key, keyring};
use crate::{Keyring, NewToken, PresentedToken, TokenPrefix, service_keys::Version};
use std::collections::HashSet;
use subrosa_domain::TokenHash;

const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. \u{e9}";

fn made(prefix: TokenPrefix) -> (Keyring, NewToken) {
    let keyring = keyring("service");
    let token = keyring.generate_token(prefix);
    (keyring, token)
}

fn presented(token: &NewToken) -> PresentedToken {
    PresentedToken::parse(token.plain.expose()).unwrap()
}

#[test]
fn a_new_token_has_the_documented_shape_and_is_accepted() {
    for (prefix, text) in
        [(TokenPrefix::Personal, "sr_pat_"), (TokenPrefix::ServiceAccount, "sr_sat_")]
    {
        let (keyring, token) = made(prefix);
        let plain = token.plain.expose();
        assert_eq!(plain.len(), 69);
        assert!(plain.starts_with(text) && plain.as_bytes()[19] == b'_');
        assert_eq!(&plain[7..19], token.key_id.as_str());
        assert_eq!(*token.key_prefix, plain[..11]);
        let presented = presented(&token);
        assert_eq!(presented.key_id(), &token.key_id);
        assert!(keyring.check_token(&presented, Some(&token.hash)));
    }
}

#[test]
fn every_change_of_one_character_every_cut_and_every_addition_is_refused_unread() {
    let (_, token) = made(TokenPrefix::Personal);
    let plain = token.plain.expose();
    for (at, old) in plain.char_indices() {
        for new in ALPHABET.chars().filter(|new| *new != old) {
            let changed = format!("{}{new}{}", &plain[..at], &plain[at + 1..]);
            assert!(PresentedToken::parse(&changed).is_none(), "{at}: {old} to {new}");
        }
        assert!(PresentedToken::parse(&plain[..at]).is_none(), "cut at {at}");
        assert!(PresentedToken::parse(&plain[at + 1..]).is_none(), "from {at}");
    }
    for odd in
        [format!("{plain}0"), format!(" {plain}"), format!("{plain}\n"), plain.to_lowercase()]
    {
        assert!(PresentedToken::parse(&odd).is_none());
    }
    assert!(PresentedToken::parse("").is_none());
}

#[test]
fn swapped_neighbours_are_refused_unread() {
    let (_, token) = made(TokenPrefix::Personal);
    let plain = token.plain.expose().as_bytes();
    for at in 0..plain.len() - 1 {
        let mut swapped = plain.to_vec();
        swapped.swap(at, at + 1);
        let text = String::from_utf8(swapped).unwrap();
        assert_eq!(PresentedToken::parse(&text).is_none(), plain[at] != plain[at + 1], "{at}");
    }
}

#[test]
fn another_tokens_hash_no_hash_and_an_unknown_pepper_are_refused() {
    let (keyring, token) = made(TokenPrefix::Personal);
    let other = keyring.generate_token(TokenPrefix::Personal);
    let presented = presented(&token);
    assert!(!keyring.check_token(&presented, Some(&other.hash)));
    assert!(!keyring.check_token(&presented, None));
    let unknown = TokenHash { pepper_version: 2, ..token.hash };
    assert!(!keyring.check_token(&presented, Some(&unknown)), "the right digest, no such pepper");
    for at in 0..32 {
        let mut hash = token.hash;
        hash.digest[at] ^= 1;
        assert!(!keyring.check_token(&presented, Some(&hash)), "byte {at}");
    }
    let stranger = super::support::keyring("another service");
    assert!(!stranger.check_token(&presented, Some(&token.hash)));
}

#[test]
fn a_token_from_before_the_pepper_was_replaced_still_works() {
    let (_, token) = made(TokenPrefix::Personal);
    let mut new = keyring("next service");
    new.service.active.number = 2;
    new.service.retired.push(Version::new(1, &key("service")));
    assert!(new.check_token(&presented(&token), Some(&token.hash)));
    assert_eq!(new.generate_token(TokenPrefix::Personal).hash.pepper_version, 2);
}

/// 200 tokens draw 11,000 characters: each of the 62 turns up, none far more often than another, no token twice.
#[test]
fn tokens_are_drawn_from_the_whole_alphabet() {
    let keyring = keyring("service");
    let mut seen = HashSet::new();
    let mut counts = [0_u32; 128];
    for _ in 0..200 {
        let token = keyring.generate_token(TokenPrefix::Personal);
        let plain = token.plain.expose();
        for byte in plain[7..19].bytes().chain(plain[20..63].bytes()) {
            counts[usize::from(byte)] += 1;
        }
        assert!(seen.insert(plain.to_owned()));
    }
    let drawn: Vec<u32> = counts.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(drawn.len(), 62);
    // 177 each on average; ten standard deviations are 133.
    assert!(drawn.iter().all(|count| (44..311).contains(count)), "{drawn:?}");
}
