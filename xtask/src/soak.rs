//! `cargo xtask soak`: the long forms of everything that attacks and measures, one after the other, for a machine that
//! has a day and nothing else to do.
//!
//! What fails does not keep the rest from running: a day is too long to learn one thing from. It must never ask less
//! than what runs with every change does.

use crate::{bench, fuzz, prove, say};
use std::{
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

/// A long form: what it is called, what has to hold, and how it is run.
struct Part {
    name: &'static str,
    bar: &'static str,
    run: fn(&Path) -> ExitCode,
}

const PARTS: &[Part] = &[
    Part {
        name: "prove --long",
        bar: "every check holds (10,000 kills, 2,000 power cuts, 200,000 sequences of the model, and \
              what else each says) and finds every planted fault",
        run: |root| prove::run(root, &["--long"]),
    },
    Part {
        name: "fuzz --seconds 3600",
        bar: "no parser panics, takes a second or 512 MB, or breaks what its target asks",
        run: |root| fuzz::run(root, &["--seconds", "3600"]),
    },
    Part {
        name: "fuzz --control",
        bar: "every fault planted in a parser is found",
        run: |root| fuzz::run(root, &["--control"]),
    },
    Part {
        name: "bench",
        bar: "every reveal is counted, and every bar of performance.md holds",
        run: |root| bench::run(root, &["--hold"]),
    },
    Part {
        name: "bench --large",
        bar: "with 1,000,000 secrets in use a reveal and a publish cost at most 1.3 of what they cost with \
              1,000, and a miss at most 2.0 of a hit",
        run: |root| bench::run(root, &["--large", "--hold"]),
    },
    Part {
        name: "bench allocator",
        bar: "wiping what is freed leaves 0.90 of the throughput",
        run: |root| bench::run(root, &["allocator", "--hold"]),
    },
];

/// What came of a part.
struct Ran {
    name: &'static str,
    passed: bool,
    took: Duration,
}

/// Runs everything.
pub(crate) fn run(root: &Path) -> ExitCode {
    let mut all = Vec::new();
    for part in PARTS {
        say(format!("\n== {}: {}", part.name, part.bar));
        let begun = Instant::now();
        let passed = (part.run)(root) == ExitCode::SUCCESS;
        let ran = Ran { name: part.name, passed, took: begun.elapsed() };
        say(format!("== {}", told(&ran)));
        all.push(ran);
    }
    say("\n== all of it");
    all.iter().for_each(|ran| say(told(ran)));
    if all.iter().all(|ran| ran.passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One line of what came of a part.
fn told(ran: &Ran) -> String {
    let minutes = ran.took.as_secs() / 60;
    let word = if ran.passed { "passed" } else { "FAILED" };
    format!("{word} {} after {} h {:02} min", ran.name, minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_told_with_its_hours_and_a_failure_stands_out() {
        let took = Duration::from_secs(3 * 3600 + 5 * 60 + 59);
        let ran = |passed| told(&Ran { name: "bench", passed, took });
        assert_eq!(ran(true), "passed bench after 3 h 05 min");
        assert_eq!(ran(false), "FAILED bench after 3 h 05 min");
    }
}
