//! Every check, in the order in which they run.

mod canaries;
mod canonical;
mod counts;
mod coverage;
mod echo;
mod erase;
mod fail_closed;
mod floods;
mod full;
mod io_faults;
mod kill;
mod matrix;
mod memory;
mod minting;
mod model;
mod oracle;
mod power;
mod ptrace;
mod rollback;
mod rotation;
mod seals;
mod splice;
mod tamper;

use crate::check::Check;
pub(crate) use ptrace::reaches;

/// Every check, the longest first.
pub(crate) const ALL: &[Check] = &[
    model::CHECK,
    memory::CHECK,
    canaries::CHECK,
    tamper::CHECK,
    io_faults::CHECK,
    kill::CHECK,
    rotation::CHECK,
    power::CHECK,
    rollback::CHECK,
    erase::CHECK,
    coverage::CHECK,
    floods::CHECK,
    splice::CHECK,
    oracle::CHECK,
    matrix::CHECK,
    seals::CHECK,
    canonical::CHECK,
    full::CHECK,
    counts::CHECK,
    minting::CHECK,
    fail_closed::CHECK,
    echo::CHECK,
    ptrace::CHECK,
];

/// The check of this name.
pub(crate) fn named(name: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.name == name)
}
