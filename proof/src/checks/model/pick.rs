//! What steps are about, drawn so that they meet: few keys, few names, few values.

use crate::{
    dice::Dice,
    model::{Days, Scopes, Tier, Value, Who, Window, World},
};

const KEYS: [&str; 4] = ["ALPHA", "beta_2", "GAMMA-3", "d"];
const TIERS: [Tier; 5] = [Tier::Standard, Tier::Pii, Tier::Phi, Tier::Financial, Tier::Regulated];
/// Long past, and far ahead.
const PAST: i64 = 1_000_000_000_000;
const AHEAD: i64 = 4_000_000_000_000;
const HOUR: i64 = 3_600_000;

pub(super) fn key(dice: &mut Dice) -> String {
    dice.pick(KEYS).expect("there are keys").to_owned()
}

/// A value; those that are bytes and no text only where they can be sent.
pub(super) fn value(dice: &mut Dice) -> Value {
    if dice.percent(8) { 8 + dice.below(2) as u8 } else { text(dice) }
}

pub(super) fn text(dice: &mut Dice) -> Value {
    dice.below(4) as u8
}

pub(super) fn tier(dice: &mut Dice) -> Tier {
    if dice.percent(3) { Tier::Unspecified } else { dice.pick(TIERS).expect("there are tiers") }
}

/// A moment that a window begins or ends at.
pub(super) fn moment(dice: &mut Dice, world: &World) -> Option<i64> {
    match dice.below(6) {
        0 | 1 => None,
        2 => Some(PAST),
        3 => Some(AHEAD),
        4 => Some(world.now + HOUR),
        _ => Some(world.now + 24 * HOUR),
    }
}

pub(super) fn window(dice: &mut Dice, world: &World) -> Window {
    if dice.percent(60) { (None, None) } else { (moment(dice, world), moment(dice, world)) }
}

pub(super) fn days(dice: &mut Dice) -> Days {
    match dice.below(20) {
        0 => Some(Some(0)),
        1 | 2 => Some(None),
        3 | 4 => Some(Some(1)),
        5 | 6 => Some(Some(30)),
        7 => Some(Some(400)),
        _ => None,
    }
}

pub(super) fn scopes(dice: &mut Dice) -> Scopes {
    let one = [
        Scopes::NONE,
        Scopes::READ,
        Scopes::WRITE,
        Scopes::REVEAL,
        Scopes::GRANTS,
        Scopes::KEYS_READ,
        Scopes::KEYS_WRITE,
        Scopes::AUDIT,
        Scopes::ADMIN,
    ];
    match dice.below(10) {
        0 => Scopes::ALL,
        1..=3 => Scopes(Scopes::READ.0 | Scopes::WRITE.0 | Scopes::REVEAL.0),
        4 | 5 => Scopes(Scopes::ALL.0 & !(1 << 9) & !Scopes::ADMIN.0),
        _ => (0..3).fold(Scopes::NONE, |all, _| {
            Scopes(all.0 | dice.pick(one).expect("there are scopes").0)
        }),
    }
}

/// A secret: mostly one that is there, sometimes one that was, or that never was.
pub(super) fn secret(dice: &mut Dice, world: &World) -> u32 {
    let there = dice.pick(world.secrets.iter().map(|secret| secret.number));
    let events = world.log.iter().filter(|event| event.kind == "secret");
    let once = events.filter_map(|event| event.id.as_deref()?.strip_prefix("$s")?.parse().ok());
    match dice.below(20) {
        0 => 0,
        1 | 2 => dice.pick(once).unwrap_or(0),
        _ => there.unwrap_or(0),
    }
}

/// A revision of a secret, or of another.
pub(super) fn revision(dice: &mut Dice, world: &World, of: u32) -> (u32, usize) {
    let of = if dice.percent(6) { secret(dice, world) } else { of };
    let secret = world.secrets.iter().find(|secret| secret.number == of);
    match secret {
        Some(secret) => (of, 1 + dice.below(secret.revisions.len() as u64) as usize),
        None => (0, 1),
    }
}

pub(super) fn token(dice: &mut Dice, world: &World) -> u32 {
    let any = dice.pick(world.tokens.iter().map(|token| token.number));
    // The first token does what the others cannot: it is seldom put at risk.
    let first = world.tokens.first().map(|token| token.number);
    match any {
        Some(any) if any_but(first, any) || dice.percent(10) => any,
        _ => 0,
    }
}

fn any_but(first: Option<u32>, any: u32) -> bool {
    first != Some(any)
}

/// Somebody who asks, by this door.
pub(super) fn who(dice: &mut Dice, world: &World, surface: &str) -> Who {
    let live = world.tokens.iter().filter(|token| !token.revoked && token.enabled);
    let live: Vec<_> = live.collect();
    let holder = |token: &crate::model::Token| Who::Holder(token.number, token.generation);
    match dice.below(100) {
        0..52 => {
            let strong = live.iter().find(|token| token.scopes == Scopes::ALL);
            strong.map_or(Who::Nobody, |token| holder(token))
        }
        52..64 if surface == "v1" => Who::Operator,
        52..96 => dice.pick(live).map_or(Who::Nobody, holder),
        96..99 => match dice.pick(&world.tokens) {
            Some(token) => {
                Who::Holder(token.number, dice.below(u64::from(token.generation) + 1) as u32)
            }
            None => Who::Nobody,
        },
        _ => Who::Nobody,
    }
}
