//! Checks and their controls, each in a process of its own: a fault is planted by the environment, once per process.
//!
//! As many run at once as the machine has processors, for each waits as much as it works. All checks come first, as
//! they are in the list, which has the longest first; then the controls, all of them short: so no processor waits at
//! the end.

use crate::check::{Check, HOLDS, NOT_RUN, Size, VIOLATED};
use std::{
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// What a check is worth here.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// It holds as things are, and finds every fault that is planted for it.
    Stands,
    /// It does not hold, or leaves a fault: which of these.
    Fails(Vec<String>),
    /// It cannot run here, and says so.
    NotRun,
}

/// What is known of a check so far.
#[derive(Default)]
struct Known {
    not_run: bool,
    failures: Vec<String>,
    /// How many of its processes have ended, and how long they took together.
    ended: usize,
    took: Duration,
}

/// Runs each of these as things are, and once for every fault that is planted for it.
pub(crate) fn standings(checks: &[&Check], size: Size) -> Vec<Standing> {
    let known: Vec<Mutex<Known>> = checks.iter().map(|_| Mutex::default()).collect();
    let plain = (0..checks.len()).map(|at| (at, None));
    let controls = |at: usize| checks[at].plants.iter().map(move |plant| (at, Some(*plant)));
    let jobs: Vec<_> = plain.chain((0..checks.len()).flat_map(controls)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((at, plant)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            one(checks[*at], *plant, size, &known[*at]);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    known.into_iter().map(|known| known.into_inner().expect("whole").standing()).collect()
}

/// Runs a check as things are, or with a fault planted, and notes what came of it.
fn one(check: &Check, plant: Option<&str>, size: Size, known: &Mutex<Known>) {
    let started = Instant::now();
    // What cannot run has no need of controls.
    let not_run = plant.is_some() && known.lock().expect("whole").not_run;
    let ended = if not_run { None } else { ends_with(check, size, plant) };
    let mut known = known.lock().expect("whole");
    match plant {
        _ if not_run => {}
        None if ended == Some(NOT_RUN) => known.not_run = true,
        None if ended == Some(HOLDS) => {}
        None => known.failures.push("does not hold".to_owned()),
        Some(plant) if ended == Some(VIOLATED) => println!("{}: {plant} was found", check.name),
        Some(plant) => {
            println!("{}: {plant} WAS NOT FOUND", check.name);
            known.failures.push(format!("did not find {plant}"));
        }
    }
    known.ended += 1;
    known.took += started.elapsed();
    if known.ended > check.plants.len() {
        println!("== {}, with its controls: {} s", check.name, known.took.as_secs());
    }
}

impl Known {
    fn standing(self) -> Standing {
        match self {
            Self { not_run: true, .. } => Standing::NotRun,
            Self { failures, .. } if failures.is_empty() => Standing::Stands,
            Self { failures, .. } => Standing::Fails(failures),
        }
    }
}

/// The exit code of a check's own process; `None` when a signal ended it.
fn ends_with(check: &Check, size: Size, plant: Option<&str>) -> Option<u8> {
    let mut one = Command::new(std::env::current_exe().expect("this program has a path"));
    one.args(["one", check.name]).env_remove("SUBROSA_PLANT");
    match (plant, size) {
        (Some(plant), _) => one.arg("--control").env("SUBROSA_PLANT", plant),
        (None, Size::Control) => one.arg("--control"),
        (None, Size::Long) => one.arg("--long"),
        (None, Size::Usual) => &mut one,
    };
    let code = one.status().expect("this program starts").code()?;
    u8::try_from(code).ok()
}
