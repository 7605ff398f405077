//! The table, in Markdown, with each bar beside what is held to it.

use crate::{bars::Bars, measure::Cell, scenario::Kind};

/// How the table begins.
pub(crate) const HEAD: &str = "\
    | what | connections | requests/s | of hyper | CPU µs/request | in H | in F | bars |\n\
    |---|---|---|---|---|---|---|---|";

/// What a scenario must reach on the hard case at 64 connections.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bar {
    /// Of bare hyper's rate, at least.
    rate: Option<f64>,
    /// Of bare hyper's processor time, at most.
    cpu: Option<f64>,
    /// Of the disk's own rate, at least.
    disk: Option<f64>,
    /// Of a reveal's processor time on our own surface, at most.
    reveal: Option<f64>,
}

impl Bar {
    /// The bar of what is asked for.
    pub(crate) const fn of(kind: Kind, durable: bool) -> Self {
        const NONE: Bar = Bar { rate: None, cpu: None, disk: None, reveal: None };
        match (kind, durable) {
            (Kind::Reveal, false) => Self { rate: Some(0.70), cpu: Some(1.8), ..NONE },
            (Kind::Reveal, true) => {
                Self { rate: Some(0.40), cpu: Some(3.0), disk: Some(5.0), ..NONE }
            }
            (Kind::Create | Kind::Publish, _) => Self { rate: Some(0.30), disk: Some(3.0), ..NONE },
            (Kind::Walletcrew | Kind::Truefoundry, _) => Self { reveal: Some(1.3), ..NONE },
            (Kind::Bare, _) => NONE,
        }
    }
}

/// The row of bare hyper, out of all its slices.
pub(crate) fn bare(connections: usize, rate: f64, micros: f64) -> String {
    format!("| bare hyper | {connections} | {rate:.0} | 1 | {micros:.1} | 1 | | |")
}

/// A row, and what is held. `reveal` is what a reveal of the same kind cost on our own surface.
pub(crate) fn row(
    name: &str,
    cell: &Cell,
    bar: Bar,
    reveal: Option<f64>,
    bars: &mut Bars,
) -> String {
    let (rate, cpu, disk) = (cell.of_bare(), cell.of_bare_cpu(), cell.of_disk());
    let micros = cell.ours.micros();
    let mut said = Vec::new();
    let mut hold = |what: String, holds: bool| said.push(format!("{what} {}", bars.hold(holds)));
    if let Some(least) = bar.rate {
        hold(format!("≥ {least:.2} of hyper"), rate >= least);
    }
    if let Some(most) = bar.cpu {
        hold(format!("≤ {most:.1} H"), cpu <= most);
    }
    if let (Some(least), Some(disk)) = (bar.disk, disk) {
        hold(format!("≥ {least:.0} F"), disk >= least);
    }
    if let (Some(most), Some(reveal)) = (bar.reveal, reveal) {
        let times = micros / reveal;
        hold(format!("≤ {most:.1} of a v1 reveal: {times:.2}"), times <= most);
    }
    let disk = disk.map_or(String::new(), |disk| format!("{disk:.1}"));
    format!(
        "| {name} | {} | {:.0} | {rate:.2} | {micros:.1} | {cpu:.2} | {disk} | {} |",
        cell.connections,
        cell.ours.rate(),
        said.join("; "),
    )
}
