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
use std::{path::PathBuf, process::ExitCode, time::Instant};

const USAGE: &str = "usage: proof list
       proof run [--long] [--require] [NAME…]
                                           each check, then each with its faults planted; with --require a check
                                           that cannot run here is a failure
       proof one NAME [--long | --control]  one check against this process's own SUBROSA_PLANT

SUBROSA_BINARY names the server's binary, built with the feature `plant`.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => list(),
        ["run", words @ ..] => run(words),
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
fn run(words: &[&str]) -> ExitCode {
    let (switches, names): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.starts_with("--"));
    if switches.iter().any(|word| !["--long", "--require"].contains(word)) {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let size = if switches.contains(&"--long") { Size::Long } else { Size::Usual };
    let unknown = names.iter().find(|name| checks::named(name).is_none());
    if let Some(name) = unknown {
        eprintln!("there is no check {name}");
        return ExitCode::from(2);
    }
    let chosen = |check: &&Check| names.is_empty() || names.contains(&check.name);
    let chosen: Vec<&Check> = checks::ALL.iter().filter(chosen).collect();
    let (mut hold, mut not_run, mut fail) = (0, 0, 0);
    for (check, standing) in chosen.iter().zip(control::standings(&chosen, size)) {
        match standing {
            Standing::Stands => hold += 1,
            Standing::NotRun => {
                not_run += 1;
                println!("NOT RUN: {}", check.name);
            }
            Standing::Fails(failures) => {
                fail += 1;
                println!("FAILED: {} {}", check.name, failures.join(", "));
            }
        }
    }
    println!("{hold} hold, {not_run} NOT RUN, {fail} FAILED");
    if fail > 0 || (not_run > 0 && switches.contains(&"--require")) {
        return ExitCode::FAILURE;
    }
    println!("everything that ran holds, and every planted fault was found");
    ExitCode::SUCCESS
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
