//! A true sliding window: so many in any stretch of time, wherever it begins.
//!
//! Every moment is kept. Counts by fixed windows let twice as many through around a border, and a bucket that refills
//! lets a patient attacker have more than were meant.

use super::{RetryAfter, table::Tally};
use std::time::Duration;
use subrosa_domain::Timestamp;

/// Wrong guesses in a window: a person who mistypes needs three, and a code of 40 bits would take ages.
pub(super) const GUESSES_MAX: usize = 10;

/// The window: about as long as what can be guessed lives.
pub(super) const GUESS_WINDOW: Duration = Duration::from_secs(15 * 60);

/// The moments of the last window, at most [`GUESSES_MAX`].
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Window {
    moments: Vec<Timestamp>,
}

impl Window {
    /// Adds a moment, if there is room for one. What is over must have been let go of.
    pub(super) fn add(&mut self, now: Timestamp) -> Result<(), RetryAfter> {
        if self.moments.len() < GUESSES_MAX {
            self.moments.push(now);
            return Ok(());
        }
        let oldest = self.moments.iter().min().copied().unwrap_or(now);
        Err(RetryAfter::more_than(oldest.plus(GUESS_WINDOW).since(now)))
    }

    /// Takes a moment back; whether it was there.
    pub(super) fn take_back(&mut self, moment: Timestamp) -> bool {
        let found = self.moments.iter().position(|kept| *kept == moment);
        found.map(|at| self.moments.swap_remove(at)).is_some()
    }
}

impl Tally for Window {
    fn settle(&mut self, now: Timestamp) -> bool {
        for moment in &mut self.moments {
            // So far ahead that the clock was set back since: it lasts a window from now, and no longer.
            if moment.since(now) > GUESS_WINDOW {
                *moment = now;
            }
        }
        // A window holds both its ends.
        self.moments.retain(|moment| now.since(*moment) <= GUESS_WINDOW);
        self.moments.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: i64 = GUESS_WINDOW.as_micros() as i64;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000 + micros)
    }

    fn full(now: Timestamp) -> Window {
        let mut window = Window::default();
        for _ in 0..GUESSES_MAX {
            window.add(now).unwrap();
        }
        window
    }

    #[test]
    fn what_is_refused_is_told_a_wait_after_which_there_is_room() {
        let mut window = full(at(0));
        for (now, secs) in [(0, 901), (500_000, 900), (1_000_000, 900), (WINDOW, 1)] {
            window.settle(at(now));
            let wait = window.add(at(now)).unwrap_err();
            assert_eq!(wait.secs(), secs);
            let mut later = window.clone();
            let moment = at(now).plus(Duration::from_secs(wait.secs().into()));
            assert!(later.settle(moment), "nothing is left after {secs} s");
        }
    }

    #[test]
    fn a_moment_taken_back_makes_room_for_one() {
        let mut window = full(at(0));
        assert!(!window.take_back(at(1)));
        assert!(window.take_back(at(0)));
        window.add(at(2)).unwrap();
        window.add(at(2)).unwrap_err();
    }

    #[test]
    fn a_clock_set_back_a_day_costs_a_window_and_gives_nothing_away() {
        let mut window = full(at(86_400_000_000));
        assert!(!window.settle(at(0)));
        assert_eq!(window.add(at(0)).unwrap_err().secs(), 901);
        assert!(!window.settle(at(WINDOW)));
        assert!(window.settle(at(WINDOW + 1)));
    }

    #[test]
    fn a_clock_set_back_a_little_gives_nothing_away_either() {
        let mut window = full(at(60_000_000));
        assert!(!window.settle(at(0)));
        assert_eq!(window.add(at(0)).unwrap_err().secs(), 961);
        assert!(!window.settle(at(60_000_000 + WINDOW)));
        assert!(window.settle(at(60_000_001 + WINDOW)));
    }
}
