//! Which change a writer asks for next: by the dice, and by what its book says can be asked.

use super::{
    state::{State, TIERS},
    step::{Set, Step},
};
use crate::dice::Dice;

/// How many secrets, tokens and groups a writer has at a time. Few, so that the same one changes often, and its key is
/// used again soon after it was deleted.
const SECRETS: u64 = 6;
const TOKENS: usize = 5;
const GROUPS: u64 = 2;

/// The keys in a group.
const KEYS: [&str; 5] = ["A", "B", "C", "D", "E"];

/// Values are this long at most: some pages of the database.
const VALUE_MAX: u64 = 9_000;

/// Milliseconds since the epoch that are far from now.
const FAR: u64 = 4_000_000_000_000;

impl Step {
    /// The next step of a writer; `serial` is new with each.
    pub(super) fn draw(dice: &mut Dice, state: &State, writer: &str, serial: u64) -> Self {
        let (secret, group) = (dice.below(SECRETS), dice.below(GROUPS));
        match dice.below(10) {
            0..6 => Self::of_secret(dice, state, &format!("{writer}_{secret}"), serial),
            6..8 => Self::of_token(dice, state, &format!("{writer}-t{serial}")),
            _ => Self::of_group(dice, state, &format!("{writer}-g{group}"), serial),
        }
    }

    fn of_secret(dice: &mut Dice, state: &State, key: &str, serial: u64) -> Self {
        let (key, value) = (key.to_owned(), value(dice, serial));
        let Some(secret) = state.secrets.get(&key) else {
            let tier = dice.below(TIERS.len() as u64) as usize;
            return Self::Create { key, tier, value };
        };
        let agent = format!("agent-{}", dice.below(3));
        let older = dice.pick((1..=secret.values.len() as u64).filter(|to| *to != secret.live()));
        let higher = (secret.tier + 1 < TIERS.len() && dice.percent(30)).then_some(secret.tier + 1);
        match (dice.below(10), older) {
            (0..3, _) => Self::Publish { key, value },
            (3..5, Some(to)) => Self::Rollback { key, to },
            (5, _) => Self::Delete { key },
            (6 | 7, _) if secret.grants.contains(&agent) => Self::Ungrant { key, agent },
            (6 | 7, _) => Self::Grant { key, agent },
            _ => {
                let value = dice.percent(40).then_some(value);
                Self::Patch { key, tier: higher, until: FAR + serial, value }
            }
        }
    }

    fn of_token(dice: &mut Dice, state: &State, new: &str) -> Self {
        let alive = state.tokens.iter().filter(|(_, revoked)| !**revoked);
        let alive: Vec<&String> = alive.map(|(name, _)| name).collect();
        let to = new.to_owned();
        match dice.pick(&alive).map(|name| (*name).clone()) {
            Some(name) if alive.len() >= TOKENS => Self::Revoke { name },
            Some(name) => match dice.below(3) {
                0 => Self::Mint { name: to },
                1 => Self::Rotate { name, to },
                _ => Self::Revoke { name },
            },
            None => Self::Mint { name: to },
        }
    }

    fn of_group(dice: &mut Dice, state: &State, name: &str, serial: u64) -> Self {
        let name = name.to_owned();
        let held = state.groups.get(&name);
        let mut set = Set::new();
        for key in KEYS {
            let is_kept = held.is_some_and(|held| held.contains_key(key)) && dice.percent(40);
            if dice.percent(60) {
                set.insert(key.to_owned(), (!is_kept).then(|| value(dice, serial)));
            }
        }
        // One that is always new, so that no replacement changes nothing.
        set.insert("Z".to_owned(), Some(value(dice, serial)));
        match held {
            None => {
                set.values_mut().for_each(|one| *one = Some(value(dice, serial)));
                Self::Group { name, set }
            }
            Some(_) if dice.percent(15) => Self::Ungroup { name },
            Some(_) => Self::Replace { name, set },
        }
    }
}

/// A value like no other.
fn value(dice: &mut Dice, serial: u64) -> String {
    // Mostly short; now and then it takes pages of its own.
    let length = if dice.percent(85) { dice.below(200) } else { dice.below(VALUE_MAX) };
    format!("{serial}.{:x}.{}", dice.any(), "v".repeat(length as usize))
}
