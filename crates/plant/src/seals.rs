//! How many keyed row seals this process has checked, for the proof that a row that is not there takes the same work as
//! one that is. Without the feature `on` there is no counter, and noting a check is nothing.

#[cfg(feature = "on")]
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "on")]
static CHECKED: AtomicU64 = AtomicU64::new(0);

/// Notes a check.
#[cfg(not(feature = "on"))]
#[inline(always)]
pub const fn note() {}

/// Notes a check.
#[cfg(feature = "on")]
pub fn note() {
    CHECKED.fetch_add(1, Ordering::Relaxed);
}

/// How many there were.
#[cfg(feature = "on")]
#[must_use]
pub fn checked() -> u64 {
    CHECKED.load(Ordering::Relaxed)
}
