//! What is put back is found: one row with its own seal, one tenant with its whole log, the whole file.
//!
//! Several states of one store are kept as files. Each attack is the last one with something of an earlier one in it,
//! served with cold caches. What nobody put back is not called so: a store that ended suddenly, or whose last
//! checkpoint could not be made, is the latest.

mod files;
mod parts;
mod program;
mod states;
mod sudden;

use crate::{
    check::{Check, Context, Outcome},
    holds,
};
use states::States;
use subrosa_testkit::{TestServer, faults::Plane};

pub(crate) const CHECK: Check = Check {
    name: "rollback",
    holds: "a row, a tenant or a store that was put back is reported, and nothing else is",
    plants: &[
        "weight-without-seal",
        "anchor-without-seals",
        "erased-still-weighs",
        "deep-without-seals",
        "checkpoint-unkept",
        "checkpoint-ahead",
        "set-back-unread",
        "set-back-served",
        "positions-alone",
        "acceptance-unrecorded",
    ],
    run,
};

fn run(context: &Context) -> Outcome {
    let outcome = context.block_on(attack(context));
    let Outcome::Held(mut counts) = outcome else { return outcome };
    let rounds = context.many(0, 2, 10);
    for _ in 0..rounds {
        if let Err(how) = program::round(context) {
            return Outcome::Violated(how);
        }
    }
    counts.push((rounds, "stores of the program"));
    Outcome::Held(counts)
}

async fn attack(context: &Context) -> Outcome {
    let plane = Plane::install();
    let tenants = context.many(2, 100, 300);
    let (rows, stores) = (context.many(40, 120, 2_000), context.many(2, 20, 100));
    let mut states = States::make(tenants, stores).await;

    let server = states.starts().await;
    for tenant in states.tenants() {
        let found = parts::verdict(&server, Some(&tenant)).await;
        holds!(found == Ok(parts::LATEST), "{tenant}, that nobody touched, is called {found:?}");
    }
    states.stops(server).await;

    let list = states.differences(usize::try_from(rows).unwrap());
    let rows = list.len() as u64;
    for row in list {
        if let Err(how) = parts::row(&mut states, &row).await {
            return Outcome::Violated(format!("{row}: {how}"));
        }
    }
    for tenant in states.tenants() {
        if let Err(how) = parts::tenant(&mut states, &tenant).await {
            return Outcome::Violated(format!("the tenant {tenant}: {how}"));
        }
    }
    if let Err(how) = parts::deleted(&mut states).await {
        return Outcome::Violated(format!("the tenant that was deleted: {how}"));
    }
    for at in 0..states.count() {
        if let Err(how) = files::store(&mut states, at).await {
            return Outcome::Violated(format!("the store as it was at {at}: {how}"));
        }
    }
    if let Err(how) = files::another_way(&mut states).await {
        return Outcome::Violated(how);
    }
    // A checkpoint of the server's own, once a second, may come first and leave nothing for a disk that is full.
    let images = context.many(6, 10, 50);
    for round in 0..images {
        if let Err(how) = sudden::ends(&mut states, plane, round).await {
            return Outcome::Violated(how);
        }
    }
    Outcome::Held(vec![
        (rows, "rows"),
        (tenants, "tenants"),
        (stores, "stores"),
        (images, "sudden ends"),
    ])
}

/// What the readiness page says: its status, and its reason where it is not ready.
async fn ready(server: &TestServer) -> (u16, String) {
    let reply = server.stranger().get("/health/ready").await;
    let reason = reply.json()["reason"].as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), reason)
}
