//! The whole visible state of a tenant, asked for at the end of a sequence: lists on all three surfaces, every history,
//! every value, and the log.

use crate::model::{Act, Kind, Pick, Scopes, Step, Who, World};

/// The serial of the first closing step: no drawn one comes so far.
const FIRST: u32 = 1_000;

/// The closing steps for a tenant as it is now.
pub(super) fn steps(world: &World) -> Vec<Step> {
    let name = Some("closing".to_owned());
    let mint = Act::Mint { name, days: None, kind: Kind::User, scopes: Scopes::ALL };
    let mut acts = vec![mint, Act::Secrets { key: None }];
    for secret in world.secrets.iter().map(|secret| secret.number) {
        acts.push(Act::Revisions { secret });
        acts.push(Act::Publications { secret });
        acts.push(Act::Grants { secret });
    }
    let items = world.secrets.iter().map(|secret| Pick::Secret(secret.number)).collect();
    acts.extend([Act::RevealBatch { items }, Act::Tokens, Act::Health]);
    let by_token = acts.len();
    acts.extend([
        Act::WalletKeys,
        Act::ApiKeys,
        Act::Groups,
        Act::GroupSecrets { with_value: true },
        Act::Personals,
        Act::Audit,
    ]);
    let step = |(place, act): (u32, Act)| {
        let by = if (place as usize) < by_token { Who::Operator } else { Who::Holder(FIRST, 0) };
        Step { serial: FIRST + place, by, act, wait: 0 }
    };
    (0..).zip(acts).map(step).collect()
}
