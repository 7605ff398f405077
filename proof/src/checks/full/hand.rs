//! One who writes and reads on the disk that fills, with a book of what was acknowledged.

use crate::{
    dice::Dice,
    wire::{Reply, Wire},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where the server keeps everything of theirs.
pub(super) const TENANT: &str = "/v1/tenants/default";

/// How it says that something cannot be written now.
const CODES: [&str; 2] = ["store-unavailable", "audit-unavailable"];

/// Values are this long at most: some pages.
const VALUE_MAX: u64 = 9_000;

/// What cannot be done without writing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Create,
    Publish,
    Mint,
    /// Of a secret above STANDARD: its event comes first.
    Reveal,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Create, Self::Publish, Self::Mint, Self::Reveal];
}

/// A secret of the book.
struct Secret {
    id: String,
    key: String,
    strict: bool,
    values: Vec<String>,
}

/// What must be in the log: action, key or name, version.
type Event = (String, String, Option<u64>);

/// One who asks, one request after the other.
pub(super) struct Hand {
    name: String,
    token: Value,
    dice: Dice,
    serial: u64,
    secrets: Vec<Secret>,
    /// By name, in full.
    tokens: BTreeMap<String, String>,
    events: Vec<Event>,
    /// How many requests were refused.
    pub(super) refused: u64,
}

impl Hand {
    /// Someone with a token of their own, and a secret of each tier to begin with.
    pub(super) async fn hired(operator: &Wire, name: String, dice: Dice) -> Result<Self, String> {
        let body = json!({ "name": format!("of {name}"), "preset": "admin" });
        let path = format!("{TENANT}/tokens:generate");
        let token = operator.asked("POST", &path, Some(&body)).await?;
        let (secrets, tokens, events) = (Vec::new(), BTreeMap::new(), Vec::new());
        Ok(Self { name, token, dice, serial: 0, secrets, tokens, events, refused: 0 })
    }

    /// The token that they ask with.
    pub(super) fn token(&self) -> &str {
        self.token["token"].as_str().expect("a token")
    }

    /// How many changes and reveals were acknowledged to them.
    pub(super) fn acknowledged(&self) -> u64 {
        self.events.len() as u64
    }

    /// Asks for something of any kind; whether it was acknowledged.
    ///
    /// # Errors
    /// When the answer is neither what it should be nor a refusal that says that nothing was changed.
    pub(super) async fn ask_any(&mut self, wire: &Wire) -> Result<bool, String> {
        let kind = self.dice.pick(Kind::ALL).expect("one of them");
        self.ask(wire, kind).await
    }

    /// Asks for something of a kind; whether it was acknowledged.
    ///
    /// # Errors
    /// As [`Self::ask_any`].
    pub(super) async fn ask(&mut self, wire: &Wire, kind: Kind) -> Result<bool, String> {
        self.serial += 1;
        let any = self.dice.pick(0..self.secrets.len());
        let strict = (0..self.secrets.len()).filter(|at| self.secrets[*at].strict);
        match (kind, any, self.dice.pick(strict)) {
            (Kind::Publish, Some(at), _) => self.publish(wire, at).await,
            (Kind::Mint, ..) => self.mint(wire).await,
            (Kind::Reveal, _, Some(at)) => self.reveal(wire, at).await,
            _ => self.create(wire).await,
        }
    }

    async fn create(&mut self, wire: &Wire) -> Result<bool, String> {
        let (key, value, strict) = (self.fresh(), self.value(), self.serial.is_multiple_of(2));
        let tier = if strict { "PII" } else { "STANDARD" };
        let (open, path) = ("READABLE", format!("{TENANT}/secrets"));
        let body = json!({ "key": key, "value": value, "sensitivity": tier, "disclosure": open });
        let Some(made) = self.send(wire, &path, Some(body), 201).await? else { return Ok(false) };
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        self.secrets.push(Secret { id, key: key.clone(), strict, values: vec![value] });
        self.events.push(("secret.create".to_owned(), key, Some(1)));
        Ok(true)
    }

    async fn publish(&mut self, wire: &Wire, at: usize) -> Result<bool, String> {
        let (value, id) = (self.value(), &self.secrets[at].id);
        let path = format!("{TENANT}/secrets/{id}:publish");
        let body = json!({ "value": value });
        if self.send(wire, &path, Some(body), 200).await?.is_none() {
            return Ok(false);
        }
        let secret = &mut self.secrets[at];
        secret.values.push(value);
        let version = Some(secret.values.len() as u64);
        self.events.push(("secret.publish".to_owned(), secret.key.clone(), version));
        Ok(true)
    }

    async fn mint(&mut self, wire: &Wire) -> Result<bool, String> {
        let (name, path) = (self.fresh(), format!("{TENANT}/tokens:generate"));
        let body = json!({ "name": name, "scopes": ["secrets:read"] });
        let Some(made) = self.send(wire, &path, Some(body), 201).await? else { return Ok(false) };
        let plain = made["token"].as_str().unwrap_or_default().to_owned();
        self.tokens.insert(name.clone(), plain);
        self.events.push(("token.mint".to_owned(), name, None));
        Ok(true)
    }

    /// Reveals a secret, whose value must be the one that went live last.
    async fn reveal(&mut self, wire: &Wire, at: usize) -> Result<bool, String> {
        let path = format!("{TENANT}/secrets/{}:reveal", self.secrets[at].id);
        let Some(told) = self.send(wire, &path, None, 200).await? else { return Ok(false) };
        let Secret { key, strict, values, .. } = &self.secrets[at];
        if told["value"].as_str() != values.last().map(String::as_str) {
            return Err(format!("{key} has another value than was acknowledged last"));
        }
        if *strict {
            let version = Some(values.len() as u64);
            self.events.push(("secret.reveal".to_owned(), key.clone(), version));
        }
        Ok(true)
    }

    /// Reveals every secret that takes no record first. None may be refused.
    ///
    /// # Errors
    /// When one is, or has another value.
    pub(super) async fn reveal_standard(&mut self, wire: &Wire) -> Result<u64, String> {
        self.reveal_all(wire, |secret| !secret.strict).await
    }

    async fn reveal_all(&mut self, wire: &Wire, of: fn(&Secret) -> bool) -> Result<u64, String> {
        let all: Vec<usize> = (0..self.secrets.len()).filter(|at| of(&self.secrets[*at])).collect();
        for at in &all {
            if !self.reveal(wire, *at).await? {
                return Err(format!("a reveal of {} was refused", self.secrets[*at].key));
            }
        }
        Ok(all.len() as u64)
    }

    /// Compares the book with what there is: all that was acknowledged, and nothing that was refused.
    ///
    /// # Errors
    /// Where they differ.
    pub(super) async fn compare(&self, wire: &Wire) -> Result<(), String> {
        let mine = format!("{}-", self.name);
        let mut there = BTreeMap::new();
        for secret in wire.listed(&format!("{TENANT}/secrets")).await? {
            let (key, version) = (text(&secret["key"]), secret["publishedVersion"].as_u64());
            if key.starts_with(&mine) {
                there.insert(key, version);
            }
        }
        let book = self.secrets.iter();
        let book = book.map(|secret| (secret.key.clone(), Some(secret.values.len() as u64)));
        same("secrets", &book.collect::<Vec<_>>(), &there.into_iter().collect::<Vec<_>>())?;
        for secret in &self.secrets {
            let revisions =
                wire.listed(&format!("{TENANT}/secrets/{}/revisions", secret.id)).await?.len();
            same(&format!("revisions of {}", secret.key), &[secret.values.len()], &[revisions])?;
        }
        let there = wire
            .listed(&format!("{TENANT}/tokens"))
            .await?
            .into_iter()
            .map(|token| text(&token["name"]));
        let mut there: Vec<String> = there.filter(|name| name.starts_with(&mine)).collect();
        there.sort_unstable();
        same("tokens", &self.tokens.keys().cloned().collect::<Vec<_>>(), &there)
    }

    /// The same with everything that can be asked only when events can be written: the log and every value.
    ///
    /// # Errors
    /// Where they differ.
    pub(super) async fn compare_whole(&mut self, wire: &Wire) -> Result<(), String> {
        self.compare(wire).await?;
        let standard = self.secrets.iter().filter(|secret| !secret.strict);
        let standard: Vec<&str> = standard.map(|secret| &*secret.key).collect();
        let mut there = Vec::new();
        let of = text(&self.token["id"]);
        for event in wire.listed(&format!("{TENANT}/auditEvents")).await?.iter().rev() {
            let (action, key) = (text(&event["action"]), text(&event["resource"]["key"]));
            let counted = action == "secret.reveal" && standard.contains(&&*key);
            let is_mine = event["actor"]["token"] == of.as_str();
            if is_mine && event["decision"] == "ALLOWED" && !counted {
                there.push((action, key, event["revision"].as_u64()));
            }
        }
        same("events", &self.events, &there)?;
        self.reveal_all(wire, |_| true).await.map(drop)
    }

    /// The tokens that were minted, in full.
    pub(super) fn minted(&self) -> impl Iterator<Item = &str> {
        self.tokens.values().map(String::as_str)
    }

    /// Sends something; `None` when it was refused as it may be.
    async fn send(
        &mut self,
        wire: &Wire,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Result<Option<Value>, String> {
        let reply = wire.send("POST", path, body.as_ref()).await;
        let reply = reply.map_err(|error| format!("{path} was not answered: {error}"))?;
        if reply.status == status {
            return Ok(Some(reply.json()));
        }
        self.refused += 1;
        match is_clean(&reply) {
            true => Ok(None),
            false => Err(format!("{path} was answered {} {}", reply.status, reply.json())),
        }
    }

    fn fresh(&self) -> String {
        // As many digits each, so that they sort as they were made.
        format!("{}-{:08}", self.name, self.serial)
    }

    /// A value like no other: mostly short.
    fn value(&mut self) -> String {
        let most = if self.dice.percent(85) { 200 } else { VALUE_MAX };
        let length = self.dice.below(most) as usize;
        format!("{}.{:x}.{}", self.serial, self.dice.any(), "v".repeat(length))
    }
}

/// Whether a refusal is one that a full disk may cause, says that nothing was changed, and says no more than that.
fn is_clean(reply: &Reply) -> bool {
    let body = reply.json();
    let said = body["detail"].as_str().unwrap_or_default();
    let unchanged = said.contains("nothing was") && said.contains("changed");
    let known = CODES.contains(&&*reply.code()) && reply.headers.contains_key("retry-after");
    reply.status == 503 && known && unchanged && body["value"].is_null() && body["token"].is_null()
}

/// That the book and the server have the same, in the same order.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, book: &[T], there: &[T]) -> Result<(), String> {
    if book == there {
        return Ok(());
    }
    let alike = book.iter().zip(there).take_while(|(ours, theirs)| ours == theirs).count();
    let rest = |of: &[T]| format!("{:?}", of.iter().skip(alike).take(3).collect::<Vec<_>>());
    let (ours, theirs) = (rest(book), rest(there));
    Err(format!("after {alike} {what} the book has {ours}, the server {theirs}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
