//! A tenant's key, rotated by many at once while everything is read, and killed while wraps are renewed.

mod house;

use crate::{
    check::{Check, Context, Outcome},
    dice::{self, Dice},
    served::{Home, Served},
    wire::Wire,
};
use house::House;
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub(crate) const CHECK: Check = Check {
    name: "rotation",
    holds: "rotations leave one active key, fail no read, open no value and survive kills",
    plants: &["rewrap-opens", "rotate-in-two", "rotate-destroys", "rewrap-under-old-key"],
    run,
};

/// How many rotate at once.
const ROTATORS: usize = 16;
/// How many read meanwhile.
const READERS: usize = 8;
/// How long the rewrap of a few thousand wraps may take before something is taken to be wrong.
const REWRAP_LIMIT: Duration = Duration::from_secs(60);

fn run(context: &Context) -> Outcome {
    let home = Home::new(context.binary());
    let revisions = context.many(16, 64, 64);
    let mut served = home.serve();
    let house = Arc::new(context.block_on(House::make(&served, 40, revisions)));
    let rounds = context.many(1, 4, 40);
    let (mut reads, mut seconds) = (0, 0.0);
    for _ in 0..rounds {
        let started = Instant::now();
        match context.block_on(calm(&home, &served, &house)) {
            Ok(count) => reads += count,
            Err(how) => return Outcome::Violated(how),
        }
        seconds += started.elapsed().as_secs_f64();
    }
    let (kills, mut dice) = (context.many(2, 40, 500), Dice::new(dice::seed(), 8));
    let (mut inside, mut tried) = (0, 0);
    while inside < kills {
        assert!(tried < kills * 4 + 20, "only {inside} of {tried} kills were inside a rewrap");
        tried += 1;
        match context.block_on(stormy(&home, served, &house, &mut dice)) {
            Ok(was_inside) => inside += u64::from(was_inside),
            Err(how) => return Outcome::Violated(how),
        }
        served = home.serve();
        // Nobody has asked for anything yet: what is opened now, the rewrap opens.
        if let Err(how) = context.block_on(settles(&home, &served, 0)) {
            return Outcome::Violated(format!("after kill {tried}: {how}"));
        }
    }
    match context.block_on(house.opens_whole(&served)) {
        Ok(opened) => Outcome::Held(vec![
            (rounds * ROTATORS as u64, "rotations at once"),
            (reads, "reads meanwhile"),
            ((reads as f64 / seconds) as u64, "reads a second"),
            (inside, "kills inside a rewrap"),
            (opened, "values opened afterwards"),
        ]),
        Err(how) => Outcome::Violated(how),
    }
}

/// Sixteen rotations at once under load, with nobody killed: how many reads there were meanwhile.
async fn calm(home: &Home, served: &Served, house: &Arc<House>) -> Result<u64, String> {
    let before = opened(served).await;
    let load = Load::start(served, house);
    let rotations: Vec<_> = (0..ROTATORS).map(|_| rotate(served.operator())).collect();
    let mut versions = BTreeSet::new();
    for rotation in rotations {
        let answer = rotation.await.expect("a rotation ends");
        let (status, version) = answer.map_err(|error| format!("a rotation: {error}"))?;
        if status != 200 || !versions.insert(version) {
            return Err(format!("a rotation was answered {status}, with version {version}"));
        }
    }
    let rewrapped = house::wait_for_rewrap(home, || load.failed()).await;
    let reads = load.end(false).await?;
    rewrapped?;
    settles(home, served, before + reads).await?;
    Ok(reads)
}

/// Two rotations under load and a kill somewhere in the rewrap; whether it was inside.
async fn stormy(
    home: &Home,
    served: Served,
    house: &Arc<House>,
    dice: &mut Dice,
) -> Result<bool, String> {
    let load = Load::start(&served, house);
    let rotations = [rotate(served.operator()), rotate(served.operator())];
    // A part of the wraps that are still to be renewed when it is killed.
    let left = dice.below(house.wraps);
    let limit = Instant::now() + Duration::from_secs(5);
    let mut begun = false;
    while Instant::now() < limit {
        let now = house::left(home);
        begun |= now > 0;
        if begun && now <= left {
            break;
        }
        tokio::time::sleep(Duration::from_micros(300)).await;
    }
    load.killing.store(true, Ordering::SeqCst);
    served.kill();
    load.end(true).await?;
    for rotation in rotations {
        let _ = rotation.await.expect("a rotation ends, one way or another");
    }
    house::one_active(home)?;
    let now = house::left(home);
    Ok(now > 0 && now < house.wraps)
}

/// Waits until nothing is left to rewrap, and looks whether everything is as it must be then: so many values were
/// opened since the start, and one key is active.
async fn settles(home: &Home, served: &Served, reads: u64) -> Result<(), String> {
    house::wait_for_rewrap(home, || false).await?;
    let now = opened(served).await;
    if now != reads {
        return Err(format!("{now} values were opened where {reads} were read"));
    }
    house::one_active(home)
}

/// How many values the server says it has decrypted since it started.
async fn opened(served: &Served) -> u64 {
    let page =
        Wire::tcp(served.address, None).send("GET", "/metrics", None).await.expect("metrics");
    let text = String::from_utf8_lossy(&page.bytes).into_owned();
    let count = text.lines().find_map(|line| line.strip_prefix("subrosa_values_opened_total "));
    count.and_then(|count| count.trim().parse().ok()).expect("a count of values opened")
}

type Rotation = tokio::task::JoinHandle<std::io::Result<(u16, u64)>>;

fn rotate(operator: Wire) -> Rotation {
    tokio::spawn(async move {
        let path = "/v1/tenants/default/keys:rotate";
        let reply = operator.send("POST", path, Some(&json!({}))).await?;
        Ok((reply.status, reply.json()["version"].as_u64().unwrap_or_default()))
    })
}

/// Readers that read until they are told to end.
struct Load {
    ending: Arc<AtomicBool>,
    killing: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
    readers: Vec<tokio::task::JoinHandle<Result<(), String>>>,
}

impl Load {
    fn start(served: &Served, house: &Arc<House>) -> Self {
        let (ending, killing, reads) =
            <(Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicU64>)>::default();
        let reader = |number: usize| {
            let wire = served.with_token(&house.token);
            let house = Arc::clone(house);
            let flags = (Arc::clone(&ending), Arc::clone(&killing), Arc::clone(&reads));
            tokio::spawn(async move {
                let (ending, killing, reads) = flags;
                let mut next = number * 5;
                while !ending.load(Ordering::SeqCst) && !killing.load(Ordering::SeqCst) {
                    match house.reads(&wire, next).await {
                        Ok(()) => reads.fetch_add(1, Ordering::SeqCst),
                        Err(_) if killing.load(Ordering::SeqCst) => return Ok(()),
                        Err(how) => return Err(how),
                    };
                    next += 1;
                }
                Ok(())
            })
        };
        let readers = (0..READERS).map(reader).collect();
        Self { ending, killing, reads, readers }
    }

    /// Whether one of them was not given the value: it ends then, before it is told to.
    fn failed(&self) -> bool {
        self.readers.iter().any(tokio::task::JoinHandle::is_finished)
    }

    /// Has the readers end; how often they read. None of them was answered anything but the value.
    async fn end(self, killed: bool) -> Result<u64, String> {
        self.ending.store(true, Ordering::SeqCst);
        for reader in self.readers {
            let read = reader.await.expect("a reader ends");
            read.map_err(|how| {
                format!("a read failed{}: {how}", if killed { " before the kill" } else { "" })
            })?;
        }
        Ok(self.reads.load(Ordering::SeqCst))
    }
}
