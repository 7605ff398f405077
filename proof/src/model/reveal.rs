//! Reading values: who may, when, and what goes on record.

use super::{
    Answer, Caller, Done, Event, Pick, Role, Scopes, Secret, Tier, Value as Datum, World, base64,
    text,
};
use serde_json::{Value, json};

/// A value as answers have it: text as it is, other bytes in base64.
fn put(into: &mut Value, value: Datum) {
    if value < 8 {
        into["value"] = json!(text(value));
    } else {
        into["valueBase64"] = json!(base64(value));
    }
}

impl World {
    /// Whether a caller gets the value of a secret now: `None` when they do, else why not.
    fn kept_from(&self, by: &Caller, secret: &Secret) -> Option<&'static str> {
        // What is outside its window is as good as not there, whoever asks.
        if !secret.resolves(self.now) {
            Some("not-resolvable")
        } else if self.role_in(by, &secret.group) < Some(Role::Editor) {
            Some("missing-role")
        } else if !secret.readable {
            Some("use-only")
        } else {
            None
        }
    }

    fn revealed(&mut self, by: &Caller, at: usize, reason: Option<&str>) {
        let secret = &self.secrets[at];
        let mut event = Event::about(by, "secret.reveal", secret);
        event.reason = reason.map(str::to_owned);
        event.gathered = secret.tier == Tier::Standard;
        self.log.push(event);
    }

    /// Nothing to open, for this caller, by this id or by a key: on record as a reveal, too.
    fn nothing(&mut self, by: &Caller, of: Option<u32>) -> Answer {
        let mut event = Event::new(by, "secret.reveal", "secret").denied("not-resolvable");
        event.id = of.map(|of| format!("$s{of}"));
        self.log.push(event);
        Answer::absent()
    }

    /// Opens a secret that was asked for by itself, or says why not; either way it is on record.
    fn open(&mut self, by: &Caller, at: usize, reason: Option<&str>) -> Result<Datum, Answer> {
        let secret = &self.secrets[at];
        let hidden = self.role_in(by, &secret.group).is_none();
        let why = if hidden { Some("not-resolvable") } else { self.kept_from(by, secret) };
        if let Some(why) = why {
            self.log.push(Event::about(by, "secret.reveal", secret).denied(why));
            return Err(match why {
                "not-resolvable" => Answer::absent(),
                code => Answer::refusal(code),
            });
        }
        let value = secret.value();
        self.revealed(by, at, reason);
        Ok(value)
    }

    pub(crate) fn reveal(&mut self, by: &Caller, of: u32, reason: Option<&str>) -> Done {
        let at = self.secrets.iter().position(|secret| secret.number == of);
        let at = at.ok_or_else(|| self.nothing(by, Some(of)))?;
        let value = self.open(by, at, reason)?;
        let secret = &self.secrets[at];
        let mut body =
            json!({ "secretId": secret.name(), "key": secret.key, "version": secret.live() });
        put(&mut body, value);
        Ok(Answer::of(200, body))
    }

    pub(crate) fn reveal_batch(&mut self, by: &Caller, items: &[Pick]) -> Answer {
        let mut shown = vec![];
        for item in items {
            let (at, mut body, of) = match item {
                Pick::Secret(of) => (
                    self.secrets.iter().position(|secret| secret.number == *of),
                    json!({ "id": format!("$s{of}") }),
                    Some(*of),
                ),
                Pick::Key(key) => (self.keyed("default", key), json!({ "key": key }), None),
            };
            let at = at.ok_or_else(|| self.nothing(by, of));
            let opened = at.and_then(|at| {
                let value = self.open(by, at, None)?;
                Ok((at, value))
            });
            match opened {
                Ok((at, value)) => {
                    let secret = &self.secrets[at];
                    body["id"] = json!(secret.name());
                    body["key"] = json!(secret.key);
                    body["version"] = json!(secret.live());
                    put(&mut body, value);
                }
                Err(refusal) => body["problem"] = refusal.body,
            }
            shown.push(body);
        }
        Answer::of(200, json!({ "items": shown }))
    }

    pub(crate) fn wallet_get(&mut self, by: &Caller, key: &str) -> Done {
        let at = self.keyed("default", key);
        let at = at.ok_or_else(|| self.nothing(by, None))?;
        let value = self.open(by, at, None)?;
        // Bytes that are no text come as they are.
        let body = if value < 8 { json!(text(value)) } else { json!({ "#bytes": base64(value) }) };
        Ok(Answer::of(200, body))
    }

    /// A secret as the truefoundry surface shows it, with its value where that was asked for and may be had.
    pub(crate) fn grouped(&mut self, by: &Caller, at: usize, with_value: bool) -> Value {
        let secret = &self.secrets[at];
        let mut body = json!({
            "id": secret.name(),
            "fqn": format!("{}:{}:{}", self.slug, secret.group, secret.key),
            "name": secret.key,
            "secretGroupId": self.groups[&secret.group].id(),
            "createdBy": secret.by,
            "createdAt": format!("~ic{}", secret.number),
            "updatedAt": format!("~im{}.{}", secret.number, secret.changes),
            "value": null,
            "valueBase64": null,
        });
        let may = by.may(Scopes::REVEAL) || by.roles_alone;
        if with_value && may && self.kept_from(by, secret).is_none() {
            put(&mut body, secret.value());
            self.revealed(by, at, None);
        }
        body
    }

    pub(crate) fn group_secret(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        Ok(Answer::of(200, json!({ "data": self.grouped(by, at, true) })))
    }

    pub(crate) fn group_secrets(&mut self, by: &Caller, with_value: bool) -> Answer {
        let seen = |at: &usize| self.role_in(by, &self.secrets[*at].group).is_some();
        let mut seen: Vec<usize> = (0..self.secrets.len()).filter(seen).collect();
        seen.sort_by_key(|at| {
            let secret = &self.secrets[*at];
            (self.groups[&secret.group].number, &secret.key)
        });
        let shown: Vec<Value> =
            seen.into_iter().map(|at| self.grouped(by, at, with_value)).collect();
        Answer::page(shown)
    }
}
