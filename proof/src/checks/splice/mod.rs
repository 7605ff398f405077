//! Ciphertexts put where they do not belong: every part of one revision's row, and every set of parts, put in another's
//! place, and bits turned over.
//!
//! Not among them is a revision's own wrap of an earlier key version, whole: it is still what was sealed, and opens
//! until that version is destroyed.

mod mutants;
mod rewrap;
mod row;
mod world;

use crate::{
    check::{Check, Context, Outcome},
    holds,
    tamper::{self, Refusals},
};
use mutants::Mutant;
use std::time::Duration;
use subrosa_testkit::TestServer;
use world::World;

pub(crate) const CHECK: Check = Check {
    name: "splice",
    holds: "a ciphertext that was moved or changed opens nowhere, says no more, and is on record",
    plants: &[
        "commitment-unchecked",
        "header-unchecked",
        "key-version-unchecked",
        "value-aad-without-tier",
        "wrap-aad-without-revision",
        "integrity-unrecorded",
        "integrity-told-apart",
    ],
    run,
};

fn run(context: &Context) -> Outcome {
    context.block_on(attack(context))
}

async fn attack(context: &Context) -> Outcome {
    let secrets = usize::try_from(context.many(45, 255, 255)).unwrap();
    let laps = usize::try_from(context.many(1, 2, 20)).unwrap();
    let (mut server, world) = World::make(TestServer::start().await, secrets).await;
    let all = mutants::all(&world.rows[0].value, context.many(16, 1, 1));
    let (mut tried, mut rounds) = (0_u64, 0_u64);
    let mut refusals = Refusals::default();
    let wanted: Vec<Mutant> = (0..laps).flat_map(|_| all.iter().copied()).collect();
    // The last secret is left as it is in every round: it shows that a secret can be read.
    for (round, batch) in wanted.chunks(secrets - 1).enumerate() {
        let placed: Vec<(usize, Mutant)>;
        (server, placed) = world.place(server, batch, round).await;
        server.clock.advance(Duration::from_secs(1));
        let since = server.clock.millis() * 1_000;
        let readers = world.readers(&server).await;
        for (victim, what) in &placed {
            let (door, reply) = readers.read(&world, *victim, *victim + round).await;
            if let Some(fault) = refusals.fault(door, &reply) {
                return Outcome::Violated(format!(
                    "round {round}, secret {victim}, {what:?}: {fault}"
                ));
            }
        }
        let (_, whole) = readers.read(&world, secrets - 1, round).await;
        let whole = String::from_utf8_lossy(&whole.bytes).contains(&world.values[secrets - 1]);
        assert!(whole, "a secret that nobody touched can be read");
        server.app().flush().await.expect("what is on record is written");
        let found = tamper::failures(&server.store_file(), since);
        for (victim, what) in &placed {
            let on_record = found.get(&world.ids[*victim]).copied().unwrap_or_default();
            // A rewrap that is due at the start may come upon it as well. What cannot even be read is not opened: the
            // secret is found to have lost its revision, by whoever looks.
            let once = if what.is_readable() {
                on_record.by_request == 1 && on_record.by_server <= 1
            } else {
                on_record.by_request == 0 && (1..=2).contains(&on_record.by_server)
            };
            holds!(once, "round {round}, secret {victim}, {what:?}: {on_record:?}");
        }
        let named: Vec<_> = placed.iter().map(|(victim, _)| world.ids[*victim]).collect();
        let stray = found.keys().find(|id| !named.contains(id));
        holds!(stray.is_none(), "round {round}: a failure of {stray:?}, which nobody touched");
        tried += u64::try_from(placed.len()).unwrap();
        rounds += 1;
    }
    // As it was, everything opens: it was the edits, and nothing else, that kept it shut.
    (server, _) = world.place(server, &[], 0).await;
    let readers = world.readers(&server).await;
    for (victim, value) in world.values.iter().enumerate() {
        let (_, reply) = readers.read(&world, victim, victim).await;
        let whole = String::from_utf8_lossy(&reply.bytes).contains(value);
        assert!(whole, "secret {victim} can be read again: {reply:?}");
    }
    let rewrapped = match rewrap::attack(&world, server).await {
        Ok(rewrapped) => rewrapped,
        Err(how) => return Outcome::Violated(how),
    };
    Outcome::Held(vec![(tried, "mutants"), (rounds, "cold starts"), (rewrapped, "moved wraps")])
}
