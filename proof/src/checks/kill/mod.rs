//! `kill -9` at any moment, under several writers at once, and during start and recovery.
//!
//! Several servers run side by side, each on a folder of its own, for a start mostly waits. A folder is used for a
//! while and then left for a new one, so that first starts are ended suddenly too.

mod tally;

use crate::{
    check::{Check, Context, Outcome},
    crash::{Crew, Ended},
    dice::{self, Dice},
    holds,
    served::{Home, Served},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};
use tally::Tally;

pub(crate) const CHECK: Check = Check {
    name: "kill",
    holds: "killed at any moment it has what it acknowledged, nothing by half, one event for each change",
    plants: &[
        "ack-before-commit",
        "event-in-own-transaction",
        "publish-in-two-steps",
        "log-dropped-at-start",
        "slow-recovery",
    ],
    run,
};

/// How many servers run side by side.
const LANES: u64 = 3;

/// How often a folder's server is ended before there is a new folder.
const HOME_POINTS: u64 = 25;

/// Of so many points, one is during start and recovery.
const AT_START: u64 = 3;

/// The server ends after at most so many acknowledged changes, and so many microseconds more.
const CHANGES_MAX: u64 = 60;
const MICROS_MAX: u64 = 3_000;

/// How long writers may take to get that far.
const WRITING_MAX: Duration = Duration::from_secs(10);

fn run(context: &Context) -> Outcome {
    let seed = dice::seed();
    let points = context.many(36, 300, 10_000);
    let over = AtomicBool::new(false);
    let lane = |lane: u64| {
        let share = points / LANES + u64::from(lane < points % LANES);
        let done = run_lane(context, Dice::new(seed, lane), share, &over);
        over.fetch_or(done.is_err(), Ordering::AcqRel);
        done
    };
    let tallies: Vec<Result<Tally, String>> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|number| scope.spawn(move || lane(number))).collect();
        lanes.into_iter().map(|lane| lane.join().expect("the lane ran")).collect()
    });
    let mut total = Tally::default();
    for tally in tallies {
        match tally {
            Ok(tally) => total.add(tally),
            Err(violated) => return Outcome::Violated(violated),
        }
    }
    let is_slow = total.is_slow(handful(context));
    holds!(!is_slow, "ready again only after {:?} in the worst hundredth", total.p99());
    let seen = total.compared;
    assert!(seen.late > 0 && seen.lost > 0, "no change was ever under way: {seen:?}");
    total.held()
}

fn run_lane(
    context: &Context,
    mut dice: Dice,
    points: u64,
    over: &AtomicBool,
) -> Result<Tally, String> {
    let mut tally = Tally::default();
    while tally.points < points && !over.load(Ordering::Acquire) {
        let home = Home::new(context.binary());
        let until = points.min(tally.points + HOME_POINTS);
        let done = wear_out(context, &home, &mut dice, until, &mut tally, over);
        done.map_err(|violated| format!("at point {} of this lane, {violated}", tally.points))?;
    }
    Ok(tally)
}

/// Ends one folder's server again and again; or until it is over in another lane.
fn wear_out(
    context: &Context,
    home: &Home,
    dice: &mut Dice,
    until: u64,
    tally: &mut Tally,
    over: &AtomicBool,
) -> Result<(), String> {
    let mut crew = None;
    while tally.points < until {
        if over.load(Ordering::Acquire) {
            return Ok(());
        }
        tally.points += 1;
        if tally.points.is_multiple_of(AT_START) {
            let served = home.starts(&[]);
            // Anywhere from the first instruction to a little after it would have been ready.
            thread::sleep(tally.usual_start() * dice.below(130) as u32 / 100);
            served.kill();
            tally.at_start += 1;
            continue;
        }
        let served = ready(context, home, tally)?;
        let crew = match &mut crew {
            Some(crew) => compared(context, crew, &served, tally)?,
            none => none.insert(context.block_on(Crew::hire(&served, dice)).expect("a crew")),
        };
        work(context, crew, &served, dice, tally)?;
    }
    let served = ready(context, home, tally)?;
    let Some(crew) = &mut crew else { return Ok(()) };
    compared(context, crew, &served, tally)?;
    served.stop();
    let served = ready(context, home, tally)?;
    compared(context, crew, &served, tally).map(|_| ())
}

/// How many starts may be slow before that counts: a shared machine pauses. With the fault planted that slows them, all
/// do.
fn handful(context: &Context) -> u64 {
    context.many(1, 5, 5)
}

/// A start, however the last server ended.
fn ready(context: &Context, home: &Home, tally: &mut Tally) -> Result<Served, String> {
    let since = Instant::now();
    let served = home.ready()?;
    tally.started(since.elapsed());
    if tally.is_slow(handful(context)) {
        Err(format!("ready again only after {:?}", tally.p99()))
    } else {
        Ok(served)
    }
}

fn compared<'c>(
    context: &Context,
    crew: &'c mut Crew,
    served: &Served,
    tally: &mut Tally,
) -> Result<&'c mut Crew, String> {
    let compared = context.block_on(crew.compare(served))?;
    tally.compared.add(compared);
    Ok(crew)
}

/// Has everybody write, and ends the server in the middle of it.
fn work(
    context: &Context,
    crew: &mut Crew,
    served: &Served,
    dice: &mut Dice,
    tally: &mut Tally,
) -> Result<(), String> {
    let acknowledged = AtomicU64::new(0);
    let (changes, micros) = (dice.below(CHANGES_MAX), dice.below(MICROS_MAX));
    let moment = async {
        let since = Instant::now();
        while acknowledged.load(Ordering::Acquire) < changes && since.elapsed() < WRITING_MAX {
            tokio::task::yield_now().await;
        }
        let reached = Instant::now();
        while reached.elapsed() < Duration::from_micros(micros) {
            tokio::task::yield_now().await;
        }
        let process = Pid::from_raw(served.pid() as i32);
        kill(process, Signal::SIGKILL).expect("it ran until now");
    };
    let ended = context.block_on(crew.work(served, &acknowledged, moment));
    tally.acknowledged += acknowledged.into_inner();
    match ended.into_iter().find(|ended| *ended != Ended::Gone) {
        // What was acknowledged and lost is the worse news.
        Some(ended) if tally.odd.is_none() => tally.odd = Some(format!("{ended:?}")),
        _ => {}
    }
    Ok(())
}
