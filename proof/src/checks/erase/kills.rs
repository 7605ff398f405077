//! Kills in the middle of a deletion: after the next start the tenant is whole, or gone with its salt.

use super::{DOORS, Tenant, traces::Traces};
use crate::{
    check::Context,
    dice::{self, Dice},
    served::Home,
};
use std::time::{Duration, Instant};

/// Deletes so many tenants and kills as often; how many kills came before the answer, and how many deletions stood.
pub(super) fn attack(context: &Context, home: &Home, kills: u64) -> Result<(u64, u64), String> {
    let mut dice = Dice::new(dice::seed(), 9);
    let (mut inside, mut stood) = (0, 0);
    let mut longest = Duration::from_millis(20);
    for kill in 0..kills {
        let slug = format!("doomed-{kill}");
        let served = home.serve();
        let tenant = context.block_on(Tenant::make(&served, &slug, 3));
        served.stop();
        let traces = Traces::of(home, &slug);
        let served = home.serve();
        let after = Duration::from_micros(dice.below(u64::try_from(longest.as_micros()).unwrap()));
        let answered = context.block_on(async {
            let started = Instant::now();
            let deleted = tokio::time::timeout(after, tenant.deletes(&served)).await;
            // The killing is drawn from about the time that a deletion takes.
            if let Ok(Ok(reply)) = &deleted {
                reply.expect(204);
                longest = (longest + started.elapsed() * 3 / 2) / 2;
            }
            deleted.is_ok()
        });
        if !answered {
            longest = longest * 5 / 4;
        }
        served.kill();
        inside += u64::from(!answered);

        let served = home.serve();
        let opened = context.block_on(tenant.opened(&served));
        served.stop();
        let whole = opened == tenant.secrets.len() * DOORS;
        let salt = traces.salt_in(home);
        if answered && opened > 0 {
            return Err(format!("kill {kill}: {opened} values open after an answered deletion"));
        }
        if opened > 0 && !whole {
            return Err(format!("kill {kill}: {opened} values open of a tenant half deleted"));
        }
        if !whole && salt.is_some() {
            return Err(format!("kill {kill}: the tenant is gone and its salt is in {salt:?}"));
        }
        if !whole && let Some(found) = traces.in_data(home) {
            return Err(format!("kill {kill}: the tenant is gone and {found} is not"));
        }
        stood += u64::from(!whole);
    }
    if !context.is_control() {
        let some = inside > 0 && inside < kills && stood > 0;
        assert!(some, "{inside} of {kills} before the answer, and {stood} deletions stood");
    }
    Ok((inside, stood))
}
