//! Times that are over, not yet, of no right type, or none.

use super::{Row, each, row};
use crate::draft::{Draft, NOW};
use subrosa_oidc::Refusal;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = ends();
    for name in ["nbf", "iat"] {
        rows.extend(begins(name));
    }
    rows.extend(lifetimes());
    rows
}

/// What is no number of seconds, whichever claim has it.
fn no_seconds(soon: i64) -> Vec<(&'static str, String)> {
    vec![
        ("null", "null".into()),
        ("true", "true".into()),
        ("a text", format!("\"{soon}\"")),
        ("a date", "\"2027-01-15T08:05:00Z\"".into()),
        ("an empty text", "\"\"".into()),
        ("an array", format!("[{soon}]")),
        ("an object", format!("{{\"$numberLong\":\"{soon}\"}}")),
        ("with a fraction", format!("{soon}.5")),
        ("with an empty fraction", format!("{soon}.0")),
        ("with an exponent", "1.8e9".into()),
        ("negative", "-1".into()),
        ("negative zero", "-0".into()),
        ("in milliseconds", format!("{soon}000")),
        ("of the year 10000", "253402300800".into()),
        ("the largest of 64 bits", i64::MAX.to_string()),
        ("beyond 63 bits", u64::MAX.to_string()),
        ("beyond 64 bits", "18446744073709551616".into()),
        ("the smallest of 64 bits", i64::MIN.to_string()),
        ("beyond everything", "1e300".into()),
    ]
}

/// What is no number of JSON.
const NO_NUMBERS: [(&str, &str); 6] = [
    ("NaN", "NaN"),
    ("Infinity", "Infinity"),
    ("in hexadecimal", "0xffffffff"),
    ("with a zero before it", "01800000300"),
    ("with a plus before it", "+1800000300"),
    ("beyond what can be read", "1e999"),
];

fn ends() -> Vec<Row> {
    let mut rows = wrong_types("exp");
    rows.push(row("exp: missing", Refusal::Time, |draft| draft.claims.remove("exp")));
    for (what, seconds) in [
        ("now", NOW),
        ("a second ago", NOW - 1),
        ("long ago", 1),
        ("the epoch", 0),
        ("a day ago", NOW - 86_400),
    ] {
        rows.push(row(format!("exp: {what}"), Refusal::Expired, move |draft| {
            draft.claims.set("exp", seconds);
        }));
    }
    rows
}

fn begins(name: &'static str) -> Vec<Row> {
    let mut rows = wrong_types(name);
    for (what, after) in
        [("past the leeway", 61), ("in an hour", 3_600), ("in a century", 3_155_760_000)]
    {
        rows.push(row(format!("{name}: {what}"), Refusal::NotYet, move |draft| {
            draft.claims.set("exp", NOW + 4_000_000_000);
            draft.claims.set(name, NOW + after);
        }));
    }
    rows
}

fn wrong_types(name: &'static str) -> Vec<Row> {
    let values = no_seconds(NOW + 300);
    let values: Vec<(&str, &str)> =
        values.iter().map(|(what, raw)| (*what, raw.as_str())).collect();
    let mut rows =
        each(name, Refusal::Time, &values, move |draft, raw| draft.claims.set_raw(name, raw));
    rows.extend(each(name, Refusal::Malformed, &NO_NUMBERS, move |draft, raw| {
        draft.claims.set_raw(name, raw);
    }));
    rows
}

fn lifetimes() -> Vec<Row> {
    let given = |draft: &mut Draft| {
        draft.config["max_lifetime_seconds"] = 310.into();
    };
    let rows = vec![
        row("lifetime: a second too long", Refusal::Lifetime, |draft| {
            draft.claims.set("exp", NOW + 301)
        }),
        row("lifetime: for ever", Refusal::Lifetime, |draft| {
            draft.claims.set("exp", 253_402_300_799_i64)
        }),
        row("lifetime: begun earlier", Refusal::Lifetime, |draft| {
            draft.claims.set("iat", NOW - 11)
        }),
        row("lifetime: of no beginning", Refusal::Lifetime, |draft| draft.claims.remove("iat")),
    ];
    rows.into_iter().map(|row| row.given(given)).collect()
}
