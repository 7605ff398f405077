//! When tokens and secrets were last used. Noting it costs a request one store to memory; it is written once a minute
//! for each of them, and at the end. It decides nothing.

use crate::limits;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};
use subrosa_domain::Timestamp;

/// The last use of one thing. Whoever holds the thing in memory holds this beside it.
#[derive(Debug)]
pub(crate) struct Used {
    at: AtomicI64,
    /// Whether it is among those that wait to be written.
    waits: AtomicBool,
    written: AtomicI64,
}

impl Default for Used {
    fn default() -> Self {
        let never = || AtomicI64::new(i64::MIN);
        Self { at: never(), waits: AtomicBool::new(false), written: never() }
    }
}

/// The last uses that wait to be written, by what was used.
pub(crate) struct Uses<K>(Mutex<HashMap<K, Arc<Used>>>);

impl<K> Default for Uses<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> Uses<K> {
    /// Notes a use.
    pub(crate) fn note(&self, key: K, used: &Arc<Used>, now: Timestamp) {
        // In one order with `written`: either this sees that it waits no more, or that one sees the later time.
        used.at.fetch_max(now.as_micros(), Ordering::SeqCst);
        if used.waits.load(Ordering::SeqCst) || used.waits.swap(true, Ordering::SeqCst) {
            return;
        }
        // What was read from the store anew has a note of its own: the older one is part of it from here on.
        if let Some(older) = self.0.lock().insert(key, Arc::clone(used)) {
            used.at.fetch_max(older.at.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// When something was last used, if that may not be written yet.
    pub(crate) fn last(&self, key: &K) -> Option<Timestamp> {
        self.0.lock().get(key).map(|used| Timestamp::from_micros(used.at.load(Ordering::Relaxed)))
    }

    /// Those that are due to be written, with their times; all of them at the `end`. They stay among those that
    /// [`Self::last`] knows until [`Self::written`] is told.
    pub(crate) fn due(&self, now: Timestamp, end: bool) -> Vec<(K, Timestamp)> {
        let waiting = self.0.lock();
        let due = |used: &Used| {
            let written = Timestamp::from_micros(used.written.load(Ordering::Relaxed));
            end || now.since(written) >= limits::USES_WRITTEN_EVERY || now < written
        };
        let at = |used: &Used| Timestamp::from_micros(used.at.load(Ordering::Relaxed));
        waiting.iter().filter(|(_, used)| due(used)).map(|(key, used)| (*key, at(used))).collect()
    }

    /// This was written. What was used again meanwhile goes on waiting.
    pub(crate) fn written(&self, key: K, at: Timestamp) {
        let mut waiting = self.0.lock();
        let Some(used) = waiting.get(&key) else { return };
        used.written.store(at.as_micros(), Ordering::Relaxed);
        used.waits.store(false, Ordering::SeqCst);
        if used.at.load(Ordering::SeqCst) <= at.as_micros() {
            waiting.remove(&key);
        } else {
            used.waits.store(true, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + secs * 1_000_000)
    }

    #[test]
    fn the_first_use_is_due_at_once_and_the_next_after_a_minute_or_at_the_end() {
        let (uses, used) = (Uses::default(), Arc::new(Used::default()));
        assert!(uses.due(at(0), true).is_empty());
        uses.note(7, &used, at(0));
        uses.note(7, &used, at(1));
        let due = uses.due(at(1), false);
        assert_eq!(due, [(7, at(1))]);
        uses.written(7, at(1));
        assert_eq!(uses.last(&7), None, "the row says it");
        uses.note(7, &used, at(2));
        assert_eq!(uses.due(at(60), false), []);
        assert_eq!(uses.last(&7), Some(at(2)), "and what it does not say is remembered");
        assert_eq!(uses.due(at(60), true), [(7, at(2))]);
        assert_eq!(uses.due(at(61), false), [(7, at(2))]);
    }

    #[test]
    fn a_use_between_writing_and_its_acknowledgement_goes_on_waiting() {
        let (uses, used) = (Uses::default(), Arc::new(Used::default()));
        uses.note(7, &used, at(0));
        let due = uses.due(at(0), false);
        uses.note(7, &used, at(5));
        uses.written(7, due[0].1);
        assert_eq!(uses.due(at(100), false), [(7, at(5))]);
    }

    #[test]
    fn a_thing_that_was_loaded_anew_does_not_lose_its_later_use() {
        let (uses, old, new) = (Uses::default(), Arc::default(), Arc::default());
        uses.note(7, &old, at(9));
        uses.note(7, &new, at(3));
        assert_eq!(uses.due(at(9), false), [(7, at(9))]);
    }
}
