//! Hostile tokens: each is a valid token with one thing changed, tried with every algorithm it makes sense for. The
//! valid one, its twin, has to be accepted, so that a row cannot pass because its scene is wrong; and a row says for
//! which reason it is refused, so that it cannot pass for another.

mod claims;
mod form;
mod header;
mod keys;
mod signature;
mod times;

use super::{
    draft::{Draft, NOW, at},
    signer::FAMILIES,
};
use subrosa_oidc::{NotAccepted, Refusal};

/// What is done to a text.
type Spell = fn(String) -> String;

/// What is made of a draft.
type Made<T> = fn(&Draft) -> T;

/// What is done to a draft.
type Edit = fn(&mut Draft);

/// One hostile idea.
pub(crate) struct Row {
    name: String,
    families: &'static [&'static str],
    given: Box<dyn Fn(&mut Draft)>,
    change: Box<dyn Fn(&mut Draft)>,
    expected: NotAccepted,
}

/// A row: what is changed, and why that is refused.
fn row(
    name: impl Into<String>,
    expected: impl Into<NotAccepted>,
    change: impl Fn(&mut Draft) + 'static,
) -> Row {
    Row {
        name: name.into(),
        families: &FAMILIES,
        given: Box::new(|_| {}),
        change: Box::new(change),
        expected: expected.into(),
    }
}

impl Row {
    /// What holds for the twin as well.
    fn given(mut self, given: impl Fn(&mut Draft) + 'static) -> Self {
        self.given = Box::new(given);
        self
    }

    /// For some algorithms alone.
    fn only(mut self, families: &'static [&'static str]) -> Self {
        self.families = families;
        self
    }
}

/// A row for each of many values of one member.
fn each(
    what: &str,
    expected: Refusal,
    values: &[(&str, &str)],
    change: impl Fn(&mut Draft, &str) + Copy + 'static,
) -> Vec<Row> {
    let row = |(name, raw): &(&str, &str)| {
        let raw = (*raw).to_owned();
        row(format!("{what}: {name}"), expected, move |draft| change(draft, &raw))
    };
    values.iter().map(row).collect()
}

fn rows() -> Vec<Row> {
    [header::rows(), claims::rows(), times::rows(), form::rows(), signature::rows(), keys::rows()]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn no_hostile_token_is_accepted_and_its_valid_twin_is() {
    let (mut refused, mut wrong) = (0, Vec::new());
    for row in rows() {
        for family in row.families {
            let mut draft = Draft::valid(family);
            (row.given)(&mut draft);
            if let Err(why) = draft.check().await {
                wrong.push(format!("{family} {}: the twin is refused: {why}", row.name));
            }
            (row.change)(&mut draft);
            match draft.check().await {
                Err(why) if why == row.expected => refused += 1,
                Err(why) => {
                    wrong.push(format!("{family} {}: {why}, not {}", row.name, row.expected))
                }
                Ok(_) => wrong.push(format!("{family} {}: ACCEPTED", row.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows().len() >= 200, "{} kinds", rows().len());
    assert!(refused >= 200, "{refused} hostile tokens");
}

#[tokio::test]
async fn no_character_of_a_token_can_be_changed_or_left_out() {
    let draft = Draft::valid("EdDSA");
    let ((issuers, _), token) = (draft.issuers(), draft.token());
    assert!(issuers.check(&token, at(NOW)).await.is_ok());
    for place in 0..token.len() {
        let (before, rest) = token.split_at(place);
        let after = &rest[1..];
        let changes = ["A", "B", "-", "_", ".", "=", " ", "\u{e9}"].map(|other| {
            if rest.starts_with(other) { String::new() } else { format!("{before}{other}{after}") }
        });
        let cut = [before.to_owned(), rest.to_owned(), format!("{before}{after}")];
        for text in changes.iter().chain(&cut).filter(|text| **text != token) {
            assert!(issuers.check(text, at(NOW)).await.is_err(), "{place}: {text}");
        }
    }
}

#[test]
fn no_two_rows_have_one_name() {
    let mut names: Vec<String> = rows().into_iter().map(|row| row.name).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}
