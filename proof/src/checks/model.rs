//! The product does what its documents say: sequences of steps, drawn from a seed, taken by the model and by a real
//! server at once, and everything the model knows of each answer compared.
//!
//! Most go to the binary over HTTP, sixteen at a time against one server, each to a tenant of its own. One in ten goes
//! to servers in this process whose clock is moved. What differs is run again with fewer steps until none can be left
//! out.

mod body;
mod closing;
mod draw;
mod line;
mod names;
mod pick;
mod record;
mod run;
mod shrink;

use crate::{
    check::{Check, Context, Outcome},
    dice::seed,
    served::{Home, Served},
};
use line::Lines;
use run::Ran;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::task::JoinSet;

pub(crate) const CHECK: Check = Check {
    name: "model",
    holds: "every answer is the one that a model written from the documents gives",
    plants: &[
        "rollback-unpublished",
        "tier-may-fall",
        "open-without-new-value",
        "expired-still-resolves",
        "delete-keeps-key-taken",
        "rotate-keeps-old-token",
        "viewer-may-write",
        "event-skipped-for-patch",
        "publish-skips-number",
        "grant-survives-delete",
        "widening-unrecorded",
    ],
    run,
};

/// How many go on at a time over HTTP, and in this process.
const AT_ONCE: u64 = 16;
const INSIDE: u64 = 3;

fn run(context: &Context) -> Outcome {
    let sequences = context.many(500, 20_000, 200_000);
    let home = Home::new(context.binary());
    let served = home.serve();
    context.block_on(all(&home, &served, sequences))
}

async fn all(home: &Home, served: &Served, sequences: u64) -> Outcome {
    let seed = seed();
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for worker in 0..AT_ONCE + INSIDE {
        let lines = if worker < AT_ONCE {
            Lines::http(served.address, home.data.join("subrosa.sock"))
        } else {
            Lines::inside().await
        };
        tasks.spawn(work(lines, seed, sequences, Arc::clone(&next)));
    }
    let (mut ran, mut steps) = (0, 0);
    while let Some(done) = tasks.join_next().await {
        match done.expect("a worker ends") {
            Ok((sequences, taken)) => (ran, steps) = (ran + sequences, steps + taken),
            Err(how) => return Outcome::Violated(how),
        }
    }
    Outcome::Held(vec![(ran, "sequences"), (steps, "steps")])
}

/// Takes sequences that nobody has taken, until there are none. Those inside take every tenth.
async fn work(
    mut lines: Lines,
    seed: u64,
    sequences: u64,
    next: Arc<AtomicU64>,
) -> Result<(u64, u64), String> {
    let (mut ran, mut steps) = (0, 0);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= sequences {
            return Ok((ran, steps));
        }
        match run::drawn(&mut lines, seed, number).await {
            Ran::Alike(taken) => (ran, steps) = (ran + 1, steps + taken),
            Ran::Differs { steps, how } => {
                return Err(shrink::smallest(&mut lines, seed, number, steps, how).await);
            }
        }
    }
}
