//! A run: the servers are started, the store is filled, every cell is measured, and the counts are compared.

use crate::{
    audited,
    bars::Bars,
    disk::Disk,
    failure::Result,
    measure::{Bench, Done},
    options::{BAR_AT, Options, What},
    process::{self, Home},
    say,
    scenario::{Kind, Scenario},
    stock::{Secret, Size, Stock},
    table::{self, Bar},
};
use std::time::Duration;

/// The hard case.
pub(crate) const HARD: Size = Size { tenants: 100, tokens: 10_000, secrets: 10_000 };

/// The longest a start may take, and the most memory an idle server may use.
const START_MOST: Duration = Duration::from_millis(30);
const IDLE_MOST: u64 = 20 * 1024 * 1024;

/// With every change, nothing may cost more than so many times what it cost in H in the last table of
/// docs/reference/performance.md. That is very loose, for H itself is twice as much in one hour as in another, and what
/// waits for the disk hangs on the disk: what misses it is a mistake and no bad hour.
const CI_TIMES: f64 = 4.0;

/// The scenarios in their order, without their secrets: those that leave the store as it is come first.
const SCENARIOS: [Scenario<'static>; 8] = [
    counted(of_one(scenario("STANDARD reveal, one hot key", Kind::Reveal, &[]))),
    counted(scenario("STANDARD reveal, hard case", Kind::Reveal, &[])),
    counted(scenario("walletcrew GET, hard case", Kind::Walletcrew, &[])),
    counted(scenario("truefoundry secret GET, hard case", Kind::Truefoundry, &[])),
    durable(of_one(scenario("strict reveal, one hot key", Kind::Reveal, &[]))),
    durable(counted(scenario("strict reveal, hard case", Kind::Reveal, &[]))),
    durable(scenario("publish, hard case", Kind::Publish, &[])),
    durable(scenario("create, hard case", Kind::Create, &[])),
];

/// What each kind cost in H in the hard case at 64 connections, in the last table of docs/reference/performance.md.
const fn last(kind: Kind, durable: bool) -> f64 {
    match (kind, durable) {
        (Kind::Reveal, false) => 3.50,
        (Kind::Walletcrew, _) => 6.27,
        (Kind::Truefoundry, _) => 5.28,
        (Kind::Reveal, true) => 9.65,
        (Kind::Publish, _) => 28.57,
        (Kind::Create, _) => 29.13,
        (Kind::Bare, _) => 1.0,
    }
}

/// What came of a run.
pub(crate) struct Ran {
    /// Whether every reveal was counted and, with every change, nothing cost far more than it did.
    pub(crate) right: bool,
    pub(crate) bars: Bars,
}

/// The names of all scenarios.
pub(crate) fn names() -> Vec<&'static str> {
    SCENARIOS.iter().map(|scenario| scenario.name).collect()
}

/// Runs it.
pub(crate) fn run(options: &Options) -> Result<Ran> {
    let home = Home::make(options)?;
    let words = options.serve(&[]);
    let server = home.serve(&words)?;
    let stock = Stock::fill(&home, &server, HARD)?;
    let standard = stock.secrets(&server, HARD.secrets, "STANDARD")?;
    server.stop()?;

    say(format!("`{}` on {}\n", options.command, process::machine()));
    let (mut lines, mut bars, mut ceilings) = (Vec::new(), Bars::default(), Bars::default());
    let server = home.serve(&words)?;
    start_and_idle(&server, &mut lines, &mut bars)?;
    let strict = stock.secrets(&server, HARD.secrets, "PII")?;
    stock.warm(&server, &standard)?;
    stock.warm(&server, &strict)?;
    server.settle()?;
    let bare = process::bare()?;
    let mut bench = Bench {
        bare: &bare,
        ours: &server,
        stock: &stock,
        disk: &mut Disk::in_folder(home.folder.path())?,
        slices: options.slices,
        slice: options.slice,
    };
    let rod = scenario("bare hyper", Kind::Bare, &standard);
    say(table::HEAD);
    let (mut compared, mut uncounted) = (0, 0);
    for &connections in &options.at {
        let mut rods = Done::default();
        let mut reveal = None;
        for scenario in SCENARIOS.iter().filter(|scenario| options.wants(scenario.name)) {
            let scenario = &with_secrets(scenario, &standard, &strict);
            let from = audited::now()?;
            let cell = bench.cell(&rod, scenario, connections)?;
            rods.add(&cell.bare);
            let hard = scenario.kind == Kind::Reveal && !scenario.hot && !scenario.durable;
            reveal = if hard { Some(cell.ours.micros()) } else { reveal };
            let held = connections == BAR_AT && !scenario.hot;
            let bar = Bar::of(scenario.kind, scenario.durable);
            let bar = if held { bar } else { Bar::default() };
            say(table::row(scenario.name, &cell, bar, reveal, &mut bars));
            if options.what == What::Ci {
                let most = last(scenario.kind, scenario.durable) * CI_TIMES;
                let (cost, name) = (cell.of_bare_cpu(), scenario.name);
                let said = ceilings.hold(cost <= most);
                lines.push(format!("{name}: {cost:.2} H (≤ {most:.1} in any change, {said})"));
            }
            if scenario.counted {
                let (reveals, events) = audited::since(&server, &stock, from)?;
                let answers = cell.ours.answers;
                compared += 1;
                uncounted += answers.abs_diff(reveals);
                lines.push(format!(
                    "{} at {connections}: {answers} answered, {reveals} audited in {events} events, \
                     {} sampled values right",
                    scenario.name, cell.ours.sampled,
                ));
            }
        }
        say(table::bare(connections, rods.rate(), rods.micros()));
    }
    let memory = server.memory()?;
    lines.push(format!("memory after all of it: {} MiB", memory / (1024 * 1024)));
    lines.push(match compared {
        0 => "no reveals were asked for that are counted".to_owned(),
        _ => {
            let said = if uncounted == 0 { "ok" } else { "**WRONG**" };
            format!("uncounted reveals in {compared} cells: {uncounted}, {said}")
        }
    });
    say("");
    lines.iter().for_each(|line| say(format!("- {line}")));
    server.stop()?;
    Ok(Ran { right: uncounted == 0 && ceilings.missed == 0, bars })
}

/// A scenario with the secrets it is about.
fn with_secrets<'a>(
    scenario: &Scenario<'static>,
    standard: &'a [Secret],
    strict: &'a [Secret],
) -> Scenario<'a> {
    let is_strict = scenario.kind == Kind::Reveal && scenario.durable;
    let secrets = if is_strict { strict } else { standard };
    let secrets = if scenario.hot { secrets.get(..1).unwrap_or_default() } else { secrets };
    Scenario { secrets, ..*scenario }
}

/// A scenario of secrets drawn at random, and of any token.
pub(crate) const fn scenario<'a>(
    name: &'static str,
    kind: Kind,
    secrets: &'a [Secret],
) -> Scenario<'a> {
    Scenario { name, kind, secrets, hot: false, durable: false, counted: false }
}

const fn counted(one: Scenario<'static>) -> Scenario<'static> {
    Scenario { counted: true, ..one }
}

const fn durable(one: Scenario<'static>) -> Scenario<'static> {
    Scenario { durable: true, ..one }
}

const fn of_one(one: Scenario<'static>) -> Scenario<'static> {
    Scenario { hot: true, ..one }
}

/// How long the start took, and what the server needs while nobody asks it anything.
fn start_and_idle(
    server: &process::Server,
    lines: &mut Vec<String>,
    bars: &mut Bars,
) -> Result<()> {
    std::thread::sleep(Duration::from_secs(1));
    let (start, idle) = (server.started_in, server.memory()?);
    let (millis, mib) = (start.as_secs_f64() * 1e3, idle as f64 / (1024.0 * 1024.0));
    let said = bars.hold(start <= START_MOST);
    lines.push(format!("start to first answer: {millis:.1} ms (≤ 30 ms, {said})"));
    let said = bars.hold(idle <= IDLE_MOST);
    lines.push(format!("idle with 10,000 secrets: {mib:.1} MiB (≤ 20 MiB, {said})"));
    Ok(())
}
