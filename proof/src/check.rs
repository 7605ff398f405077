//! What a check is, what it is given and what comes of it.

use std::{
    fmt,
    future::Future,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Exit codes of `proof one`, by which a control tells a fault that was found from a check that could not run.
pub(crate) const HOLDS: u8 = 0;
pub(crate) const VIOLATED: u8 = 1;
pub(crate) const NOT_RUN: u8 = 3;

/// One promise, and how it is attacked.
pub(crate) struct Check {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What holds if it is green: one line.
    pub(crate) holds: &'static str,
    /// The planted faults that must turn it red. Each is asked for somewhere as `planted!("name")`.
    pub(crate) plants: &'static [&'static str],
    /// Attacks.
    pub(crate) run: fn(&Context) -> Outcome,
}

/// How much a check tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Size {
    /// With a fault planted: as much as it takes to find it.
    Control,
    /// With every change.
    Usual,
    /// Where there is time.
    Long,
}

/// What a check is given.
pub(crate) struct Context {
    binary: PathBuf,
    size: Size,
    runtime: tokio::runtime::Runtime,
}

impl Context {
    pub(crate) fn new(binary: PathBuf, size: Size) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        Self { binary, size, runtime: runtime.expect("a runtime") }
    }

    /// The server's binary.
    pub(crate) fn binary(&self) -> &Path {
        assert!(self.binary.is_file(), "SUBROSA_BINARY names no file");
        &self.binary
    }

    /// How many there are to be of something, by size.
    pub(crate) const fn many(&self, control: u64, usual: u64, long: u64) -> u64 {
        match self.size {
            Size::Control => control,
            Size::Usual => usual,
            Size::Long => long,
        }
    }

    /// Whether a fault is planted, which is looked for and no more.
    pub(crate) fn is_control(&self) -> bool {
        self.size == Size::Control
    }

    /// Runs something to its end.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

/// What came of a check.
#[must_use]
pub(crate) enum Outcome {
    /// The promise held through all of this: how many of what.
    Held(Vec<(u64, &'static str)>),
    /// The promise was broken, here.
    Violated(String),
    /// This machine or this user lacks what it takes: nothing was proven.
    NotRun(String),
}

impl Outcome {
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Held(_) => HOLDS,
            Self::Violated(_) => VIOLATED,
            Self::NotRun(_) => NOT_RUN,
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(counts) => {
                let counts: Vec<String> =
                    counts.iter().map(|(count, what)| format!("{count} {what}")).collect();
                write!(f, "holds ({})", counts.join(", "))
            }
            Self::Violated(how) => write!(f, "VIOLATED: {how}"),
            Self::NotRun(why) => write!(f, "NOT RUN: {why}"),
        }
    }
}

/// Ends a check's function with what it found, unless this is so. A panic is no violation: it says that the check could
/// not run, and a control that panics counts as not having found its fault.
#[macro_export]
macro_rules! holds {
    ($condition:expr, $($how:tt)+) => {
        if !$condition {
            return $crate::check::Outcome::Violated(format!($($how)+));
        }
    };
}
