//! One change that a writer asks for, and what it does to the book.

use super::state::{Event, Secret, State};
use std::collections::BTreeMap;

/// A set of a group's secrets: `None` leaves a value as it is.
pub(super) type Set = BTreeMap<String, Option<String>>;

/// A change.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create { key: String, tier: usize, value: String },
    Publish { key: String, value: String },
    Rollback { key: String, to: u64 },
    Patch { key: String, tier: Option<usize>, until: u64, value: Option<String> },
    Delete { key: String },
    Grant { key: String, agent: String },
    Ungrant { key: String, agent: String },
    Mint { name: String },
    Rotate { name: String, to: String },
    Revoke { name: String },
    Group { name: String, set: Set },
    Replace { name: String, set: Set },
    Ungroup { name: String },
}

impl Step {
    /// What it does to the book, and the events that must come of it, in their order.
    pub(super) fn apply(&self, state: &mut State) -> Vec<Event> {
        match self {
            Self::Create { key, tier, value } => {
                state.secrets.insert(key.clone(), Secret::new(*tier, value));
                vec![Event::new("secret.create", key, Some(1))]
            }
            Self::Delete { key } => {
                let live = state.secrets.remove(key).map(|secret| secret.live());
                vec![Event::new("secret.delete", key, live)]
            }
            Self::Publish { key, .. }
            | Self::Rollback { key, .. }
            | Self::Patch { key, .. }
            | Self::Grant { key, .. }
            | Self::Ungrant { key, .. } => {
                let secret = state.secrets.get_mut(key).expect("the writer has this secret");
                self.change(key, secret)
            }
            Self::Mint { name } => {
                state.tokens.insert(name.clone(), false);
                vec![Event::new("token.mint", name, None)]
            }
            Self::Rotate { name, to } => {
                state.tokens.remove(name);
                state.tokens.insert(to.clone(), false);
                vec![Event::new("token.rotate", to, None)]
            }
            Self::Revoke { name } => {
                state.tokens.insert(name.clone(), true);
                vec![Event::new("token.revoke", name, None)]
            }
            Self::Group { name, set } => {
                let mut events = vec![Event::new("group.create", name, None)];
                events.extend(replace(state.groups.entry(name.clone()).or_default(), set));
                events
            }
            Self::Replace { name, set } => {
                let mut events = replace(state.groups.entry(name.clone()).or_default(), set);
                events.push(Event::new("group.replace", name, None));
                events
            }
            Self::Ungroup { name } => {
                let held = state.groups.remove(name).unwrap_or_default();
                let deleted = |(key, values): (&String, &Vec<String>)| {
                    Event::new("secret.delete", key, Some(values.len() as u64))
                };
                let mut events: Vec<Event> = held.iter().map(deleted).collect();
                events.push(Event::new("group.delete", name, None));
                events
            }
        }
    }

    fn change(&self, key: &str, secret: &mut Secret) -> Vec<Event> {
        let mut done = Vec::new();
        let mut about = key;
        match self {
            Self::Publish { value, .. } => {
                secret.publish(value);
                done.push("secret.publish");
            }
            Self::Rollback { to, .. } => {
                secret.published.push(*to);
                done.push("secret.rollback");
            }
            Self::Patch { tier, until, value, .. } => {
                secret.tier = tier.unwrap_or(secret.tier);
                secret.until = Some(*until);
                done.push("secret.update");
                if let Some(value) = value {
                    secret.publish(value);
                    done.push("secret.publish");
                }
            }
            Self::Grant { agent, .. } => {
                secret.grants.insert(agent.clone());
                return vec![Event::new("grant.create", agent, None)];
            }
            Self::Ungrant { agent, .. } => {
                secret.grants.remove(agent);
                return vec![Event::new("grant.delete", agent, None)];
            }
            _ => about = "",
        }
        let live = Some(secret.live());
        done.into_iter().map(|action| Event::new(action, about, live)).collect()
    }
}

/// Replaces a group's set, and says which events of its secrets come of it.
fn replace(held: &mut BTreeMap<String, Vec<String>>, set: &Set) -> Vec<Event> {
    let mut events = Vec::new();
    for (key, value) in set.iter().filter_map(|(key, value)| Some((key, value.as_ref()?))) {
        let values = held.entry(key.clone()).or_default();
        let action = if values.is_empty() { "secret.create" } else { "secret.publish" };
        values.push(value.clone());
        events.push(Event::new(action, key, Some(values.len() as u64)));
    }
    held.retain(|key, values| {
        if !set.contains_key(key) {
            events.push(Event::new("secret.delete", key, Some(values.len() as u64)));
        }
        set.contains_key(key)
    });
    events
}
