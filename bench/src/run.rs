//! A run: the servers are started, the store is filled, every cell is measured, and the counts are compared.

use crate::{
    audited,
    disk::Disk,
    failure::Result,
    measure::{Bench, Done},
    options::{BAR_AT, Options},
    process::{self, Home},
    say,
    scenario::{Kind, Scenario},
    stock::{Secret, Size, Stock},
    table::{Bar, Table},
};
use std::{path::Path, time::Duration};

/// The hard case.
pub(crate) const HARD: Size = Size { tenants: 100, tokens: 10_000, secrets: 10_000 };

/// The longest a start may take, and the most memory an idle server may use.
const START_MOST: Duration = Duration::from_millis(30);
const IDLE_MOST: u64 = 20 * 1024 * 1024;

/// Runs it; whether every reveal was counted. A bar that is missed is said, and fails nothing: the machine may be
/// somebody else's too.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let folder = tempfile::Builder::new().prefix("subrosa-bench").tempdir()?;
    let home = Home { binary: options.binary.clone(), folder: folder.path().into() };
    let words: Vec<&str> = options.serve.iter().map(String::as_str).collect();
    let server = home.serve(&words)?;
    let stock = Stock::fill(&home, &server, HARD)?;
    let standard = stock.secrets(&server, HARD.secrets, "STANDARD")?;
    server.stop()?;

    say(format!("`{}` on {}\n", options.command, process::machine()));
    let mut lines = Vec::new();
    let server = home.serve(&words)?;
    let mut missed = start_and_idle(&server, &mut lines)?;
    let strict = stock.secrets(&server, HARD.secrets, "PII")?;
    stock.warm(&server, &standard)?;
    stock.warm(&server, &strict)?;
    server.settle()?;
    let bare = process::bare()?;
    let mut bench = Bench {
        bare: &bare,
        ours: &server,
        stock: &stock,
        disk: Disk::in_folder(&disk_folder(folder.path())?)?,
        slices: options.slices,
        slice: options.slice,
    };
    let scenarios = scenarios(&standard, &strict);
    let rod = scenario("bare hyper", Kind::Bare, &standard);
    let mut table = Table::new();
    say(table.text());
    let mut uncounted = 0;
    for &connections in &options.at {
        let mut rods = Done::default();
        let mut reveal = None;
        for scenario in scenarios.iter().filter(|scenario| options.wants(scenario.name)) {
            let from = audited::now()?;
            let cell = bench.cell(&rod, scenario, connections)?;
            rods = Done {
                answers: rods.answers + cell.bare.answers,
                time: rods.time + cell.bare.time,
                cpu: rods.cpu + cell.bare.cpu,
                sampled: 0,
            };
            let hard = scenario.kind == Kind::Reveal && !scenario.hot && !scenario.durable;
            reveal = if hard { Some(cell.ours.micros()) } else { reveal };
            let held = connections == BAR_AT && !scenario.hot;
            let bar = Bar::of(scenario.kind, scenario.durable);
            let bar = if held { bar } else { Bar::default() };
            say(table.add(scenario.name, &cell, bar, reveal));
            if scenario.counted {
                let (reveals, events) = audited::since(&server, &stock, from)?;
                let answers = cell.ours.answers;
                uncounted += answers.abs_diff(reveals);
                lines.push(format!(
                    "{} at {connections}: {answers} answered, {reveals} audited in {events} events, \
                     {} sampled values right",
                    scenario.name, cell.ours.sampled,
                ));
            }
        }
        say(table.bare(connections, rods.rate(), rods.micros()));
    }
    missed += table.missed;
    let memory = server.memory()?;
    lines.push(format!("memory after all of it: {} MiB", memory / (1024 * 1024)));
    lines.push(format!("uncounted reveals: {uncounted}{}", said(uncounted == 0)));
    say("");
    lines.iter().for_each(|line| say(format!("- {line}")));
    server.stop()?;
    say(format!("\n{missed} bars missed"));
    Ok(uncounted == 0)
}

/// The scenarios in their order: those that leave the store as it is come first.
fn scenarios<'a>(standard: &'a [Secret], strict: &'a [Secret]) -> Vec<Scenario<'a>> {
    let hot = |all: &'a [Secret]| all.get(..1).unwrap_or_default();
    let counted = |one: Scenario<'a>| Scenario { counted: true, ..one };
    let durable = |one: Scenario<'a>| Scenario { durable: true, ..one };
    let of_one = |one: Scenario<'a>| Scenario { hot: true, ..one };
    vec![
        counted(of_one(scenario("STANDARD reveal, one hot key", Kind::Reveal, hot(standard)))),
        counted(scenario("STANDARD reveal, hard case", Kind::Reveal, standard)),
        counted(scenario("walletcrew GET, hard case", Kind::Walletcrew, standard)),
        counted(scenario("truefoundry secret GET, hard case", Kind::Truefoundry, standard)),
        durable(of_one(scenario("strict reveal, one hot key", Kind::Reveal, hot(strict)))),
        durable(counted(scenario("strict reveal, hard case", Kind::Reveal, strict))),
        durable(scenario("publish, hard case", Kind::Publish, standard)),
        durable(scenario("create, hard case", Kind::Create, standard)),
    ]
}

/// A scenario of secrets drawn at random, and of any token.
pub(crate) fn scenario<'a>(name: &'static str, kind: Kind, secrets: &'a [Secret]) -> Scenario<'a> {
    Scenario { name, kind, secrets, hot: false, durable: false, counted: false }
}

/// How long the start took, and what the server needs while nobody asks it anything.
fn start_and_idle(server: &process::Server, lines: &mut Vec<String>) -> Result<u32> {
    std::thread::sleep(Duration::from_secs(1));
    let (start, idle) = (server.started_in, server.memory()?);
    let (in_time, small) = (start <= START_MOST, idle <= IDLE_MOST);
    let (millis, mib) = (start.as_secs_f64() * 1e3, idle as f64 / (1024.0 * 1024.0));
    lines.push(format!("start to first answer: {millis:.1} ms (≤ 30 ms{})", said(in_time)));
    lines.push(format!("idle with 10,000 secrets: {mib:.1} MiB (≤ 20 MiB{})", said(small)));
    Ok(u32::from(!in_time) + u32::from(!small))
}

/// How it is said whether a bar holds.
pub(crate) fn said(holds: bool) -> &'static str {
    if holds { ", ok" } else { ", **MISSED**" }
}

/// A folder for what the disk alone can do, on the disk that holds the data.
fn disk_folder(folder: &Path) -> Result<std::path::PathBuf> {
    let place = folder.join("disk");
    std::fs::create_dir(&place)?;
    Ok(place)
}
