//! What a reveal and a publish cost as the working set grows, what a miss costs, and how much memory a secret takes.

use crate::{
    disk::Disk,
    failure::Result,
    measure::Bench,
    options::{BAR_AT, Curves, Options},
    process::{self, Home},
    say,
    scenario::{Kind, Scenario},
    stock::{Size, Stock},
};

/// The most that the largest set may cost in terms of the smallest, and a miss in terms of a hit.
const GROWTH_MOST: f64 = 1.3;
const MISS_MOST: f64 = 2.0;

/// Runs it. A bar that is missed is said, and fails nothing. One token of each tenant asks, so that a set of secrets is
/// the only thing that grows.
pub(crate) fn run(options: &Options, curves: Curves) -> Result<()> {
    let most = curves.sets.last().copied().unwrap_or_default();
    let size = Size { tenants: curves.tenants, tokens: curves.tenants, secrets: most };
    let roomy = ["--cache-mib", curves.cache_mib];
    let folder = tempfile::Builder::new().prefix("subrosa-bench").tempdir()?;
    let home = Home { binary: options.binary.clone(), folder: folder.path().into() };
    let server = home.serve(&[])?;
    let stock = Stock::fill(&home, &server, size)?;
    let secrets = stock.secrets(&server, most, "STANDARD")?;
    server.stop()?;
    let bare = process::bare()?;
    let disk = || Disk::in_folder(folder.path());
    say(format!("\n`{}` on {}, {} tenants\n", options.command, process::machine(), size.tenants));
    say(
        "| secrets in use | CPU µs/reveal | in H | CPU µs/publish | memory MiB |\n|---|---|---|---|---|",
    );
    let mut server = home.serve(&roomy)?;
    let started = server.started_in;
    let (slices, slice) = (options.slices, options.slice);
    let (mut costs, mut memory) = (Vec::new(), Vec::new());
    for &set in curves.sets {
        let set = secrets.get(..set).unwrap_or_default();
        stock.warm(&server, set)?;
        server.settle()?;
        let mut bench =
            Bench { bare: &bare, ours: &server, stock: &stock, disk: disk()?, slices, slice };
        let (rod, reveal, publish) =
            (one(Kind::Bare, set), one(Kind::Reveal, set), one(Kind::Publish, set));
        let revealed = bench.cell(&rod, &reveal, BAR_AT)?;
        memory.push(server.memory()?);
        let published = bench.cell(&rod, &publish, BAR_AT)?;
        say(format!(
            "| {} | {:.1} | {:.2} | {:.1} | {} |",
            set.len(),
            revealed.ours.micros(),
            revealed.of_bare_cpu(),
            published.ours.micros(),
            server.memory()? / (1024 * 1024),
        ));
        costs.push((revealed.of_bare_cpu(), published.of_bare_cpu()));
    }
    server.stop()?;
    server = home.serve(&["--cache-mib", "1"])?;
    let bench = Bench { bare: &bare, ours: &server, stock: &stock, disk: disk()?, slices, slice };
    let missed =
        { bench }.cell(&one(Kind::Bare, &secrets), &one(Kind::Reveal, &secrets), BAR_AT)?;
    server.stop()?;
    let (first, last) = (costs.first().copied(), costs.last().copied());
    let ((reveal, publish), (reveal_last, publish_last)) =
        (first.unwrap_or_default(), last.unwrap_or_default());
    let hold = |what: &str, times: f64, most: f64| {
        let said = if times <= most { "ok" } else { "**MISSED**" };
        say(format!("- {what}: {times:.2} (≤ {most:.1}, {said})"));
    };
    say("");
    hold(
        "a reveal from the largest set, of one from the smallest",
        reveal_last / reveal,
        GROWTH_MOST,
    );
    hold("a publish, likewise", publish_last / publish, GROWTH_MOST);
    hold("a miss, of a hit in the largest set", missed.of_bare_cpu() / reveal_last, MISS_MOST);
    let grown =
        memory.last().zip(memory.first()).map_or(0, |(last, first)| last.saturating_sub(*first));
    let kept = curves.sets.last().zip(curves.sets.first()).map_or(1, |(last, first)| last - first);
    say(format!("- memory of a kept secret: {} bytes", grown / u64::try_from(kept)?));
    say(format!("- start with {} secrets: {:.1} ms", most, started.as_secs_f64() * 1e3));
    Ok(())
}

fn one<'a>(kind: Kind, secrets: &'a [crate::stock::Secret]) -> Scenario<'a> {
    let durable = kind == Kind::Publish;
    Scenario { name: "curve", kind, secrets, hot: true, durable, counted: false }
}
