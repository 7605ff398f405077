//! What a run is asked for.

use crate::failure::{Failure, Result};
use std::{path::PathBuf, time::Duration};

/// The number of connections that bars are about.
pub(crate) const BAR_AT: usize = 64;

/// A run.
pub(crate) struct Options {
    /// The binary that is measured.
    pub(crate) binary: PathBuf,
    /// Numbers of connections.
    pub(crate) at: Vec<usize>,
    /// Scenarios whose names hold one of these; all of them without any.
    pub(crate) only: Vec<String>,
    /// Slices of a cell for each of the two servers, and how long a slice is.
    pub(crate) slices: u32,
    pub(crate) slice: Duration,
    /// Whether the table is measured.
    pub(crate) table: bool,
    /// Whether it is asked what times of answers tell, and nothing else.
    pub(crate) timing: bool,
    /// Whether what wiping costs is measured.
    pub(crate) allocator: bool,
    /// What growing working sets are measured with, if they are.
    pub(crate) curves: Option<Curves>,
    /// Words for `subrosa serve`.
    pub(crate) serve: Vec<String>,
    /// As it was asked for.
    pub(crate) command: String,
}

/// Growing working sets.
#[derive(Clone, Copy)]
pub(crate) struct Curves {
    /// In secrets, from the smallest on.
    pub(crate) sets: &'static [usize],
    /// How many tenants they belong to.
    pub(crate) tenants: usize,
    /// The bound of the row cache, in MiB: every set fits.
    pub(crate) cache_mib: &'static str,
}

impl Curves {
    /// What the default bound holds, of as many tenants as in the hard case.
    const USUAL: Self = Self { sets: &[1_000, 10_000, 100_000], tenants: 100, cache_mib: "256" };

    /// The largest deployment that is promised to cost no more.
    const LARGE: Self =
        Self { sets: &[1_000, 100_000, 1_000_000], tenants: 10_000, cache_mib: "2048" };
}

/// How a run is asked for.
const USAGE: &str = "BINARY [timing | allocator] [--at N,N..] [--only WORD,..] [--quick] \
     [--curves | --large | --ci] [-- FLAGS]";

impl Options {
    /// Reads [`USAGE`].
    pub(crate) fn read(words: &[String]) -> Result<Self> {
        let bad = || Failure::new(USAGE);
        let (binary, rest) = words.split_first().ok_or_else(bad)?;
        let mut options = Self {
            binary: binary.into(),
            at: vec![1, 64, 256],
            only: Vec::new(),
            slices: 2,
            slice: Duration::from_secs(1),
            table: true,
            timing: false,
            allocator: false,
            curves: None,
            serve: Vec::new(),
            command: std::iter::once("cargo xtask bench")
                .chain(rest.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" "),
        };
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            match word.as_str() {
                "--at" => {
                    let list = rest.next().ok_or_else(bad)?.split(',');
                    options.at = list.map(str::parse).collect::<std::result::Result<_, _>>()?;
                }
                "--only" => {
                    let list = rest.next().ok_or_else(bad)?.split(',');
                    options.only = list.map(str::to_owned).collect();
                }
                "allocator" => (options.table, options.allocator) = (false, true),
                "--curves" => (options.table, options.curves) = (false, Some(Curves::USUAL)),
                "--large" => (options.table, options.curves) = (false, Some(Curves::LARGE)),
                "--ci" => {
                    (options.at, options.slices) = (vec![BAR_AT], 1);
                    options.only = vec!["hard case".to_owned()];
                    options.curves = Some(Curves::USUAL);
                }
                "--quick" => options.slices = 1,
                "timing" => options.timing = true,
                "--" => options.serve = rest.by_ref().cloned().collect(),
                _ => return Err(bad()),
            }
        }
        if options.at.is_empty() || options.at.contains(&0) { Err(bad()) } else { Ok(options) }
    }

    /// Whether a scenario is asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| name.contains(word.as_str()))
    }
}
