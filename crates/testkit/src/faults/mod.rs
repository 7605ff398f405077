//! A plane of faults under the store: every call that SQLite makes of the file system passes here, is counted by the
//! point it is made at, and can be made to fail.
//!
//! The product does not know of it. [`Plane::install`] puts [`vfs`] under every connection that this process opens from
//! then on. A plane can also remember what would be left if the power went: what was written and not synced, or not
//! synced successfully, would not be there.

mod durable;
mod point;
mod vfs;

pub use point::{Call, Fault, File, Point};

use durable::Durable;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// What is to fail, and from when on.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How.
    pub fault: Fault,
    /// Under which folder.
    pub folder: PathBuf,
    /// At which points alone; at all that the fault can happen at when there are none here.
    pub at: Vec<Point>,
    /// Which of the calls that could fail so, from 1.
    pub nth: u64,
    /// Whether every call after it fails as well.
    pub lasting: bool,
}

/// How often a point was passed while something was to fail, and how often it did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Passed {
    /// Calls.
    pub calls: u64,
    /// Those that failed.
    pub failed: u64,
}

/// The plane. There is one for a process, as there is one list of file systems in SQLite.
#[derive(Default)]
pub struct Plane {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    armed: Option<Armed>,
    passed: BTreeMap<Point, Passed>,
    durable: Durable,
}

struct Armed {
    failure: Failure,
    /// Calls so far that could have failed.
    seen: u64,
    failed: u64,
}

/// A failure that is about to happen, until this is dropped.
#[must_use]
pub struct Arm(&'static Plane);

/// What becomes of a call.
enum Verdict {
    Pass,
    /// It answers this code and does nothing.
    Fail(i32),
    /// Half of what it writes is written, and it answers this code.
    Half(i32),
}

impl Plane {
    /// The plane, under every connection that is opened from now on.
    ///
    /// # Panics
    /// If SQLite has no file system to put it over.
    pub fn install() -> &'static Self {
        static PLANE: OnceLock<Plane> = OnceLock::new();
        let plane = PLANE.get_or_init(Self::default);
        vfs::install(plane);
        plane
    }

    /// Makes something fail. One thing at a time: an earlier one is forgotten.
    pub fn fails(&'static self, failure: Failure) -> Arm {
        self.state().armed = Some(Armed { failure, seen: 0, failed: 0 });
        Arm(self)
    }

    /// Every point that was passed while something was to fail.
    #[must_use]
    pub fn passed(&self) -> BTreeMap<Point, Passed> {
        self.state().passed.clone()
    }

    /// Remembers from now on what is durable of the files in a folder; what is there now is.
    pub fn remember(&self, folder: &Path) {
        self.state().durable = Durable::of(folder);
    }

    /// Makes the files in a folder what would be left of those remembered if the power went now. Remembers no more.
    ///
    /// # Panics
    /// If a file cannot be written.
    pub fn leave(&self, folder: &Path) {
        std::mem::take(&mut self.state().durable).leave(folder);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a call at this point about this file. One that is to hang hangs here.
    fn judge(&self, point: Point, name: &Path) -> Verdict {
        let mut state = self.state();
        let State { armed: Some(armed), passed, .. } = &mut *state else { return Verdict::Pass };
        let Failure { fault, at, nth, lasting, folder } = &armed.failure;
        if !name.starts_with(folder) {
            return Verdict::Pass;
        }
        let passed = passed.entry(point).or_default();
        passed.calls += 1;
        let Some(code) = fault.at(point).filter(|_| at.is_empty() || at.contains(&point)) else {
            return Verdict::Pass;
        };
        armed.seen += 1;
        if armed.seen != *nth && !(*lasting && armed.seen > *nth) {
            return Verdict::Pass;
        }
        armed.failed += 1;
        passed.failed += 1;
        match fault {
            Fault::Short => Verdict::Half(code),
            Fault::Hang => {
                let hangs = |state: &mut State| state.armed.is_some();
                drop(self.changed.wait_while(state, hangs));
                Verdict::Pass
            }
            Fault::Io | Fault::Full | Fault::Busy | Fault::ReadOnly => Verdict::Fail(code),
        }
    }
}

impl Arm {
    /// How many calls have failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.0.state().armed.as_ref().map_or(0, |armed| armed.failed)
    }
}

impl Drop for Arm {
    fn drop(&mut self) {
        self.0.state().armed = None;
        self.0.changed.notify_all();
    }
}
