//! The record of a strict reveal cannot be made, in every way we know of, and a value is asked for in every way there
//! is: none leaves, nothing is unwrapped, and what needs no record first is served and counted.
//!
//! That nothing was unwrapped is seen by secrets whose ciphertext is damaged. Whoever opens one finds that out, says so
//! and queues an event; whoever asks for the record first never comes to know.

mod cast;
mod outage;

use crate::{
    check::{Check, Context, Outcome},
    holds,
};
use cast::{Asked, Cast, TIERS, WAYS};
use outage::{ALL, Outage};
use subrosa_testkit::faults::Plane;

pub(crate) const CHECK: Check = Check {
    name: "fail-closed",
    holds: "while its reveal cannot be put on record, no strict value is unwrapped or leaves",
    plants: &[
        "unwrap-before-record",
        "reveal-despite-audit-failure",
        "busy-log-is-no-failure",
        "damaged-log-is-another-failure",
        "rollback-forgotten",
    ],
    run,
};

/// How often each STANDARD value is asked for meanwhile, each way.
const TIMES: u64 = 3;

fn run(context: &Context) -> Outcome {
    context.block_on(attack())
}

async fn attack() -> Outcome {
    let plane = Plane::install();
    let (mut refused, mut served) = (0, 0);
    for outage in ALL {
        let cast = Cast::new().await;
        match during(cast, plane, *outage).await {
            Ok((strict, standard)) => (refused, served) = (refused + strict, served + standard),
            Err(how) => return Outcome::Violated(format!("{outage:?}: {how}")),
        }
    }
    holds!(refused > 0 && served > 0, "nothing was asked");
    let outages = u64::try_from(ALL.len()).expect("there are few");
    Outcome::Held(vec![
        (outages, "audit faults"),
        (u64::try_from(TIERS.len() * WAYS.len()).expect("there are few"), "tiers and ways"),
        (refused, "strict reveals refused"),
        (served, "STANDARD ones served"),
    ])
}

/// One outage, from before it to after it; how many strict reveals were refused and STANDARD ones served.
async fn during(cast: Cast, plane: &'static Plane, outage: Outage) -> Result<(u64, u64), String> {
    let known = cast.on_record().await;
    let (cast, begun) = outage.begin(cast, plane).await;
    let asked = cast.asks_all(TIMES).await;
    let (mut refused, mut served) = (0, 0);
    for Asked { what, reply, strict } in asked {
        let text = String::from_utf8_lossy(&reply.bytes).into_owned();
        let told = || format!("{what} was answered {} {text}", reply.status);
        if strict {
            let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
            if reply.status != 503 || !outage.codes().contains(&code.as_str()) {
                return Err(told());
            }
            if let Some(found) = cast::plaintext_in(&reply.bytes) {
                return Err(format!("{}, in which there is {found}", told()));
            }
            refused += 1;
        } else if outage != Outage::StoreClosed {
            if reply.status != 200 || !text.contains(cast::PLAIN) {
                return Err(told());
            }
            served += 1;
        }
    }
    let Some(cast) = begun.ends(cast).await else { return Ok((refused, served)) };
    cast.log_is_readable().await?;
    let after = cast.on_record().await;
    if after.integrity != known.integrity {
        return Err("a value was unwrapped before its reveal was on record".to_owned());
    }
    if after.strict != known.strict + begun_reveals(outage) {
        return Err(format!("{} strict reveals are on record, not {}", after.strict, known.strict));
    }
    if after.standard != known.standard + served {
        let counted = after.standard - known.standard;
        return Err(format!("{served} STANDARD reveals were served and {counted} counted"));
    }
    cast.is_as_before().await?;
    Ok((refused, served))
}

/// Reveals that waited through the outage, and then were made.
fn begun_reveals(outage: Outage) -> u64 {
    if outage == Outage::QueueFull { outage::waited() } else { 0 }
}
