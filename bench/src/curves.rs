//! What a reveal and a publish cost as the working set grows, what a miss costs, and how much memory a secret takes.

use crate::{
    bars::Bars,
    disk::Disk,
    failure::Result,
    measure::Bench,
    options::{BAR_AT, Curves, Options},
    process::{self, Home},
    run::scenario,
    say,
    scenario::{Kind, Scenario},
    stock::{Secret, Size, Stock},
};

/// Runs it. One token of each tenant asks, so that a set of secrets is the only thing that grows.
pub(crate) fn run(options: &Options, curves: Curves) -> Result<Bars> {
    let most = curves.sets.last().copied().unwrap_or_default();
    let size = Size { tenants: curves.tenants, tokens: curves.tenants, secrets: most };
    let home = Home::make(options)?;
    let server = home.serve(&options.serve(&[]))?;
    let stock = Stock::fill(&home, &server, size)?;
    let secrets = stock.secrets(&server, most, "STANDARD")?;
    server.stop()?;
    let bare = process::bare()?;
    let mut disk = Disk::in_folder(home.folder.path())?;
    say(format!("\n`{}` on {}, {} tenants\n", options.command, process::machine(), size.tenants));
    say(
        "| secrets in use | CPU µs/reveal | in H | CPU µs/publish | memory MiB |\n|---|---|---|---|---|",
    );
    let server = home.serve(&options.serve(&["--cache-mib", curves.cache_mib]))?;
    let started = server.started_in;
    let (slices, slice) = (options.slices, options.slice);
    let mut bench =
        Bench { bare: &bare, ours: &server, stock: &stock, disk: &mut disk, slices, slice };
    let (mut reveals, mut publishes, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for &set in curves.sets {
        let set = secrets.get(..set).unwrap_or_default();
        stock.warm(&server, set)?;
        server.settle()?;
        let rod = one(Kind::Bare, set);
        let revealed = bench.cell(&rod, &one(Kind::Reveal, set), BAR_AT)?;
        reveals.push(revealed.of_bare_cpu());
        memory.push(server.memory()?);
        let mut published = String::new();
        if curves.publishes {
            let cell = bench.cell(&rod, &one(Kind::Publish, set), BAR_AT)?;
            publishes.push(cell.of_bare_cpu());
            published = format!("{:.1}", cell.ours.micros());
        }
        say(format!(
            "| {} | {:.1} | {:.2} | {published} | {} |",
            set.len(),
            revealed.ours.micros(),
            revealed.of_bare_cpu(),
            server.memory()? / (1024 * 1024),
        ));
    }
    server.stop()?;
    let server = home.serve(&options.serve(&["--cache-mib", "1"]))?;
    let mut bench =
        Bench { bare: &bare, ours: &server, stock: &stock, disk: &mut disk, slices, slice };
    let missed = bench.cell(&one(Kind::Bare, &secrets), &one(Kind::Reveal, &secrets), BAR_AT)?;
    server.stop()?;
    let mut bars = Bars::default();
    let mut hold = |what: &str, times: f64, most: f64| {
        let said = bars.hold(times <= most);
        say(format!("- {what}: {times:.2} (≤ {most:.1}, {said})"));
    };
    say("");
    if let Some(times) = growth(&reveals) {
        hold("a reveal from the largest set, of one from the smallest", times, curves.growth_most);
    }
    if let Some(times) = growth(&publishes) {
        hold("a publish, likewise", times, curves.growth_most);
    }
    if let Some(hit) = reveals.last() {
        hold("a miss, of a hit in the largest set", missed.of_bare_cpu() / hit, curves.miss_most);
    }
    let grown =
        memory.last().zip(memory.first()).map_or(0, |(last, first)| last.saturating_sub(*first));
    let kept = curves.sets.last().zip(curves.sets.first()).map_or(1, |(last, first)| last - first);
    say(format!("- memory of a kept secret: {} bytes", grown / u64::try_from(kept)?));
    say(format!("- start with {} secrets: {:.1} ms", most, started.as_secs_f64() * 1e3));
    Ok(bars)
}

/// The last of some costs in terms of the first.
fn growth(costs: &[f64]) -> Option<f64> {
    Some(costs.last()? / costs.first()?)
}

fn one<'a>(kind: Kind, secrets: &'a [Secret]) -> Scenario<'a> {
    Scenario { hot: true, durable: kind == Kind::Publish, ..scenario("curve", kind, secrets) }
}
