//! A clock that stands still until it is told to move.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
    thread,
    time::Duration,
};
use subrosa_domain::{Clock, Timestamp};

/// The clock. It starts on 2026-01-01T00:00:00Z.
#[derive(Debug)]
pub struct TestClock {
    now: AtomicI64,
    panics_on: Mutex<Option<&'static str>>,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(1_767_225_600_000_000), panics_on: Mutex::new(None) }
    }
}

impl TestClock {
    /// Now, in milliseconds since the Unix epoch: as answers spell times.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.now.load(Ordering::Relaxed) / 1_000
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }

    /// Panics whenever the thread of this name asks it, which shows what becomes of work in which something panics.
    pub fn panics_on(&self, thread: Option<&'static str>) {
        *self.panics_on.lock().unwrap() = thread;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let panics_on = *self.panics_on.lock().unwrap();
        let here = panics_on.is_some() && thread::current().name() == panics_on;
        assert!(!here, "the clock was told to panic on this thread");
        Timestamp::from_micros(self.now.load(Ordering::Relaxed))
    }
}
