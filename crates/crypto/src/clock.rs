//! The system's clock. The one place that asks it.

use std::time::SystemTime;
use subrosa_domain::{Clock, Timestamp};

/// The system's time, in UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that is passed in")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        // A clock from before 1970 is wrong in any case; the epoch keeps ids and rows well formed.
        since.map_or(Timestamp::EPOCH, |since| Timestamp::EPOCH.plus(since))
    }
}
