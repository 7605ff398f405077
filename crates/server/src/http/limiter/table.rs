//! Tallies by place, in bounded memory that nobody can make forget him.

use super::place::Place;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};
use subrosa_domain::Timestamp;

/// Places told apart at a time, each of which was wrong of late. Enough for a flood out of every corner, and about
/// 15 MiB if each of them is at the limit of its guesses.
const PLACES_MAX: usize = 65_536;

/// Parts with a lock each. Enough that two cores seldom meet, and that one neighbourhood fills a small part of all.
const SHARDS: usize = 64;

/// Places of a shard.
pub(super) const SHARD_PLACES_MAX: usize = PLACES_MAX / SHARDS;

/// What is kept of a place.
pub(super) trait Tally: Clone + Default {
    /// Lets go of what is over at `now`. Whether nothing is left, so that to forget the tally changes nothing.
    fn settle(&mut self, now: Timestamp) -> bool;
}

/// A tally for each place.
///
/// When a shard is full, only tallies of which nothing is left make room. Nothing else may: an attacker who cycles
/// through more addresses than fit would push his own counts out and begin anew. Whoever comes and finds no room is
/// counted in one tally that all such newcomers share, so that more addresses buy nothing more. And whoever is given
/// room later begins with what the shared tally holds, for part of it may be his.
///
/// A whole neighbourhood is in one shard: a network full of attackers makes newcomers share in its own shard alone.
pub(super) struct Table<T> {
    /// Keyed, so that nobody can choose whom to be in a shard with.
    hasher: RandomState,
    shards: Box<[Mutex<Shard<T>>]>,
    /// The one shard that is not among the others, so that there always is one.
    last: Mutex<Shard<T>>,
}

impl<T: Tally> Default for Table<T> {
    fn default() -> Self {
        let shards = (1..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards, last: Mutex::default() }
    }
}

impl<T: Tally> Table<T> {
    /// Does something with the tally of a place, as it stands at `now`.
    pub(super) fn at<R>(&self, place: Place, now: Timestamp, f: impl FnOnce(&mut T) -> R) -> R {
        f(self.shard(place).lock().tally(place, now))
    }

    /// Changes a tally that [`Table::at`] gave before: the place's own, or else the shared one. `f` says whether it
    /// found what it looked for.
    pub(super) fn amend(&self, place: Place, f: impl Fn(&mut T) -> bool) {
        let mut shard = self.shard(place).lock();
        if !shard.own.get_mut(&place).is_some_and(&f) {
            f(&mut shard.shared);
        }
    }

    fn shard(&self, place: Place) -> &Mutex<Shard<T>> {
        let hash = self.hasher.hash_one(place.neighbourhood());
        let at = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        self.shards.get(at).unwrap_or(&self.last)
    }
}

#[derive(Default)]
struct Shard<T> {
    own: HashMap<Place, T>,
    /// Of all who came when there was no room.
    shared: T,
    /// The second in which room was last looked for.
    swept: Option<i64>,
}

impl<T: Tally> Shard<T> {
    fn tally(&mut self, place: Place, now: Timestamp) -> &mut T {
        self.shared.settle(now);
        let newcomer = !self.own.contains_key(&place);
        if newcomer && self.own.len() >= SHARD_PLACES_MAX {
            self.sweep(now);
            if self.own.len() >= SHARD_PLACES_MAX {
                return &mut self.shared;
            }
        }
        let shared = &self.shared;
        let own = self.own.entry(place).or_insert_with(|| shared.clone());
        own.settle(now);
        own
    }

    /// Makes room, at most once a second: a flood of newcomers must not make each of them walk through the whole shard.
    fn sweep(&mut self, now: Timestamp) {
        let second = Some(now.as_secs());
        if self.swept != second {
            self.swept = second;
            self.own.retain(|_, tally| !tally.settle(now));
        }
    }
}
