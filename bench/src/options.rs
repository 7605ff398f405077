//! What a run is asked for.

use crate::{
    allocator,
    failure::{Failure, Result},
    run,
};
use std::{path::PathBuf, time::Duration};

/// The number of connections that bars are about.
pub(crate) const BAR_AT: usize = 64;

/// A run.
#[derive(Debug)]
pub(crate) struct Options {
    /// The binary that is measured.
    pub(crate) binary: PathBuf,
    /// What of it.
    pub(crate) what: What,
    /// Numbers of connections.
    pub(crate) at: Vec<usize>,
    /// Scenarios whose names hold one of these; all of them without any.
    pub(crate) only: Vec<String>,
    /// Slices of a cell for each of the two servers, and how long a slice is.
    pub(crate) slices: u32,
    pub(crate) slice: Duration,
    /// Whether a bar that is missed is a failure.
    pub(crate) hold: bool,
    /// Words for `subrosa serve`.
    pub(crate) serve: Vec<String>,
    /// As it was asked for.
    pub(crate) command: String,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// The table.
    Table,
    /// With every change: the hard case at [`BAR_AT`] and the ends of a curve, held to what only a mistake misses.
    Ci,
    /// Growing working sets.
    Curves(Curves),
    /// What wiping costs.
    Allocator,
    /// What times of answers tell.
    Timing,
}

/// Growing working sets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Curves {
    /// In secrets, from the smallest on.
    pub(crate) sets: &'static [usize],
    /// How many tenants they belong to.
    pub(crate) tenants: usize,
    /// The bound of the row cache, in MiB: every set fits.
    pub(crate) cache_mib: &'static str,
    /// Whether publishes are measured too.
    pub(crate) publishes: bool,
    /// The most that the largest set may cost in terms of the smallest, and a miss in terms of a hit.
    pub(crate) growth_most: f64,
    pub(crate) miss_most: f64,
}

impl Eq for Curves {}

impl Curves {
    /// What the default bound holds, of as many tenants as in the hard case.
    const USUAL: Self = Self {
        sets: &[1_000, 10_000, 100_000],
        tenants: 100,
        cache_mib: "256",
        publishes: true,
        growth_most: 1.3,
        miss_most: 2.0,
    };

    /// The largest deployment that is promised to cost no more.
    const LARGE: Self = Self {
        sets: &[1_000, 100_000, 1_000_000],
        tenants: 10_000,
        cache_mib: "2048",
        ..Self::USUAL
    };

    /// Its ends alone. What is held is loose, for one slice on somebody else's machine is sure of no more; a search
    /// that became linear misses it by far.
    pub(crate) const BRIEF: Self = Self {
        sets: &[1_000, 100_000],
        publishes: false,
        growth_most: 4.0,
        miss_most: 8.0,
        ..Self::USUAL
    };
}

/// How a run is asked for. The binary comes first, from whoever built it.
const USAGE: &str =
    "usage: cargo xtask bench [--at N,N..] [--only WORD,..] [--quick] [--hold] [-- FLAGS]
       cargo xtask bench --curves | --large [--quick] [--hold] [-- FLAGS]
       cargo xtask bench allocator [--only WORD,..] [--quick] [--hold] [-- FLAGS]
       cargo xtask bench timing [-- FLAGS]
       cargo xtask bench --ci";

impl Options {
    /// Reads [`USAGE`]. A word that would change nothing is refused.
    pub(crate) fn read(words: &[String]) -> Result<Self> {
        let bad = || Failure::new(USAGE);
        let (binary, rest) = words.split_first().ok_or_else(bad)?;
        let command = std::iter::once("cargo xtask bench").chain(rest.iter().map(String::as_str));
        let command = command.collect::<Vec<_>>().join(" ");
        let (mut what, mut at, mut only, mut serve) = (None, None, None, None);
        let (mut quick, mut hold) = (false, false);
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            let kind = match word.as_str() {
                "allocator" => What::Allocator,
                "timing" => What::Timing,
                "--curves" => What::Curves(Curves::USUAL),
                "--large" => What::Curves(Curves::LARGE),
                "--ci" => What::Ci,
                "--at" => {
                    let list = rest.next().ok_or_else(bad)?.split(',').map(str::parse);
                    at = Some(list.collect::<std::result::Result<Vec<_>, _>>().map_err(|_| bad())?);
                    continue;
                }
                "--only" => {
                    let list = rest.next().ok_or_else(bad)?.split(',').map(str::to_owned);
                    only = Some(list.collect::<Vec<_>>());
                    continue;
                }
                "--quick" => {
                    quick = true;
                    continue;
                }
                "--hold" => {
                    hold = true;
                    continue;
                }
                "--" => {
                    serve = Some(rest.by_ref().cloned().collect::<Vec<_>>());
                    continue;
                }
                _ => return Err(bad()),
            };
            if what.replace(kind).is_some() {
                return Err(bad());
            }
        }
        let what = what.unwrap_or(What::Table);
        let table = what == What::Table;
        let idle = (at.is_some() && !table)
            || (only.is_some() && !table && what != What::Allocator)
            || ((quick || hold) && matches!(what, What::Timing | What::Ci))
            || (serve.is_some() && what == What::Ci);
        let none = at.as_ref().is_some_and(|at| at.is_empty() || at.contains(&0));
        if idle || none {
            return Err(bad());
        }
        let names = if table { run::names() } else { allocator::NAMES.to_vec() };
        let only = only.unwrap_or_default();
        if let Some(word) = only.iter().find(|word| !names.iter().any(|name| has(name, word))) {
            return Err(Failure::new(format!(
                "nothing has `{word}` in its name: {}",
                names.join("; ")
            )));
        }
        let ci = what == What::Ci;
        Ok(Self {
            binary: binary.into(),
            what,
            at: at.unwrap_or_else(|| if ci { vec![BAR_AT] } else { vec![1, BAR_AT, 256] }),
            only: if ci { vec!["hard case".to_owned()] } else { only },
            slices: if quick || ci { 1 } else { 2 },
            slice: Duration::from_secs(1),
            hold,
            serve: serve.unwrap_or_default(),
            command,
        })
    }

    /// Whether a scenario is asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| has(name, word))
    }

    /// The words for `subrosa serve`, after these.
    pub(crate) fn serve<'a>(&'a self, first: &[&'a str]) -> Vec<&'a str> {
        first.iter().copied().chain(self.serve.iter().map(String::as_str)).collect()
    }
}

/// Whether a name holds a word. Every name holds the empty one, which says nothing.
fn has(name: &str, word: &str) -> bool {
    !word.is_empty() && name.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::read(&[&["subrosa".to_owned()], &words[..]].concat())
    }

    #[test]
    fn words_are_read_and_said_as_they_were() {
        let options = read("--at 1,64 --only publish,hot --quick --hold -- --cache-mib 1").unwrap();
        assert_eq!((options.what, options.at.as_slice()), (What::Table, &[1, 64][..]));
        assert!(options.wants("publish, hard case") && !options.wants("create, hard case"));
        assert_eq!((options.slices, options.hold), (1, true));
        assert_eq!(options.serve(&["--a"]), ["--a", "--cache-mib", "1"]);
        assert!(options.command.starts_with("cargo xtask bench --at 1,64 --only"));
        assert_eq!(read("--ci").unwrap().at, [BAR_AT]);
        assert_eq!(read("--large --hold").unwrap().what, What::Curves(Curves::LARGE));
    }

    #[test]
    fn what_would_change_nothing_is_refused() {
        for line in [
            "--curves --at 1",
            "--large --only publish",
            "--curves --large",
            "allocator --at 1",
            "allocator --only publish",
            "timing --quick",
            "timing --hold",
            "--ci --hold",
            "--ci --at 64",
            "--ci -- --cache-mib 1",
            "--at 0",
            "--at",
            "--at ,",
            "--only nothing",
            "--only",
            "--quickly",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
        let refused = read("--at x").unwrap_err().to_string();
        assert!(refused.starts_with("usage: cargo xtask bench "), "{refused}");
    }
}
