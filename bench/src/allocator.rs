//! What wiping memory as it is freed costs: the same binary with and without it, in alternating slices, so that whoever
//! else uses the machine disturbs both.
//!
//! Wiping is left out by a planted fault, so it takes a build that has any: in what ships both would be alike, and the
//! ratio would say that wiping is free.

use crate::{
    bars::Bars,
    failure::{Failure, Result},
    measure::{Done, load},
    options::{BAR_AT, Options},
    process::{self, Home, Server},
    run::{HARD, scenario},
    say,
    scenario::{Kind, Scenario},
    stock::Stock,
};
use std::{path::Path, process::Command};

/// The fault that leaves what is freed as it is.
const LEAVES: &str = "no-wipe-on-free";

/// The least that is left of the throughput.
const LEAST: f64 = 0.90;

/// Pairs of slices, for each slice of a cell that was asked for: one pair on a shared machine says nothing.
const PAIRS: u32 = 8;

/// What is measured.
pub(crate) const NAMES: [&str; 2] = ["one hot key", "hard case"];

/// Measures it for one key that everybody wants, where there is nothing but the request itself, and for the hard case.
pub(crate) fn run(options: &Options) -> Result<Bars> {
    let binary = std::fs::read(&options.binary)?;
    memchr::memmem::find(&binary, LEAVES.as_bytes())
        .ok_or_else(|| Failure::new("this build has no faults that could be planted"))?;
    let (wiping, leaving) = (Home::make(options)?, Home::make(options)?);
    let words = options.serve(&[]);
    let server = wiping.serve(&words)?;
    let stock = Stock::fill(&wiping, &server, HARD)?;
    let secrets = stock.secrets(&server, HARD.secrets, "STANDARD")?;
    server.stop()?;
    copy(wiping.folder.path(), leaving.folder.path())?;

    let (wipes, leaves) = (wiping.serve(&words)?, leaving.serve_planted(&words, LEAVES)?);
    for server in [&wipes, &leaves] {
        stock.warm(server, &secrets)?;
        server.settle()?;
    }
    say(format!("`{}` on {}\n", options.command, process::machine()));
    say(
        "| STANDARD reveal, 40-byte values | requests/s | without wiping | of that | CPU, of that | bar |",
    );
    say("|---|---|---|---|---|---|");
    let hot = secrets.get(..1).unwrap_or_default();
    let [of_one, of_all] = NAMES;
    let hot = Scenario { hot: true, ..scenario(of_one, Kind::Reveal, hot) };
    let mut bars = Bars::default();
    for scenario in [hot, scenario(of_all, Kind::Reveal, &secrets)] {
        if options.wants(scenario.name) {
            say(line(&scenario, &stock, (&wipes, &leaves), options, &mut bars)?);
        }
    }
    wipes.stop()?;
    leaves.stop()?;
    Ok(bars)
}

/// Measures one scenario: its line of the table.
fn line(
    scenario: &Scenario<'_>,
    stock: &Stock,
    (wipes, leaves): (&Server, &Server),
    options: &Options,
    bars: &mut Bars,
) -> Result<String> {
    let (mut with, mut without) = (Done::default(), Done::default());
    let mut ratios = Vec::new();
    for pair in 0..options.slices * PAIRS {
        let slice = |server| load(server, stock, scenario, BAR_AT, options.slice);
        // Who comes first takes turns: a machine that is slowed down for a while slows down the second.
        let (a, b) = match pair.is_multiple_of(2) {
            true => (slice(wipes)?, slice(leaves)?),
            false => {
                let b = slice(leaves)?;
                (slice(wipes)?, b)
            }
        };
        ratios.push(a.rate() / b.rate());
        with.add(&a);
        without.add(&b);
    }
    // The middle one of the pairs, of two the worse: a slice in which the machine stalled counts as one, not as slow.
    ratios.sort_unstable_by(f64::total_cmp);
    let ratio = ratios.get(ratios.len().saturating_sub(1) / 2).copied();
    let ratio = ratio.ok_or_else(|| Failure::new("nothing was measured"))?;
    Ok(format!(
        "| {} | {:.0} | {:.0} | {ratio:.2} | {:.2} | ≥ {LEAST:.2}, {} |",
        scenario.name,
        with.rate(),
        without.rate(),
        with.micros() / without.micros(),
        bars.hold(ratio >= LEAST),
    ))
}

/// Copies what is in a folder, as it is, into another.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").args([&from.join("."), to]).status()?;
    if copied.success() { Ok(()) } else { Err(Failure::new("the store could not be copied")) }
}
