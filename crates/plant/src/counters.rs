//! How often this process has done what a refusal must not save itself, for the proof that what is not there takes the
//! same work as what is out of sight. Without the feature `on` there are no counters, and noting is nothing.

#[cfg(feature = "on")]
use std::sync::atomic::{AtomicU64, Ordering};

/// Keyed seals of rows that were checked.
pub static SEALS: Counter = Counter::new();

/// Looks into the store.
pub static LOOKS: Counter = Counter::new();

/// How often something was done.
#[derive(Debug)]
pub struct Counter {
    #[cfg(feature = "on")]
    count: AtomicU64,
}

#[cfg(not(feature = "on"))]
impl Counter {
    const fn new() -> Self {
        Self {}
    }

    /// Notes that it was done.
    #[inline(always)]
    pub const fn note(&self) {}
}

#[cfg(feature = "on")]
impl Counter {
    const fn new() -> Self {
        Self { count: AtomicU64::new(0) }
    }

    /// Notes that it was done.
    pub fn note(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was.
    #[must_use]
    pub fn noted(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}
