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

/// Every check.
pub(crate) const ALL: &[Check] = &[
    minting::CHECK,
    model::CHECK,
    matrix::CHECK,
    coverage::CHECK,
    oracle::CHECK,
    canonical::CHECK,
    floods::CHECK,
    echo::CHECK,
    kill::CHECK,
    power::CHECK,
    canaries::CHECK,
    memory::CHECK,
    ptrace::CHECK,
    io_faults::CHECK,
    full::CHECK,
    fail_closed::CHECK,
    counts::CHECK,
    splice::CHECK,
    seals::CHECK,
    rollback::CHECK,
    tamper::CHECK,
    rotation::CHECK,
    erase::CHECK,
];

/// The check of this name.
pub(crate) fn named(name: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.name == name)
}
