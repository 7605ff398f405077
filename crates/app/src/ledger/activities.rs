//! What tokens are used for: requests that look alike in the same minute are one activity. It is no audit.

use crate::limits;
use parking_lot::Mutex;
use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};
use subrosa_domain::{Activity, Timestamp};

/// Places of the quick look. Two kinds of request that share one only make each other take the longer way.
const PLACES: usize = 4_096;

/// Those that wait to be written.
pub(super) struct Activities {
    waiting: Mutex<Waiting>,
    /// What was noted in this minute, as far as it fits: most requests look here and are done.
    seen: Box<[AtomicU64]>,
    full: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    list: Vec<Activity>,
    /// What was noted in this minute, and which that is.
    seen: HashSet<u64>,
    minute: i64,
}

impl Default for Activities {
    fn default() -> Self {
        let seen = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self { waiting: Mutex::default(), seen, full: AtomicBool::new(false) }
    }
}

impl Activities {
    /// Notes one, unless one that looks alike, minute and all, was noted before or there is no room.
    pub(super) fn note(&self, alike: u64, activity: impl FnOnce() -> Activity) {
        let place = self.seen.get(usize::try_from(alike).unwrap_or(0) % PLACES);
        let noted = place.is_some_and(|seen| seen.load(Ordering::Relaxed) == alike);
        if noted || self.full.load(Ordering::Relaxed) {
            return;
        }
        let mut waiting = self.waiting.lock();
        if waiting.list.len() >= limits::ACTIVITIES_WAITING_MAX {
            self.full.store(true, Ordering::Relaxed);
            return;
        }
        if waiting.seen.insert(alike) {
            waiting.list.push(activity());
        }
        // Under the lock: whoever clears the places does so after it.
        if let Some(seen) = place {
            seen.store(alike, Ordering::Relaxed);
        }
    }

    /// Takes out those that wait, token by token, as their rows lie, and in another minute forgets what was seen: it
    /// does not come again.
    pub(super) fn take(&self, now: Timestamp) -> Vec<Activity> {
        let mut waiting = self.waiting.lock();
        if now.minute() != waiting.minute || waiting.seen.len() > limits::ACTIVITIES_SEEN_MAX {
            waiting.seen.clear();
            waiting.minute = now.minute();
            self.seen.iter().for_each(|seen| seen.store(0, Ordering::Relaxed));
        }
        self.full.store(false, Ordering::Relaxed);
        let mut list = std::mem::take(&mut waiting.list);
        drop(waiting);
        list.sort_by_key(|activity| (activity.tenant_id, activity.token_id));
        list
    }
}
