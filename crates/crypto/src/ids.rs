//! Fresh ids: UUIDv7 whose order is the order they were made in, within one millisecond too.

use std::sync::{Arc, Mutex, PoisonError};
use subrosa_domain::{Clock, Ids, Timestamp, uuid_v7};
use subrosa_kms::random;
use uuid::Uuid;

/// The 74 bits of a UUIDv7 that are not its time, its version or its variant.
const FREE_BITS: u32 = 74;

/// Ids from a clock and the system's randomness. Each is greater than the one before, even while the clock stands still
/// or goes back, so that rows made in one request keep their order.
pub struct SystemIds {
    clock: Arc<dyn Clock>,
    source: Mutex<Source>,
}

/// Random bytes of so many ids are drawn at a time: one draw costs as much as everything else about an id.
const DRAWN: usize = 64;

/// What ids are made from.
struct Source {
    last: Place,
    drawn: [[u8; 16]; DRAWN],
    left: usize,
}

/// The last id made: its millisecond, and its free bits as a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    millis: i64,
    free: u128,
}

impl SystemIds {
    /// Ids by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let last = Place { millis: i64::MIN, free: 0 };
        Self { clock, source: Mutex::new(Source { last, drawn: [[0; 16]; DRAWN], left: 0 }) }
    }
}

impl Ids for SystemIds {
    fn next(&self) -> Uuid {
        let millis = self.clock.now().as_millis();
        // A panic elsewhere cannot leave a place half written: it is one assignment.
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let random = source.draw();
        source.last = source.last.after(millis, random);
        source.last.to_uuid()
    }
}

impl Source {
    /// Random bits that nobody has had.
    fn draw(&mut self) -> u128 {
        if self.left == 0 {
            random::fill(self.drawn.as_flattened_mut());
            self.left = DRAWN;
        }
        self.left -= 1;
        self.drawn.get(self.left).map_or(0, |bytes| u128::from_be_bytes(*bytes))
    }
}

impl Place {
    /// The next place: wholly random in a new millisecond, a random step of up to 2^32 further on in the same one. The
    /// first place of a millisecond leaves its upper half free, so there is room for 2^41 steps.
    const fn after(self, millis: i64, random: u128) -> Self {
        if millis > self.millis {
            return Self { millis, free: random & ((1 << (FREE_BITS - 1)) - 1) };
        }
        let free = self.free + 1 + (random & 0xffff_ffff);
        if free >> FREE_BITS == 0 {
            Self { millis: self.millis, free }
        } else {
            Self { millis: self.millis + 1, free: random & ((1 << (FREE_BITS - 1)) - 1) }
        }
    }

    fn to_uuid(self) -> Uuid {
        // Bits 62 and up go before the variant, the others after it.
        let above = u16::try_from(self.free >> 62).unwrap_or(0).to_be_bytes();
        let below = u64::try_from(self.free & ((1 << 62) - 1)).unwrap_or(0).to_be_bytes();
        let mut bytes = [0; 10];
        for (place, byte) in bytes.iter_mut().zip(above.into_iter().chain(below)) {
            *place = byte;
        }
        uuid_v7(Timestamp::from_millis(self.millis), &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    struct Set(AtomicI64);

    impl Clock for Set {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn ids_rise_while_the_clock_stands_still_goes_on_and_goes_back() {
        let clock = Arc::new(Set(AtomicI64::new(1_000)));
        let ids = SystemIds::new(clock.clone());
        let mut last = Uuid::nil();
        for turn in 0..3_000_i64 {
            if turn % 1_000 == 999 {
                clock.0.store(
                    [2_000, 500, 3_000][usize::try_from(turn / 1_000).unwrap()],
                    Ordering::Relaxed,
                );
            }
            let next = ids.next();
            assert!(next > last, "{next} after {last}");
            assert_eq!((next.get_version_num(), next.as_bytes()[8] >> 6), (7, 0b10));
            last = next;
        }
    }

    #[test]
    fn a_full_millisecond_borrows_from_the_next() {
        let full = Place { millis: 7, free: (1 << FREE_BITS) - 1 };
        let next = full.after(7, 5);
        assert_eq!((next.millis, next.free), (8, 5));
        assert!(next.to_uuid() > full.to_uuid());
    }

    #[test]
    fn an_id_carries_the_millisecond_it_was_made_in() {
        let ids = SystemIds::new(Arc::new(Set(AtomicI64::new(1_700_000_000_123))));
        let bytes = *ids.next().as_bytes();
        let millis = bytes[..6].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        assert_eq!(millis, 1_700_000_000_123);
    }
}
