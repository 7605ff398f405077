//! `cargo xtask fuzz`: every parser of outside bytes, first on the inputs that are kept, then on new ones.
//!
//! The targets are the crate `fuzz`; the engine is libFuzzer, in the same process as the parser, told by the compiler's
//! own instrumentation what each input reached. It works with the pinned toolchain and needs a C++ compiler. What it
//! finds is kept as an input that every later run begins with. A run must never take a machine that stalled for a
//! finding, or a target that was not run for one that holds.

mod control;
mod corpus;
mod engine;

use crate::say;
use engine::{Engine, Run};
use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

const USAGE: &str = "usage: cargo xtask fuzz [--seconds N] [--keep] [TARGET...]
       cargo xtask fuzz --control";

/// What a run is asked for.
struct Wanted<'w> {
    /// How long each target looks for new inputs, after those that are kept.
    seconds: u32,
    /// Whether to keep what it learnt.
    keeps: bool,
    /// Which targets; all, where none is named.
    targets: Vec<&'w str>,
}

/// Runs the named targets, or all; or the controls.
pub(crate) fn run(root: &Path, words: &[&str]) -> ExitCode {
    let outcome = match words {
        ["--control"] => Engine::build(root).and_then(|engine| control::run(&engine)),
        words => match wanted(words) {
            Some(wanted) => Engine::build(root).and_then(|engine| all(&engine, &wanted)),
            None => {
                say(USAGE);
                return ExitCode::from(2);
            }
        },
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            say(format!("fuzz: stopped: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn wanted<'w>(words: &[&'w str]) -> Option<Wanted<'w>> {
    let mut wanted = Wanted { seconds: 0, keeps: false, targets: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--seconds" => wanted.seconds = words.next()?.parse().ok()?,
            "--keep" => wanted.keeps = true,
            flag if flag.starts_with('-') => return None,
            target => wanted.targets.push(target),
        }
    }
    Some(wanted)
}

/// Whether every target holds.
fn all(engine: &Engine, wanted: &Wanted<'_>) -> Result<bool, String> {
    let every = engine.targets()?;
    if let Some(unknown) = wanted.targets.iter().find(|name| !every.iter().any(|one| one == *name))
    {
        return Err(format!("there is no target {unknown}; there are {}", every.join(", ")));
    }
    let is_wanted = |one: &&String| wanted.targets.is_empty() || wanted.targets.contains(&&***one);
    let chosen: Vec<&String> = every.iter().filter(is_wanted).collect();
    let holds = each(&chosen, |target| one(engine, target, wanted))?;
    say(format!(
        "fuzz: {} targets, {}",
        chosen.len(),
        if holds { "nothing found" } else { "SOMETHING WAS FOUND" }
    ));
    Ok(holds)
}

/// Whether it holds of each, and why not if one could not be asked. As many at once as the machine has processors.
fn each<T: Sync>(
    all: &[T],
    holds_of: impl Fn(&T) -> Result<bool, String> + Sync,
) -> Result<bool, String> {
    let (next, holds) = (AtomicUsize::new(0), AtomicBool::new(true));
    let broken = Mutex::new(None);
    let work = || {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            match holds_of(one) {
                Ok(held) => drop(holds.fetch_and(held, Ordering::Relaxed)),
                Err(why) => *broken.lock().unwrap_or_else(|lock| lock.into_inner()) = Some(why),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    match broken.into_inner().unwrap_or_else(|lock| lock.into_inner()) {
        Some(why) => Err(why),
        None => Ok(holds.into_inner()),
    }
}

/// Runs one target, and keeps what it found or, if asked to, learnt.
fn one(engine: &Engine, target: &str, wanted: &Wanted<'_>) -> Result<bool, String> {
    let run = Run::new(engine, target, None)?;
    let kept = run.replay()?;
    let (new, found) = match kept.finding {
        Some(finding) => (None, Some(finding)),
        None if wanted.seconds == 0 => (None, None),
        None => {
            let new = run.explore(wanted.seconds)?;
            (Some(new.runs), new.finding)
        }
    };
    let inputs = corpus::count(engine, target);
    let new = new.map_or(String::new(), |runs| format!(", {runs} runs on new ones"));
    match found {
        None => {
            say(format!("ok    {target}: {inputs} inputs kept{new}"));
            if wanted.keeps {
                corpus::keep(engine, &run)?;
            }
            Ok(true)
        }
        Some(finding) => {
            let place = corpus::keep_finding(engine, target, &finding)?;
            say(format!("FOUND {target}: {}\n      kept as {place}", finding.why));
            say(format!("      again: cargo xtask fuzz {target}"));
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_asked_and_one_that_does_not_hold_or_cannot_be_asked_decides() {
        assert_eq!(each(&[1, 2, 3], |_| Ok(true)), Ok(true));
        assert_eq!(each(&[1, 2, 3], |one| Ok(*one != 2)), Ok(false));
        let asked = AtomicUsize::new(0);
        let ended = each(&[1, 2, 3], |one| {
            asked.fetch_add(1, Ordering::Relaxed);
            if *one == 1 { Err("no".to_owned()) } else { Ok(true) }
        });
        assert_eq!((ended, asked.into_inner()), (Err("no".to_owned()), 3));
    }

    #[test]
    fn words_are_seconds_flags_and_targets_and_nothing_else() {
        let read =
            |words: &[&'static str]| wanted(words).map(|one| (one.seconds, one.keeps, one.targets));
        assert_eq!(read(&[]), Some((0, false, vec![])));
        assert_eq!(read(&["--seconds", "20", "tlv"]), Some((20, false, vec!["tlv"])));
        assert_eq!(read(&["tlv", "--keep", "path"]), Some((0, true, vec!["tlv", "path"])));
        for bad in [&["--seconds"][..], &["--seconds", "x"], &["--second", "1"]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
