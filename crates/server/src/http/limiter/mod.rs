//! How often an address may be wrong: with credentials that nobody has, and with guesses at what can be guessed.
//!
//! It counts failures and nothing else. A caller with a valid credential never meets it, whatever its neighbours do,
//! and what one address does is not held against another while there is room to tell them apart. It reads no clock,
//! keeps nothing beyond this process, and must never see a credential or a guess: an address and a moment are all it
//! is told.

mod bucket;
mod place;
mod table;
#[cfg(test)]
mod tests;
mod window;

use bucket::{Bucket, Rate};
use place::Place;
use std::{fmt, net::IpAddr, num::NonZeroU32, time::Duration};
use subrosa_domain::Timestamp;
use table::Table;
use window::Window;

/// Unknown credentials a second from one address, unless it is set. Tokens cannot be guessed at any rate, so this is
/// for what a flood costs: far above what a fleet of misconfigured clients sends, far below what one core answers.
const UNKNOWN_PER_SECOND: u32 = 1_000;

/// What the limiter is started with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LimiterOptions {
    /// Unknown credentials a second from one address before they are answered 429 and not 401. 0 sets no limit.
    pub unknown_per_second: u32,
}

impl Default for LimiterOptions {
    fn default() -> Self {
        Self { unknown_per_second: UNKNOWN_PER_SECOND }
    }
}

/// How long to wait before it can be worth asking again: whole seconds, at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryAfter(NonZeroU32);

impl RetryAfter {
    const A_SECOND: Self = Self(NonZeroU32::MIN);

    /// Once more than `rest` has passed.
    fn more_than(rest: Duration) -> Self {
        let secs = u32::try_from(rest.as_secs()).unwrap_or(u32::MAX);
        Self(NonZeroU32::MIN.saturating_add(secs))
    }

    /// The seconds.
    #[must_use]
    pub const fn secs(self) -> u32 {
        self.0.get()
    }
}

/// The counts of every address.
pub struct Limiter {
    rate: Option<Rate>,
    unknown: Table<Bucket>,
    guesses: Table<Window>,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limiter")
    }
}

impl Limiter {
    /// One that has seen nobody.
    #[must_use]
    pub fn new(options: LimiterOptions) -> Self {
        Self {
            rate: NonZeroU32::new(options.unknown_per_second).map(Rate::per_second),
            unknown: Table::default(),
            guesses: Table::default(),
        }
    }

    /// Counts a credential that turned out to be unknown or wrong.
    ///
    /// Only what was refused already comes here, so that nobody's valid credential waits for a stranger. An address may
    /// send a second's worth at once, and the configured rate from then on.
    ///
    /// # Errors
    /// Above the rate. The wait is the same for everyone: it tells nobody what else came from the address.
    pub fn unknown(&self, from: IpAddr, now: Timestamp) -> Result<(), RetryAfter> {
        let Some(rate) = self.rate else { return Ok(()) };
        let taken = self.unknown.at(Place::of(from), now, |bucket| bucket.take(rate, now));
        if taken { Ok(()) } else { Err(RetryAfter::A_SECOND) }
    }

    /// Makes room for a guess at something that can be guessed; to be called before anything is looked at.
    ///
    /// At most 10 guesses that were not right are let through in any 15 minutes, wherever those 15 minutes begin. The
    /// guess counts as a wrong one at once and until [`Guess::right`] takes it back: a hundred guesses sent at the same
    /// moment are not all looked at because none of them has missed yet, and one that is broken off midway was a guess.
    ///
    /// `now` is the clock's at this moment, not the request's: a body can be made to arrive long after its head.
    ///
    /// # Errors
    /// When there is no room. Nothing may be looked at then, and nothing is counted.
    pub fn guess(&self, from: IpAddr, now: Timestamp) -> Result<Guess<'_>, RetryAfter> {
        let place = Place::of(from);
        self.guesses.at(place, now, |window| window.add(now))?;
        Ok(Guess { guesses: &self.guesses, place, at: now })
    }
}

/// A guess that is being looked at, and counts as a wrong one unless it was right.
#[must_use = "a guess is let through only to be looked at"]
pub struct Guess<'a> {
    guesses: &'a Table<Window>,
    place: Place,
    at: Timestamp,
}

impl fmt::Debug for Guess<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guess")
    }
}

impl Guess<'_> {
    /// Takes it back: it was right. The wrong ones before it stay, or an attacker would buy new guesses with a code of
    /// his own.
    pub fn right(self) {
        self.guesses.amend(self.place, |window| window.take_back(self.at));
    }
}
