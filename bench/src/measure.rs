//! One cell of the table: a scenario at so many connections, beside bare hyper in alternating slices, so that whoever
//! else uses the machine disturbs both.

use crate::{
    disk::Disk,
    failure::{Failure, Result},
    load::Fleet,
    process::Server,
    scenario::{Part, Scenario},
    stock::Stock,
};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// What is measured with.
pub(crate) struct Bench<'a> {
    pub(crate) bare: &'a Server,
    pub(crate) ours: &'a Server,
    pub(crate) stock: &'a Stock,
    pub(crate) disk: &'a mut Disk,
    /// Slices of each cell, and how long each is.
    pub(crate) slices: u32,
    pub(crate) slice: Duration,
}

/// What one of the two did.
#[derive(Clone, Copy, Default)]
pub(crate) struct Done {
    pub(crate) answers: u64,
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
    pub(crate) sampled: u64,
}

/// A measured cell.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) connections: usize,
    pub(crate) bare: Done,
    pub(crate) ours: Done,
    /// 4 KiB made durable a second, in the same cell; `None` when nothing waited for the disk.
    pub(crate) syncs: Option<f64>,
}

impl Done {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.time.as_secs_f64()
    }

    /// Microseconds of processor time for each answer.
    pub(crate) fn micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.answers.max(1) as f64
    }

    /// Adds what another slice did.
    pub(crate) fn add(&mut self, other: &Self) {
        self.answers += other.answers;
        self.time += other.time;
        self.cpu += other.cpu;
        self.sampled += other.sampled;
    }
}

impl Cell {
    /// Our rate in terms of bare hyper's.
    pub(crate) fn of_bare(&self) -> f64 {
        self.ours.rate() / self.bare.rate()
    }

    /// Our processor time in terms of bare hyper's.
    pub(crate) fn of_bare_cpu(&self) -> f64 {
        self.ours.micros() / self.bare.micros()
    }

    /// Our durable answers in terms of the disk's own.
    pub(crate) fn of_disk(&self) -> Option<f64> {
        self.syncs.map(|syncs| self.ours.rate() / syncs)
    }
}

impl Bench<'_> {
    /// Measures a cell.
    pub(crate) fn cell(
        &mut self,
        rod: &Scenario<'_>,
        scenario: &Scenario<'_>,
        connections: usize,
    ) -> Result<Cell> {
        let (mut bare, mut ours) = (Done::default(), Done::default());
        let (mut syncs, mut syncing) = (0, Duration::ZERO);
        for _ in 0..self.slices {
            bare.add(&load(self.bare, self.stock, rod, connections, self.slice)?);
            if scenario.durable {
                let (count, time) = self.disk.syncs(self.slice / 4)?;
                syncs += count;
                syncing += time;
            }
            ours.add(&load(self.ours, self.stock, scenario, connections, self.slice)?);
        }
        if bare.answers == 0 || ours.answers == 0 {
            return Err(Failure::new(format!("{}: nothing was answered", scenario.name)));
        }
        let syncs = scenario.durable.then(|| syncs as f64 / syncing.as_secs_f64());
        Ok(Cell { connections, bare, ours, syncs })
    }
}

/// What the streams of random numbers begin with: another for each thread of each slice, and the same in every run.
static SEEDS: AtomicU64 = AtomicU64::new(1);

/// Loads a server for one slice, and waits until it is quiet: what a request left to be done later is part of what it
/// cost. Opening the connections is not, of either server.
pub(crate) fn load(
    server: &Server,
    stock: &Stock,
    scenario: &Scenario<'_>,
    connections: usize,
    slice: Duration,
) -> Result<Done> {
    let threads = std::thread::available_parallelism()?.get().min(connections);
    let shares = (0..threads).map(|at| (connections + at) / threads);
    let fleets: Vec<Fleet> =
        shares.map(|share| Fleet::open(server.address, share)).collect::<Result<_>>()?;
    let (before, begun) = (server.cpu()?, Instant::now());
    let end = begun + slice;
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = fleets
            .into_iter()
            .map(|fleet| {
                let seed = SEEDS.fetch_add(1, Ordering::Relaxed);
                let mut part = Part::new(scenario, stock, seed);
                scope.spawn(move || {
                    let answers = fleet.drive(&mut part, end)?;
                    Ok::<_, Failure>((answers, part.sampled))
                })
            })
            .collect();
        let ended = |thread: std::thread::ScopedJoinHandle<'_, Result<(u64, u64)>>| {
            thread.join().unwrap_or_else(|_| Err(Failure::new("the load panicked")))
        };
        running.into_iter().map(ended).collect::<Result<Vec<_>>>()
    })?;
    let mut done = Done { time: begun.elapsed(), ..Done::default() };
    for (answers, sampled) in parts {
        done.answers += answers;
        done.sampled += sampled;
    }
    server.settle()?;
    done.cpu = server.cpu()?.saturating_sub(before);
    Ok(done)
}
