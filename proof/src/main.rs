//! What Subrosa promises, attacked from outside, with evidence anyone can make again: `cargo xtask prove`.
//!
//! Each check has a file in `checks/` and a line in the list there: what must hold, how much it tries, and the faults
//! it must find. A check runs once against the product as it is, where it must hold, and once for each of its planted
//! faults, where it must not. A check that a planted fault leaves green is reported as broken, for it proves nothing.
//!
//! Nothing here is ever part of what ships, and no check may be lenient about what it does not understand.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a proof that cannot go on stops, loudly; what it found goes to whoever runs it"
)]

mod check;
mod checks;
mod control;
mod crash;
mod dice;
mod lossy;
mod model;
mod served;
mod steps;
mod tamper;
mod wire;

use check::{Check, Context, Size};
use control::Standing;
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

const USAGE: &str = "usage: proof list
       proof run [--long] [NAME…]          each check, then each with its faults planted
       proof one NAME [--long | --control]  one check against this process's own SUBROSA_PLANT

SUBROSA_BINARY names the server's binary, built with the feature `plant`.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => list(),
        ["run", "--long", names @ ..] => run(Size::Long, names),
        ["run", names @ ..] => run(Size::Usual, names),
        ["reach", pid, address] => checks::reaches(pid, address),
        ["one", name] => one(name, Size::Usual),
        ["one", name, "--long"] => one(name, Size::Long),
        ["one", name, "--control"] => one(name, Size::Control),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn list() -> ExitCode {
    for check in checks::ALL {
        println!("{:<16} {}", check.name, check.holds);
        for plant in check.plants {
            println!("{:<16}   finds {plant}", "");
        }
    }
    ExitCode::SUCCESS
}

/// Runs each check and each of its controls, as processes of their own.
fn run(size: Size, names: &[&str]) -> ExitCode {
    let unknown = names.iter().find(|name| checks::named(name).is_none());
    if let Some(name) = unknown {
        eprintln!("there is no check {name}");
        return ExitCode::from(2);
    }
    let chosen = |check: &&Check| names.is_empty() || names.contains(&check.name);
    let chosen: Vec<&Check> = checks::ALL.iter().filter(chosen).collect();
    let (next, standings) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(check) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let started = Instant::now();
            let standing = control::standing(check, size);
            println!("== {}, with its controls: {} s", check.name, started.elapsed().as_secs());
            standings.lock().unwrap().push((check.name, standing));
        }
    };
    // As many at once as the machine has processors: a check waits as much as it works.
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    let mut ending = ExitCode::SUCCESS;
    for (name, standing) in standings.into_inner().unwrap() {
        match standing {
            Standing::Stands => {}
            Standing::NotRun => println!("NOT RUN: {name}"),
            Standing::Fails(failures) => {
                println!("FAILED: {name} {}", failures.join(", "));
                ending = ExitCode::FAILURE;
            }
        }
    }
    if ending == ExitCode::SUCCESS {
        println!("everything that ran holds, and every planted fault was found");
    }
    ending
}

/// Runs one check in this process.
fn one(name: &str, size: Size) -> ExitCode {
    let Some(check) = checks::named(name) else {
        eprintln!("there is no check {name}");
        return ExitCode::from(2);
    };
    let binary = std::env::var_os("SUBROSA_BINARY").map_or_else(PathBuf::new, PathBuf::from);
    let context = Context::new(binary, size);
    let started = Instant::now();
    let outcome = (check.run)(&context);
    println!("{name}: {outcome} in {} ms", started.elapsed().as_millis());
    outcome.code()
}
