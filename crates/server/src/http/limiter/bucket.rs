//! A token bucket: a second's worth at once, and the rate from then on.

use super::table::Tally;
use std::num::NonZeroU32;
use subrosa_domain::Timestamp;

/// A second, in what a bucket counts time in: fine enough for any rate.
const SECOND: i128 = 1_000_000_000;

/// How many a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// Nanoseconds until one more is in the bucket.
    refill: i128,
    /// The same for the whole bucket: a second, but for rounding.
    whole: i128,
}

impl Rate {
    pub(super) fn per_second(rate: NonZeroU32) -> Self {
        let rate = i128::from(rate.get());
        // Rounded down, so that after a second the bucket is full: what that adds to the rate nobody could measure.
        let refill = (SECOND / rate).max(1);
        Self { refill, whole: refill * rate }
    }
}

/// A bucket. The moment at which it is full again says all there is to know of it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Bucket {
    /// In nanoseconds since the epoch. `None` while it is full.
    full_at: Option<i128>,
}

impl Bucket {
    /// Takes one out, if one is in it.
    pub(super) fn take(&mut self, rate: Rate, now: Timestamp) -> bool {
        let now = nanos(now);
        let full_at = self.full_at.map_or(now, |full_at| full_at.max(now)) + rate.refill;
        let enough = full_at - now <= rate.whole;
        if enough {
            self.full_at = Some(full_at);
        }
        enough
    }
}

impl Tally for Bucket {
    fn settle(&mut self, now: Timestamp) -> bool {
        let now = nanos(now);
        // No bucket takes so long to fill: the clock was set back since. It is as good as empty.
        self.full_at = self.full_at.map(|at| if at - now > 2 * SECOND { now + SECOND } else { at });
        self.full_at = self.full_at.filter(|at| *at > now);
        self.full_at.is_none()
    }
}

fn nanos(moment: Timestamp) -> i128 {
    i128::from(moment.as_micros()) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000 + micros)
    }

    /// How many of `tries` at one moment are let through.
    fn taken(bucket: &mut Bucket, rate: u32, now: Timestamp, tries: usize) -> usize {
        let rate = Rate::per_second(NonZeroU32::new(rate).unwrap());
        (0..tries).filter(|_| bucket.take(rate, now)).count()
    }

    #[test]
    fn a_seconds_worth_at_once_and_the_rate_from_then_on() {
        for rate in [1, 2, 3, 7, 1_000] {
            let mut bucket = Bucket::default();
            let mut all = taken(&mut bucket, rate, at(0), 5_000);
            assert_eq!(all, rate as usize);
            for tenth in 1..=100 {
                all += taken(&mut bucket, rate, at(tenth * 100_000), 5_000);
            }
            assert_eq!(all, 11 * rate as usize, "at {rate} a second");
        }
    }

    #[test]
    fn whoever_stays_below_the_rate_is_never_refused() {
        let mut bucket = Bucket::default();
        for request in 0..10_000 {
            assert_eq!(taken(&mut bucket, 1_000, at(request * 1_000), 1), 1, "at {request} ms");
        }
    }

    #[test]
    fn the_highest_rate_is_a_rate_too() {
        let mut bucket = Bucket::default();
        assert_eq!(taken(&mut bucket, u32::MAX, at(0), 10_000), 10_000);
        assert_eq!(taken(&mut bucket, u32::MAX, Timestamp::from_micros(i64::MAX), 1), 1);
        assert_eq!(taken(&mut bucket, u32::MAX, Timestamp::from_micros(i64::MIN), 1), 0);
    }

    #[test]
    fn a_bucket_is_forgotten_once_it_is_full_and_no_moment_earlier() {
        let mut bucket = Bucket::default();
        assert!(bucket.settle(at(0)));
        assert_eq!(taken(&mut bucket, 4, at(0), 3), 3);
        assert!(!bucket.settle(at(749_999)));
        assert!(bucket.settle(at(750_000)));
        assert_eq!(bucket, Bucket::default());
    }

    #[test]
    fn a_clock_set_back_an_hour_costs_a_second_and_gives_nothing_away() {
        let mut bucket = Bucket::default();
        assert_eq!(taken(&mut bucket, 4, at(3_600_000_000), 9), 4);
        assert!(!bucket.settle(at(0)));
        assert_eq!(taken(&mut bucket, 4, at(0), 9), 0);
        assert_eq!(taken(&mut bucket, 4, at(1_000_000), 9), 4);
    }
}
