//! A check and its controls, each in a process of its own: a fault is planted by the environment, once per process.

use crate::check::{Check, HOLDS, NOT_RUN, Size, VIOLATED};
use std::process::Command;

/// What a check is worth here.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// It holds as things are, and finds every fault that is planted for it.
    Stands,
    /// It does not hold, or leaves a fault: which of these.
    Fails(Vec<String>),
    /// It cannot run here, and says so.
    NotRun,
}

/// Runs a check as things are, and once for every fault that is planted for it.
pub(crate) fn standing(check: &Check, size: Size) -> Standing {
    let word = match size {
        Size::Control => Some("--control"),
        Size::Usual => None,
        Size::Long => Some("--long"),
    };
    let ended = ends_with(check, word, None);
    if ended == Some(NOT_RUN.into()) {
        return Standing::NotRun;
    }
    let mut failures = Vec::new();
    if ended != Some(HOLDS.into()) {
        failures.push("does not hold".to_owned());
    }
    for plant in check.plants {
        if ends_with(check, Some("--control"), Some(plant)) == Some(VIOLATED.into()) {
            println!("{}: {plant} was found", check.name);
        } else {
            println!("{}: {plant} WAS NOT FOUND", check.name);
            failures.push(format!("did not find {plant}"));
        }
    }
    if failures.is_empty() { Standing::Stands } else { Standing::Fails(failures) }
}

/// The exit code of a check's own process; `None` when a signal ended it.
fn ends_with(check: &Check, size: Option<&str>, plant: Option<&str>) -> Option<i32> {
    let mut one = Command::new(std::env::current_exe().expect("this program has a path"));
    one.args(["one", check.name]).args(size).env_remove("SUBROSA_PLANT");
    if let Some(plant) = plant {
        one.env("SUBROSA_PLANT", plant);
    }
    one.status().expect("this program starts").code()
}
