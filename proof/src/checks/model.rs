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
use std::sync::{Arc, Mutex};
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

/// Of so many sequences, one is taken in this process.
const OF: u64 = 10;

/// The numbers of sequences that nobody has taken.
type Numbers = Arc<Mutex<dyn Iterator<Item = u64> + Send>>;

fn run(context: &Context) -> Outcome {
    let sequences = context.many(500, 20_000, 200_000);
    // A fault that was planted need not be told in the fewest steps.
    let tries = context.many(0, 300, 300);
    let home = Home::new(context.binary());
    let served = home.serve();
    context.block_on(all(&home, &served, sequences, tries))
}

async fn all(home: &Home, served: &Served, sequences: u64, tries: u64) -> Outcome {
    let seed = seed();
    // Where a sequence is taken follows from its number, and with it whether time is moved there: seed and number are
    // enough to have it again.
    let numbers = |inside: bool| -> Numbers {
        let these = move |number: &u64| number.is_multiple_of(OF) == inside;
        Arc::new(Mutex::new((0..sequences).filter(these)))
    };
    let (over_http, inside) = (numbers(false), numbers(true));
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let lines = Lines::http(served.address, home.data.join("subrosa.sock"));
        tasks.spawn(work(lines, seed, Arc::clone(&over_http), tries));
    }
    for _ in 0..INSIDE {
        tasks.spawn(work(Lines::inside().await, seed, Arc::clone(&inside), tries));
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

/// Takes sequences that nobody has taken, until there are none.
async fn work(
    mut lines: Lines,
    seed: u64,
    numbers: Numbers,
    tries: u64,
) -> Result<(u64, u64), String> {
    let (mut ran, mut steps) = (0, 0);
    loop {
        let Some(number) = numbers.lock().expect("whole").next() else {
            return Ok((ran, steps));
        };
        match run::drawn(&mut lines, seed, number).await {
            Ran::Alike(taken) => (ran, steps) = (ran + 1, steps + taken),
            Ran::Differs { steps, how } => {
                return Err(shrink::smallest(&mut lines, (seed, number), steps, how, tries).await);
            }
        }
    }
}
