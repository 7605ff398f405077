//! What the points came to.

use crate::{check::Outcome, crash::Compared};
use std::time::Duration;

/// Within how long it has to be ready again.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// How long a start is taken to be before any was measured.
const START: Duration = Duration::from_millis(60);

/// Counts, of one lane or of all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) points: u64,
    pub(super) at_start: u64,
    pub(super) acknowledged: u64,
    pub(super) compared: Compared,
    /// The first answer that was neither what it should be nor none.
    pub(super) odd: Option<String>,
    /// How long each start took until it was ready.
    starts: Vec<Duration>,
}

impl Tally {
    pub(super) fn started(&mut self, took: Duration) {
        self.starts.push(took);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.points += other.points;
        self.at_start += other.at_start;
        self.acknowledged += other.acknowledged;
        self.compared.add(other.compared);
        self.odd = self.odd.take().or(other.odd);
        self.starts.extend(other.starts);
    }

    /// What a start usually takes here.
    pub(super) fn usual_start(&self) -> Duration {
        self.part(50).unwrap_or(START)
    }

    /// What all but one of a hundred starts stay below.
    pub(super) fn p99(&self) -> Duration {
        self.part(99).unwrap_or_default()
    }

    /// Whether starts are slower than they may be, and not for a machine that paused.
    pub(super) fn is_slow(&self, handful: u64) -> bool {
        self.slow() > handful && self.p99() > READY_WITHIN
    }

    pub(super) fn held(self) -> Outcome {
        if let Some(odd) = self.odd {
            return Outcome::Violated(odd);
        }
        Outcome::Held(vec![
            (self.points, "points"),
            (self.at_start, "of them at start"),
            (self.acknowledged, "changes acknowledged"),
            (self.compared.changes, "compared"),
            (self.compared.late + self.compared.lost, "under way"),
            (self.compared.late, "of them had happened"),
            (self.p99().as_millis() as u64, "ms p99 until ready"),
            (self.slow(), "starts slower than 2 s"),
        ])
    }

    fn slow(&self) -> u64 {
        self.starts.iter().filter(|took| **took > READY_WITHIN).count() as u64
    }

    fn part(&self, percent: usize) -> Option<Duration> {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        starts.get((starts.len() * percent / 100).min(starts.len().saturating_sub(1))).copied()
    }
}
