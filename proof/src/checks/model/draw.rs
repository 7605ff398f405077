//! What is done next, drawn with weights by which interesting states are reached.

use super::pick;
use crate::{
    dice::Dice,
    model::{Act, GROUPS, Kind, Patch, Pick, Role, Step, Who, World},
};

const NAMES: [&str; 2] = ["key-1", "key.2"];
const PERSONAL: [&str; 2] = ["laptop", "ci-box"];
const ACCOUNTS: [&str; 2] = ["bot", "worker"];
const USERS: [&str; 2] = ["ana@x.dev", "vic@x.dev"];
const AGENTS: [&str; 3] = ["agent-1", "agent-2", "planner"];
const SUBJECTS: [&str; 4] =
    ["user:ana@x.dev", "user:vic@x.dev", "serviceaccount:bot", "serviceaccount:worker"];
const ROLES: [Role; 3] = [Role::Viewer, Role::Editor, Role::Admin];
/// How long somebody waits, where time can be moved.
const WAITS: [i64; 4] = [60_000, 3_600_000, 86_400_000, 20 * 86_400_000];

fn one<const N: usize>(dice: &mut Dice, from: [&str; N]) -> String {
    dice.pick(from).expect("there is one").to_owned()
}

/// The next step. `serial` 1 and 2 are always the same: somebody to begin with.
pub(super) fn step(dice: &mut Dice, world: &World, serial: u32, moves_time: bool) -> Step {
    let everything = crate::model::Scopes::ALL;
    if serial == 1 {
        let name = Some("first".to_owned());
        let act = Act::Mint { name, days: None, kind: Kind::User, scopes: everything };
        return Step { serial, by: Who::Operator, act, wait: 0 };
    }
    let wait = match dice.below(10) {
        0 if moves_time => dice.pick(WAITS).expect("there is one"),
        _ => 0,
    };
    if serial == 2 {
        let act = Act::Account { name: "bot".to_owned(), scopes: pick::scopes(dice) };
        return Step { serial, by: Who::Holder(1, 0), act, wait };
    }
    let act = act(dice, world);
    let mut by = pick::who(dice, world, act.surface());
    if matches!((&act, by), (Act::Stranger, Who::Operator)) {
        by = Who::Nobody;
    }
    Step { serial, by, act, wait }
}

fn act(dice: &mut Dice, world: &World) -> Act {
    match dice.below(100) {
        0..50 => secret(dice, world),
        50..57 => wallet(dice, world),
        57..77 => group(dice, world),
        77..98 => token(dice, world),
        98 => Act::RotateKeys,
        _ => Act::Audit,
    }
}

fn secret(dice: &mut Dice, world: &World) -> Act {
    let secret = pick::secret(dice, world);
    match dice.below(100) {
        0..14 => Act::Create {
            key: pick::key(dice),
            value: pick::value(dice),
            tier: dice.percent(40).then(|| pick::tier(dice)),
            readable: dice.percent(70).then(|| dice.percent(75)),
            window: pick::window(dice, world),
        },
        14..34 => Act::Patch { secret, patch: patch(dice, world) },
        34..44 => Act::Publish {
            secret,
            value: pick::value(dice),
            note: dice.percent(30).then(|| "why".to_owned()),
        },
        44..54 => {
            let (of, number) = pick::revision(dice, world, secret);
            Act::Rollback { secret, of, number }
        }
        54..59 => Act::Delete { secret },
        59..71 => Act::Reveal { secret, reason: dice.percent(20).then(|| "incident".to_owned()) },
        71..75 => Act::RevealBatch { items: picks(dice, world) },
        75..78 => Act::Secret { secret },
        78..80 => Act::Secrets { key: dice.percent(70).then(|| pick::key(dice)) },
        80..82 => Act::Revisions { secret },
        82..84 => {
            let (of, number) = pick::revision(dice, world, secret);
            Act::Revision { secret, of, number }
        }
        84..86 => Act::Publications { secret },
        86..93 => Act::Grant { secret, agent: one(dice, AGENTS) },
        93..96 => Act::Ungrant { secret, agent: one(dice, AGENTS) },
        96..99 => Act::Grants { secret },
        _ => Act::Stranger,
    }
}

fn picks(dice: &mut Dice, world: &World) -> Vec<Pick> {
    let count = 1 + dice.below(4);
    (0..count)
        .map(|_| {
            if dice.percent(60) {
                Pick::Secret(pick::secret(dice, world))
            } else {
                Pick::Key(pick::key(dice))
            }
        })
        .collect()
}

/// A change; only one thing in it can be refused, for which of two would be said first nobody promises.
fn patch(dice: &mut Dice, world: &World) -> Patch {
    let mut patch = Patch::default();
    if dice.percent(30) {
        patch.description = dice.pick(["", "for people", "for agents"]);
    }
    match dice.below(5) {
        0 => patch.tier = Some(pick::tier(dice)),
        1 | 2 => {
            patch.readable = Some(dice.percent(60));
            patch.value = dice.percent(60).then(|| pick::value(dice));
        }
        3 if dice.percent(50) => patch.not_before = Some(pick::moment(dice, world)),
        3 => patch.expires_on = Some(pick::moment(dice, world)),
        _ => patch.value = dice.percent(50).then(|| pick::value(dice)),
    }
    patch
}

fn wallet(dice: &mut Dice, world: &World) -> Act {
    let key = pick::key(dice);
    match dice.below(10) {
        0..5 => Act::WalletPut { key, value: pick::text(dice), window: pick::window(dice, world) },
        5..8 => Act::WalletGet { key },
        8 => Act::WalletDelete { key },
        _ => Act::WalletKeys,
    }
}

fn group(dice: &mut Dice, world: &World) -> Act {
    let name = one(dice, GROUPS);
    let secret = pick::secret(dice, world);
    match dice.below(100) {
        0..18 => Act::MakeGroup {
            name,
            secrets: keys(dice, 3).into_iter().map(|key| (key, pick::text(dice))).collect(),
        },
        18..42 => {
            let manifest = dice.percent(92).then(|| {
                let some = SUBJECTS.into_iter().filter(|_| dice.percent(45)).collect::<Vec<_>>();
                let role = |who: &str| (who.to_owned(), dice.pick(ROLES).expect("there are roles"));
                some.into_iter().map(role).collect()
            });
            Act::Manifest { name, manifest }
        }
        42..58 => {
            let group = if dice.percent(8) { "default".to_owned() } else { name };
            let secrets = keys(dice, 4).into_iter();
            let secrets =
                secrets.map(|key| (key, dice.percent(75).then(|| pick::text(dice)))).collect();
            Act::ReplaceGroup { group, secrets }
        }
        58..63 => Act::EndGroup { group: name },
        63..67 => Act::Group { group: name },
        67..71 => Act::Groups,
        71..79 => Act::GroupSecrets { with_value: dice.percent(60) },
        79..90 => Act::GroupSecret { secret },
        90..95 => Act::EndGroupSecret { secret },
        _ => Act::Versions { secret },
    }
}

/// Some keys, each once.
fn keys(dice: &mut Dice, most: u64) -> Vec<String> {
    let mut keys: Vec<String> = (0..dice.below(most + 1)).map(|_| pick::key(dice)).collect();
    keys.sort();
    keys.dedup();
    keys
}

fn token(dice: &mut Dice, world: &World) -> Act {
    let token = pick::token(dice, world);
    match dice.below(100) {
        0..16 => {
            let kind = match dice.below(12) {
                0 => Kind::System,
                1 | 2 => Kind::Cli,
                _ => Kind::User,
            };
            let scopes =
                if kind == Kind::System { crate::model::Scopes::NONE } else { pick::scopes(dice) };
            let name = dice.percent(50).then(|| "made".to_owned());
            Act::Mint { name, days: pick::days(dice), kind, scopes }
        }
        16..30 => Act::Rotate {
            token,
            name: dice.percent(15).then(|| "renamed".to_owned()),
            days: pick::days(dice),
            scopes: dice.percent(25).then(|| pick::scopes(dice)),
        },
        30..35 => Act::Revoke { token },
        35..36 => Act::RevokeCurrent,
        36..41 => Act::Current,
        41..44 => Act::Health,
        44..46 => Act::Tokens,
        46..49 => Act::Token { token },
        49..52 => Act::TokenEvents { token },
        52..57 => Act::Account { name: one(dice, ACCOUNTS), scopes: pick::scopes(dice) },
        57..59 => {
            let bound = world.tokens.iter().filter(|token| token.is_account_key());
            Act::EndAccount { account: dice.pick(bound.map(|token| token.number)).unwrap_or(0) }
        }
        59..67 => Act::MakeApiKey {
            name: one(dice, NAMES),
            enabled: dice.percent(80),
            permissions: pick::scopes(dice),
        },
        67..75 => Act::ChangeApiKey {
            name: one(dice, NAMES),
            enabled: dice.percent(70).then(|| dice.percent(50)),
            permissions: dice.percent(50).then(|| pick::scopes(dice)),
        },
        75..77 => Act::EndApiKey { name: one(dice, NAMES) },
        77..78 => Act::ApiKey { name: one(dice, NAMES) },
        78..79 => Act::ApiKeys,
        79..86 => Act::Personal { name: one(dice, PERSONAL) },
        86..95 => Act::PersonalFor { name: one(dice, PERSONAL), user: one(dice, USERS) },
        95..97 => Act::Personals,
        _ => Act::EndPersonal { token },
    }
}
