//! What one writer's things are, as its book has them, and how that looks from outside.

use std::collections::{BTreeMap, BTreeSet};

/// The tiers, from the lowest.
pub(super) const TIERS: [&str; 5] = ["STANDARD", "PII", "PHI", "FINANCIAL", "REGULATED"];

/// How things look from outside, one line for each.
pub(super) type Seen = BTreeMap<String, String>;

/// One event as it must be in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Event {
    action: String,
    key: String,
    revision: Option<u64>,
}

/// A secret outside groups.
#[derive(Clone, Debug)]
pub(super) struct Secret {
    /// Which of [`TIERS`].
    pub(super) tier: usize,
    /// When it ends.
    pub(super) until: Option<u64>,
    /// Its versions' values, from 1.
    pub(super) values: Vec<String>,
    /// Which version went live, each time.
    pub(super) published: Vec<u64>,
    /// Who may use it.
    pub(super) grants: BTreeSet<String>,
}

/// Everything of one writer's.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// By key.
    pub(super) secrets: BTreeMap<String, Secret>,
    /// Whether it is revoked, by name.
    pub(super) tokens: BTreeMap<String, bool>,
    /// By name: each secret's values by key.
    pub(super) groups: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Event {
    pub(super) fn new(action: &str, key: &str, revision: Option<u64>) -> Self {
        Self { action: action.to_owned(), key: key.to_owned(), revision }
    }
}

impl Secret {
    pub(super) fn new(tier: usize, value: &str) -> Self {
        let (values, published) = (vec![value.to_owned()], vec![1]);
        Self { tier, until: None, values, published, grants: BTreeSet::new() }
    }

    pub(super) fn publish(&mut self, value: &str) {
        self.values.push(value.to_owned());
        self.published.push(self.values.len() as u64);
    }

    pub(super) fn live(&self) -> u64 {
        *self.published.last().expect("a secret has a live version")
    }

    pub(super) fn line(&self) -> String {
        let value = &self.values[self.live() as usize - 1];
        let versions = self.values.len() as u64;
        let until = self.until.unwrap_or(0);
        line(TIERS[self.tier], until, versions, &self.published, &self.grants, value)
    }
}

/// A secret's line.
pub(super) fn line(
    tier: &str,
    until: u64,
    versions: u64,
    published: &[u64],
    grants: &BTreeSet<String>,
    value: &str,
) -> String {
    format!(
        "{tier} until {until}, {versions} versions, live {published:?}, for {grants:?}: {value}"
    )
}

/// A grouped secret's line.
pub(super) fn grouped_line(versions: u64, value: &str) -> String {
    format!("{versions} versions: {value}")
}

/// A token's line.
pub(super) const fn token_line(revoked: bool) -> &'static str {
    if revoked { "revoked" } else { "alive" }
}

impl State {
    /// How it must look.
    pub(super) fn seen(&self) -> Seen {
        let mut seen = Seen::new();
        for (key, secret) in &self.secrets {
            seen.insert(format!("secret {key}"), secret.line());
        }
        for (name, revoked) in &self.tokens {
            seen.insert(format!("token {name}"), token_line(*revoked).to_owned());
        }
        for (name, secrets) in &self.groups {
            seen.insert(format!("group {name}"), format!("{} secrets", secrets.len()));
            for (key, values) in secrets {
                let value = values.last().map_or("", String::as_str);
                let line = grouped_line(values.len() as u64, value);
                seen.insert(format!("group {name} {key}"), line);
            }
        }
        seen
    }
}
