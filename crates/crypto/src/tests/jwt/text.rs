//! The text: one text for each token, of a bounded length, with nothing before, after or between.

use super::*;
use crate::looks_like_jwt;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[test]
fn every_change_of_one_character_every_cut_and_every_addition_is_refused() {
    let signer = Signer::new();
    let token = signer.token();
    assert_eq!(signer.fate(&token), Accepted);
    for at in 0..token.len() {
        for new in ["A", "B", "g", "w", "_", "-", "=", ".", " ", "+", "/", "\n", "\0", "é"] {
            let changed = format!("{}{new}{}", &token[..at], &token[at + 1..]);
            assert_ne!((changed == token, signer.fate(&changed)), (false, Accepted), "{at}: {new}");
            let longer = format!("{}{new}{}", &token[..at], &token[at..]);
            assert_ne!(signer.fate(&longer), Accepted, "{at}: {new} put in");
        }
        assert_ne!(signer.fate(&token[..at]), Accepted, "cut at {at}");
        assert_ne!(signer.fate(&token[at + 1..]), Accepted, "from {at}");
        let without = format!("{}{}", &token[..at], &token[at + 1..]);
        assert_ne!(signer.fate(&without), Accepted, "without {at}");
    }
}

#[test]
fn segments_too_few_too_many_or_empty_are_not_ours() {
    let signer = Signer::new();
    let token = signer.token();
    let [header, claims, signature] = segments(&token);
    for odd in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "....".to_owned(),
        header.to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!(".{claims}.{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{header}..{claims}.{signature}"),
        format!("{token}.{signature}"),
        format!("{token}.{claims}.{signature}"),
        format!("{header}.{claims}.{signature}.{signature}.{signature}"),
        format!("{token}{token}"),
        format!("{token},{token}"),
        format!("{claims}.{header}.{signature}"),
        format!("{header}:{claims}:{signature}"),
    ] {
        signer.hostile(&odd, &odd, NotOurs, &token);
    }
    // A detached payload has the shape, and there are no claims in it.
    let detached = format!("{header}..{signature}");
    signer.hostile("detached", &detached, Refused, &token);
    let signed = signer.sign(&format!("{header}."));
    signer.hostile("detached and signed", &signed, Refused, &token);
}

#[test]
fn white_space_a_scheme_quotes_and_other_serialisations_are_not_ours() {
    let signer = Signer::new();
    let token = signer.token();
    let [header, claims, signature] = segments(&token);
    for odd in [
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}\r\n"),
        format!("{token}\0"),
        format!("\u{feff}{token}"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("{header} .{claims}.{signature}"),
        format!("{header}.\n{claims}.{signature}"),
        format!("{header}\u{ff0e}{claims}\u{ff0e}{signature}"),
        format!("{header}%2E{claims}%2E{signature}"),
        format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"{signature}"}}"#),
        token.to_uppercase(),
        token.to_lowercase(),
    ] {
        assert_eq!(looks_like_jwt(&odd), odd.eq_ignore_ascii_case(&token), "{odd}");
        signer.hostile(&odd, &odd, NotOurs, &token);
    }
}

#[test]
fn padding_and_the_other_base64_alphabet_are_not_ours() {
    let signer = Signer::new();
    // Names that make the claims one and two bytes longer, so that each of the three endings is tried; the last one has
    // characters that the two alphabets spell differently.
    for name in ["deploy bot", "deploy bot ", "deploy bot  ", "~~~???>>>"] {
        let token = signer.keys.issue_account_token(&signer.key, &account(name)).unwrap();
        let token = token.expose();
        let [header, claims, signature] = segments(token);
        let pad = |part: &str| format!("{part}{}", ["", "", "==", "="][part.len() % 4]);
        for odd in [
            format!("{header}=.{claims}.{signature}"),
            format!("{header}.{claims}=.{signature}"),
            format!("{header}.{claims}==.{signature}"),
            format!("{header}.{claims}.{signature}="),
            format!("{header}.{claims}.{}", pad(signature)),
        ] {
            signer.hostile(&odd, &odd, NotOurs, token);
        }
        let padded = [header, claims, signature].map(pad).join(".");
        signer.hostile("padded as it should be", &padded, NotOurs, token);
        let signed = format!("{}.{}", pad(header), pad(claims));
        if signed != format!("{header}.{claims}") {
            signer.hostile("padded and signed", &signer.sign(&signed), NotOurs, token);
        }
        let standard = token.replace('-', "+").replace('_', "/");
        if standard != token {
            signer.hostile("standard alphabet", &standard, NotOurs, token);
        }
    }
}

/// Bits after the last whole byte say nothing, so a lax decoder would read many texts as one token. The signature is
/// not over its own text: there it would be accepted.
#[test]
fn stray_bits_at_the_end_of_a_segment_are_not_ours() {
    let signer = Signer::new();
    for name in ["deploy bot", "deploy bot ", "deploy bot  "] {
        let token = signer.keys.issue_account_token(&signer.key, &account(name)).unwrap();
        let token = token.expose();
        let parts = segments(token);
        for (at, part) in parts.iter().enumerate() {
            let spare = [0, 0, 4, 2][part.len() % 4];
            let last = part.as_bytes()[part.len() - 1];
            let value = ALPHABET.iter().position(|digit| *digit == last).unwrap();
            for stray in 1..1 << spare {
                let digit = char::from(ALPHABET[value | stray]);
                let mut odd = parts.map(str::to_owned);
                odd[at] = format!("{}{digit}", &part[..part.len() - 1]);
                signer.hostile("stray bits", &odd.join("."), NotOurs, token);
                let signed = signer.sign(&odd[..2].join("."));
                if at < 2 {
                    signer.hostile("stray bits, signed", &signed, NotOurs, token);
                }
            }
        }
    }
}

#[test]
fn a_text_of_more_than_8_kib_is_not_looked_at() {
    let signer = Signer::new();
    let with_name =
        |length: usize| signer.forge(HEADER, CLAIMS.replacen("deploy bot", &"n".repeat(length), 1));
    let fits = (0..6_000).rev().map(with_name).find(|token| token.len() <= 8_192).unwrap();
    let over = (0..6_000).map(with_name).find(|token| token.len() > 8_192).unwrap();
    assert!(fits.len() > 8_180 && over.len() < 8_204);
    signer.hostile("too long", &over, NotOurs, &fits);
}

#[test]
fn what_has_three_segments_of_base64url_looks_like_a_jwt_whoever_issued_it() {
    for jwt in [&Signer::new().token()[..], "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "-._.0"] {
        assert!(looks_like_jwt(jwt), "{jwt}");
    }
    for other in [
        "",
        "a",
        "a.b",
        "a.b.",
        ".b.c",
        "a..c",
        "a.b.c.d",
        "a.b.c.d.e",
        "a.b.c=",
        "a.b.c ",
        "a.b+.c",
        "a.b/.c",
        "a.\u{e9}.c",
        "sr_pat_0aZ9bY1cX2dW_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ0AY87I",
    ] {
        assert!(!looks_like_jwt(other), "{other}");
    }
}
