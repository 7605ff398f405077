//! Texts that are nearly a token.

use super::{Row, Spell, row};
use crate::{draft::Draft, signer::b64};
use base64::{Engine, engine::general_purpose::STANDARD};
use subrosa_oidc::{NotAccepted, Refusal};

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = changes()
        .into_iter()
        .map(|(name, change)| {
            row(format!("form: {name}"), Refusal::Malformed, move |draft| {
                draft.text = Some(Box::new(change));
            })
        })
        .collect();
    for part in 0..3 {
        rows.push(
            row(
                format!("form: stray bits at the end of part {part}"),
                Refusal::Malformed,
                move |draft| {
                    draft.text = Some(Box::new(move |token| with_part(&token, part, stray_bits)));
                },
            )
            .given(uneven),
        );
        let paddings: [(&str, Spell); 3] = [
            ("=", |part| format!("{part}=")),
            ("==", |part| format!("{part}==")),
            ("%3D", |part| format!("{part}%3D")),
        ];
        for (what, pad) in paddings {
            rows.push(row(
                format!("form: {what} after part {part}"),
                Refusal::Malformed,
                move |draft| {
                    draft.text = Some(Box::new(move |token| with_part(&token, part, pad)));
                },
            ));
        }
        let spaces: [(&str, Spell); 4] = [
            ("a space", |part| format!("{} {}", &part[..4], &part[4..])),
            ("a line feed", |part| format!("{}\n{}", &part[..4], &part[4..])),
            ("a tab", |part| format!("{part}\t")),
            ("a NUL", |part| format!("{part}\0")),
        ];
        for (what, change) in spaces {
            rows.push(row(
                format!("form: {what} in part {part}"),
                Refusal::Malformed,
                move |draft| {
                    draft.text = Some(Box::new(move |token| with_part(&token, part, change)));
                },
            ));
        }
    }
    // At the limit it is a token like any other; the twin is exactly as long as one may be.
    rows.push(
        row("form: a byte too long", Refusal::TooLong, |draft| fill(draft, 16 * 1024 + 1))
            .given(|draft| fill(draft, 16 * 1024)),
    );
    rows.push(row("form: much too long", Refusal::TooLong, |draft| {
        draft.claims.set("x", "x".repeat(1_000_000));
    }));
    rows.push(row(
        "form: long before it is anything",
        NotAccepted::Refused(Refusal::TooLong),
        |draft| {
            draft.text = Some(Box::new(|_| "a".repeat(20_000)));
        },
    ));
    rows
}

fn changes() -> Vec<(&'static str, Spell)> {
    vec![
        ("nothing", |_| String::new()),
        ("a dot", |_| ".".to_owned()),
        ("two dots", |_| "..".to_owned()),
        ("three dots", |_| "...".to_owned()),
        ("no dots", |token| token.replace('.', "")),
        ("one part", |token| parts(&token)[0].clone()),
        ("two parts", |token| parts(&token)[..2].join(".")),
        ("two parts and a dot", |token| format!("{}.", parts(&token)[..2].join("."))),
        ("without a header", |token| format!(".{}", parts(&token)[1..].join("."))),
        ("without claims", |token| format!("{}..{}", parts(&token)[0], parts(&token)[2])),
        ("a fourth part", |token| format!("{token}.AAAA")),
        ("an empty fourth part", |token| format!("{token}.")),
        ("five parts", |token| format!("{token}.AAAA.AAAA")),
        ("itself twice", |token| format!("{token}{token}")),
        ("itself twice with a dot", |token| format!("{token}.{token}")),
        ("a dot before it", |token| format!(".{token}")),
        ("a space before it", |token| format!(" {token}")),
        ("a space after it", |token| format!("{token} ")),
        ("a line feed after it", |token| format!("{token}\n")),
        ("CR LF after it", |token| format!("{token}\r\n")),
        ("a byte order mark before it", |token| format!("\u{feff}{token}")),
        ("an invisible letter after it", |token| format!("{token}\u{200b}")),
        ("another's dots", |token| token.replace('.', "\u{ff0e}")),
        ("escaped dots", |token| token.replace('.', "%2E")),
        ("in quotes", |token| format!("\"{token}\"")),
        ("behind its scheme", |token| format!("Bearer {token}")),
        ("a list", |token| format!("{token},{token}")),
        ("as JSON", |token| {
            let parts = parts(&token);
            format!(
                "{{\"protected\":\"{}\",\"payload\":\"{}\",\"signature\":\"{}\"}}",
                parts[0], parts[1], parts[2]
            )
        }),
        ("in base64 once more", |token| b64(token.as_bytes())),
        ("each part in base64 once more", |token| {
            parts(&token).iter().map(|part| b64(part.as_bytes())).collect::<Vec<_>>().join(".")
        }),
        ("in hexadecimal", |token| {
            let hex = |part: &String| part.bytes().map(|b| format!("{b:02x}")).collect::<String>();
            parts(&token).iter().map(hex).collect::<Vec<_>>().join(".")
        }),
        ("in the other base64", |token| {
            // A letter of the other alphabet, at a place where it means the same.
            with_part(&token, 2, |part| STANDARD.encode(decoded(&part)))
        }),
        ("in lower case", |token| with_part(&token, 0, |part| part.to_lowercase())),
        ("a tilde for a letter", |token| with_part(&token, 1, |part| format!("~{}", &part[1..]))),
    ]
}

fn parts(token: &str) -> Vec<String> {
    token.split('.').map(str::to_owned).collect()
}

fn decoded(part: &str) -> Vec<u8> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
}

fn with_part(token: &str, index: usize, change: impl Fn(String) -> String) -> String {
    let mut parts = parts(token);
    parts[index] = change(parts[index].clone());
    parts.join(".")
}

/// The same bytes for a reader that does not look at the bits a last letter has to spare.
fn stray_bits(part: String) -> String {
    let (rest, last) = part.split_at(part.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    format!("{rest}{}", &ALPHABET[value + 1..value + 2])
}

/// Makes header and claims of lengths whose base64 has bits to spare. Every signature's has.
fn uneven(draft: &mut Draft) {
    for members in [&mut draft.header, &mut draft.claims] {
        for filler in ["", "x", "xx"] {
            members.set("fill", filler);
            if members.text().len() % 3 != 0 {
                break;
            }
        }
    }
}

/// Makes the token exactly `bytes` long.
fn fill(draft: &mut Draft, bytes: usize) {
    // Base64 has no text of some lengths, so the header may have to be a little longer first.
    for header in 0..3 {
        draft.header.set("fill", "x".repeat(header));
        for claims in 0..bytes {
            draft.claims.set("fill", "");
            let empty = draft.token().len();
            let guess = (bytes.saturating_sub(empty) * 3 / 4).saturating_sub(3) + claims;
            draft.claims.set("fill", "x".repeat(guess));
            let length = draft.token().len();
            if length == bytes {
                return;
            }
            if length > bytes {
                break;
            }
        }
    }
    unreachable!("no token of {bytes} bytes");
}
