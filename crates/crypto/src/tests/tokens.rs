//! A token is accepted whole, under its own hash and pepper, and in no other case.

use super::support::{key, keyring};
use crate::{Keyring, NewToken, PresentedToken, TokenPrefix, service_keys::Version};
use std::collections::HashSet;
use subrosa_domain::{KeyId, TokenHash};

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
    for (prefix, text, length) in [
        (TokenPrefix::Personal, "sr_pat_", 69),
        (TokenPrefix::ServiceAccount, "sr_sat_", 69),
        (TokenPrefix::Opaque, "tfy_", 66),
    ] {
        let (keyring, token) = made(prefix);
        let plain = token.plain.expose();
        assert_eq!(plain.len(), length);
        let rest = plain.strip_prefix(text).unwrap();
        assert_eq!((&rest[..12], &rest[12..13]), (token.key_id.as_str(), "_"));
        assert_eq!(*token.key_prefix, plain[..text.len() + 4]);
        let presented = presented(&token);
        assert_eq!(presented.key_id(), &token.key_id);
        assert!(keyring.check_token(&presented, Some(&token.hash)));
    }
}

#[test]
fn every_change_of_one_character_every_cut_and_every_addition_is_refused_unread() {
    for prefix in TokenPrefix::ALL {
        let (_, token) = made(prefix);
        every_change_is_refused_unread(token.plain.expose());
    }
}

fn every_change_is_refused_unread(plain: &str) {
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

/// The checksum is no secret: anyone can put a right one on a text of another shape.
#[test]
fn a_text_of_another_shape_is_refused_unread_though_its_checksum_is_right() {
    let (id, secret) = ("aB3zaB3zaB3z", "x".repeat(43));
    for prefix in TokenPrefix::ALL.map(TokenPrefix::as_str) {
        assert!(PresentedToken::parse(&summed(&format!("{prefix}{id}_{secret}"))).is_some());
        for odd in [
            format!("{prefix}{id}_{secret}x"),
            format!("{prefix}{id}_{}", &secret[1..]),
            format!("{prefix}{id}x_{secret}"),
            format!("{prefix}{}_{secret}x", &id[1..]),
            format!("{prefix}{id}-{secret}"),
            format!("{prefix}{id}_{}-", &secret[1..]),
            format!("{prefix}{id}_{}\u{e9}", &secret[2..]),
            format!("{prefix}{}-_{secret}", &id[1..]),
            format!("sr_xat_{id}_{secret}"),
            format!("{}{id}_{secret}", prefix.to_uppercase()),
            format!("x{prefix}{id}_{secret}"),
            format!("{id}_{secret}"),
        ] {
            assert!(PresentedToken::parse(&summed(&odd)).is_none(), "{odd}");
        }
    }
}

/// A text and its checksum, as the documentation has it.
fn summed(text: &str) -> String {
    let digits = ALPHABET.as_bytes();
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut sum = Vec::new();
    for _ in 0..6 {
        sum.push(digits[usize::try_from(rest % 62).unwrap()]);
        rest /= 62;
    }
    format!("{text}{}", sum.into_iter().rev().map(char::from).collect::<String>())
}

#[test]
fn no_prefix_is_the_start_of_another() {
    for one in TokenPrefix::ALL {
        let starts = TokenPrefix::ALL.iter().filter(|all| all.as_str().starts_with(one.as_str()));
        assert_eq!(starts.count(), 1, "{one:?}");
    }
}

/// A prefix is no part of the key id, so a row is found either way: it is the hash that tells them apart.
#[test]
fn a_token_under_another_prefix_is_another_token_however_well_formed() {
    let keyring = keyring("service");
    let key_id = KeyId::parse(b"aB3zaB3zaB3z").unwrap();
    let of = |prefix| keyring.token_from(prefix, key_id, &[b'x'; 43]);
    for one in TokenPrefix::ALL {
        for other in TokenPrefix::ALL {
            let accepted = keyring.check_token(&presented(&of(one)), Some(&of(other).hash));
            assert_eq!(accepted, one == other, "{one:?} for {other:?}");
            let relabelled = of(one).plain.expose().replacen(one.as_str(), other.as_str(), 1);
            assert_eq!(PresentedToken::parse(&relabelled).is_some(), one == other, "{relabelled}");
        }
    }
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
