//! What wiping memory as it is freed costs: the same binary with and without it, in alternating slices, so that whoever
//! else uses the machine disturbs both.
//!
//! Wiping is left out by a planted fault, so it takes a build that has any: in what ships both would be alike, and the
//! ratio would say that wiping is free.

use crate::{
    failure::{Failure, Result},
    measure::{Done, settled},
    options::{BAR_AT, Options},
    process::{self, Home, Server},
    run::{HARD, said, scenario},
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

/// Measures it for one key that everybody wants, where there is nothing but the request itself, and for the hard case.
pub(crate) fn run(options: &Options) -> Result<()> {
    let binary = std::fs::read(&options.binary)?;
    memchr::memmem::find(&binary, LEAVES.as_bytes())
        .ok_or_else(|| Failure::new("this build has no faults that could be planted"))?;
    let folder = tempfile::Builder::new().prefix("subrosa-bench").tempdir()?;
    let home =
        |name: &str| Home { binary: options.binary.clone(), folder: folder.path().join(name) };
    let (wiping, leaving) = (home("wiping"), home("leaving"));
    std::fs::create_dir(&wiping.folder)?;
    let words: Vec<&str> = options.serve.iter().map(String::as_str).collect();
    let server = wiping.serve(&words)?;
    let stock = Stock::fill(&wiping, &server, HARD)?;
    let secrets = stock.secrets(&server, HARD.secrets, "STANDARD")?;
    server.stop()?;
    copy(&wiping.folder, &leaving.folder)?;

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
    let hot = Scenario { hot: true, ..scenario("one hot key", Kind::Reveal, hot) };
    for scenario in [hot, scenario("hard case", Kind::Reveal, &secrets)] {
        if options.wants(scenario.name) {
            say(line(&scenario, &stock, &wipes, &leaves, options)?);
        }
    }
    wipes.stop()?;
    leaves.stop()
}

/// Measures one scenario: its line of the table.
fn line(
    scenario: &Scenario<'_>,
    stock: &Stock,
    wipes: &Server,
    leaves: &Server,
    options: &Options,
) -> Result<String> {
    let (mut with, mut without) = (Done::default(), Done::default());
    let mut ratios = Vec::new();
    for pair in 0..options.slices * PAIRS {
        let slice = |server| settled(server, stock, scenario, BAR_AT, options.slice);
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
    // The middle one of the pairs: a slice in which the machine stalled counts as one, and not as slow.
    ratios.sort_unstable_by(f64::total_cmp);
    let ratio = ratios.get(ratios.len() / 2).copied();
    let ratio = ratio.ok_or_else(|| Failure::new("nothing was measured"))?;
    Ok(format!(
        "| {} | {:.0} | {:.0} | {ratio:.2} | {:.2} | ≥ {LEAST:.2}{} |",
        scenario.name,
        with.rate(),
        without.rate(),
        with.micros() / without.micros(),
        said(ratio >= LEAST),
    ))
}

/// Copies a folder as it is.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").args([from, to]).status()?;
    if copied.success() { Ok(()) } else { Err(Failure::new("the store could not be copied")) }
}
