//! Secrets, their revisions and their publications.

use super::{Act, Answer, Caller, Done, Event, Patch, Role, Tier, Value as Datum, Window, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A secret with all its past.
#[derive(Clone, Default)]
pub(crate) struct Secret {
    /// The step that made it, and which of that step's.
    pub(crate) number: u32,
    pub(crate) group: String,
    pub(crate) key: String,
    pub(crate) description: Option<&'static str>,
    pub(crate) tier: Tier,
    pub(crate) readable: bool,
    pub(crate) window: Window,
    /// Number 1 is the first.
    pub(crate) revisions: Vec<Revision>,
    /// Which was live, in order, and who made it so. The last is live now.
    pub(crate) history: Vec<(usize, String)>,
    /// The revision it was last opened with: none before it is ever readable.
    pub(crate) opened: usize,
    pub(crate) by: String,
    /// How often it changed.
    pub(crate) changes: u32,
    /// Agents that may use it: how often it was granted before, and who granted it.
    pub(crate) grants: BTreeMap<String, (u32, String)>,
    /// How many grants it ever had.
    pub(crate) granted: u32,
}

/// One value of it.
#[derive(Clone)]
pub(crate) struct Revision {
    pub(crate) value: Datum,
    tier: Tier,
    note: Option<String>,
    by: String,
}

impl Secret {
    pub(crate) fn new(number: u32, group: &str, key: &str, value: Datum, by: &Caller) -> Self {
        let revision = Revision { value, tier: Tier::Standard, note: None, by: by.name.clone() };
        Self {
            number,
            group: group.to_owned(),
            key: key.to_owned(),
            tier: Tier::Standard,
            readable: true,
            revisions: vec![revision],
            history: vec![(1, by.name.clone())],
            opened: 1,
            by: by.name.clone(),
            ..Self::default()
        }
    }

    /// What the server's id of it is called.
    pub(crate) fn name(&self) -> String {
        format!("$s{}", self.number)
    }

    pub(crate) fn live(&self) -> usize {
        self.history.last().map_or(0, |(number, _)| *number)
    }

    pub(crate) fn value(&self) -> Datum {
        self.revisions[self.live() - 1].value
    }

    pub(crate) fn resolves(&self, now: i64) -> bool {
        self.window.0.is_none_or(|start| start <= now) && self.window.1.is_none_or(|end| now < end)
    }

    fn shown(&self) -> Value {
        let number = self.number;
        json!({
            "id": self.name(),
            "key": self.key,
            "description": self.description,
            "sensitivity": self.tier.name(),
            "disclosure": if self.readable { "READABLE" } else { "USE_ONLY" },
            "notBefore": self.window.0,
            "expiresOn": self.window.1,
            "publishedRevisionId": format!("$r{number}.{}", self.live()),
            "publishedVersion": self.live(),
            "createdBy": self.by,
            "createdAt": format!("~c{number}"),
            "modifiedAt": format!("~m{number}.{}", self.changes),
        })
    }

    fn revision(&self, number: usize) -> Value {
        let revision = &self.revisions[number - 1];
        json!({
            "id": format!("$r{}.{number}", self.number),
            "secretId": self.name(),
            "version": number,
            "sensitivity": revision.tier.name(),
            "note": revision.note,
            "createdBy": revision.by,
            "createdAt": format!("~r{}.{number}", self.number),
        })
    }

    /// A new value, live at once.
    pub(crate) fn publish(&mut self, value: Datum, note: Option<String>, by: &Caller) {
        self.revisions.push(Revision { value, tier: self.tier, note, by: by.name.clone() });
        self.history.push((self.revisions.len(), by.name.clone()));
        self.changes += 1;
    }
}

fn inverted(window: Window) -> bool {
    matches!(window, (Some(start), Some(end)) if end <= start)
}

impl World {
    /// The secret of this number, if the caller may see it and do in its group what takes this role.
    pub(crate) fn reach(&mut self, by: &Caller, number: u32, role: Role) -> Result<usize, Answer> {
        let at = self.secrets.iter().position(|secret| secret.number == number);
        let at = at.ok_or_else(Answer::absent)?;
        match self.role_in(by, &self.secrets[at].group) {
            None => Err(Answer::absent()),
            Some(has) if has < role => Err(Answer::refusal("missing-role")),
            Some(_) => Ok(at),
        }
    }

    /// The secret of this key in this group.
    pub(crate) fn keyed(&self, group: &str, key: &str) -> Option<usize> {
        self.secrets.iter().position(|secret| secret.group == group && secret.key == key)
    }

    pub(crate) fn create(&mut self, by: &Caller, act: &Act) -> Done {
        let Act::Create { key, value, tier, readable, window } = act else {
            unreachable!("it is a create")
        };
        Answer::refuse_if(inverted(*window), "invalid-request")?;
        Answer::refuse_if(self.keyed("default", key).is_some(), "already-exists")?;
        let mut secret = Secret::new(by.serial * 10, "default", key, *value, by);
        secret.tier = tier.unwrap_or(Tier::Standard).max(Tier::Standard);
        secret.revisions[0].tier = secret.tier;
        secret.readable = *readable == Some(true);
        secret.window = *window;
        let shown = secret.shown();
        self.log.push(Event::about(by, "secret.create", &secret));
        self.secrets.push(secret);
        Ok(Answer::of(201, shown))
    }

    pub(crate) fn list(&self, key: Option<&str>) -> Answer {
        let wanted =
            |secret: &&Secret| secret.group == "default" && key.is_none_or(|key| secret.key == key);
        let shown = self.secrets.iter().rev().filter(wanted).map(Secret::shown);
        Answer::of(200, json!(shown.collect::<Vec<Value>>()))
    }

    pub(crate) fn show(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        Ok(Answer::of(200, self.secrets[at].shown()))
    }

    pub(crate) fn patch(&mut self, by: &Caller, of: u32, patch: &Patch) -> Done {
        Answer::refuse_if(patch.tier == Some(Tier::Unspecified), "invalid-request")?;
        let at = self.reach(by, of, Role::Editor)?;
        let secret = &self.secrets[at];
        let window = (
            patch.not_before.unwrap_or(secret.window.0),
            patch.expires_on.unwrap_or(secret.window.1),
        );
        Answer::refuse_if(
            patch.tier.is_some_and(|tier| tier < secret.tier),
            "sensitivity-lowered",
        )?;
        Answer::refuse_if(
            patch.readable == Some(true) && !secret.readable && patch.value.is_none(),
            "new-value-needed",
        )?;
        Answer::refuse_if(window != secret.window && inverted(window), "invalid-request")?;
        let secret = &mut self.secrets[at];
        let before = (secret.description, secret.tier, secret.readable, secret.window);
        match patch.description {
            Some("") => secret.description = None,
            Some(text) => secret.description = Some(text),
            None => {}
        }
        secret.tier = patch.tier.unwrap_or(secret.tier);
        secret.readable = patch.readable.unwrap_or(secret.readable);
        secret.window = window;
        let opens = secret.readable && !before.2;
        let changed = before != (secret.description, secret.tier, secret.readable, secret.window);
        if let Some(value) = patch.value {
            secret.publish(value, None, by);
        } else if changed {
            secret.changes += 1;
        }
        if opens {
            secret.opened = secret.revisions.len();
        }
        let secret = &self.secrets[at];
        let shown = secret.shown();
        let happened = [(changed, "secret.update"), (patch.value.is_some(), "secret.publish")];
        for (_, action) in happened.into_iter().filter(|(so, _)| *so) {
            self.log.push(Event::about(by, action, secret));
        }
        Ok(Answer::of(200, shown))
    }

    pub(crate) fn publish(&mut self, by: &Caller, of: u32, to: Datum, note: Option<&str>) -> Done {
        let at = self.reach(by, of, Role::Editor)?;
        let secret = &mut self.secrets[at];
        secret.publish(to, note.map(str::to_owned), by);
        self.log.push(Event::about(by, "secret.publish", secret));
        Ok(Answer::of(200, secret.revision(secret.live())))
    }

    pub(crate) fn rollback(&mut self, by: &Caller, of: u32, owner: u32, number: usize) -> Done {
        let at = self.reach(by, of, Role::Editor)?;
        let secret = &mut self.secrets[at];
        if owner != of || number == 0 || number > secret.revisions.len() {
            return Err(Answer::absent());
        }
        if secret.live() != number {
            Answer::refuse_if(secret.readable && number < secret.opened, "new-value-needed")?;
            secret.history.push((number, by.name.clone()));
            secret.changes += 1;
            self.log.push(Event::about(by, "secret.rollback", secret));
        }
        Ok(Answer::of(200, secret.revision(number)))
    }

    pub(crate) fn delete(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Editor)?;
        self.take_away(by, at);
        Ok(Answer::done())
    }

    /// A secret is gone, with its revisions and grants; its key is free.
    pub(crate) fn take_away(&mut self, by: &Caller, at: usize) {
        let secret = self.secrets.remove(at);
        self.log.push(Event::about(by, "secret.delete", &secret));
    }

    pub(crate) fn revisions(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        let secret = &self.secrets[at];
        let shown = (1..=secret.revisions.len()).rev().map(|number| secret.revision(number));
        Ok(Answer::of(200, json!(shown.collect::<Vec<Value>>())))
    }

    pub(crate) fn revision(&mut self, by: &Caller, of: u32, owner: u32, number: usize) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        let secret = &self.secrets[at];
        if owner != of || number == 0 || number > secret.revisions.len() {
            return Err(Answer::absent());
        }
        Ok(Answer::of(200, secret.revision(number)))
    }

    pub(crate) fn publications(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        let secret = &self.secrets[at];
        let shown = secret.history.iter().enumerate().rev().map(|(place, (number, by))| {
            json!({
                "secretId": secret.name(),
                "revisionId": format!("$r{}.{number}", secret.number),
                "version": number,
                "publishedBy": by,
                "publishedAt": format!("~p{}.{place}", secret.number),
            })
        });
        Ok(Answer::of(200, json!(shown.collect::<Vec<Value>>())))
    }

    pub(crate) fn versions(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        let secret = &self.secrets[at];
        let shown = (1..=secret.revisions.len()).rev().map(|number| {
            json!({
                "id": format!("$r{}.{number}", secret.number),
                "fqn": format!("{}:{}:{}:{number}", self.slug, secret.group, secret.key),
                "version": number,
                "secretId": secret.name(),
                "createdAt": format!("~ir{}.{number}", secret.number),
            })
        });
        let shown: Vec<Value> = shown.collect();
        Ok(Answer::page(shown))
    }

    pub(crate) fn wallet_put(&mut self, by: &Caller, key: &str, to: Datum, window: Window) -> Done {
        Answer::refuse_if(
            inverted(window) || window.1.is_some_and(|end| end <= self.now),
            "invalid-request",
        )?;
        let mut happened = vec![];
        let at = self.keyed("default", key).unwrap_or_else(|| {
            happened.push("secret.create");
            let mut secret = Secret::new(by.serial * 10, "default", key, to, by);
            secret.window = window;
            self.secrets.push(secret);
            self.secrets.len() - 1
        });
        let secret = &mut self.secrets[at];
        if secret.window != window {
            happened.push("secret.update");
            secret.window = window;
            secret.changes += u32::from(secret.value() == to);
        }
        if secret.value() != to {
            happened.push("secret.publish");
            secret.publish(to, None, by);
        }
        let secret = &self.secrets[at];
        for action in happened {
            self.log.push(Event::about(by, action, secret));
        }
        Ok(Answer::done())
    }

    pub(crate) fn wallet_keys(&self) -> Answer {
        let inside = self.inside("default");
        Answer::of(200, json!(inside.into_iter().map(|one| &*one.key).collect::<Vec<&str>>()))
    }

    pub(crate) fn wallet_delete(&mut self, by: &Caller, key: &str) -> Done {
        let at = self.keyed("default", key).ok_or_else(Answer::absent)?;
        self.take_away(by, at);
        Ok(Answer::done())
    }
}
