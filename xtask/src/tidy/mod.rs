//! What the compiler and clippy do not check: that the walls stand where the documents say they stand.
//!
//! One file a check, each a function from the tree to complaints, each with a test that shows it a bad example. A
//! complaint says where, what is wrong and what to do instead. A check must never change anything.

mod arrows;
mod bans;
mod error_pages;
mod exits;
mod links;
mod machine;
mod module_docs;
mod plants;
mod receipts;
mod reminders;
mod sizes;
mod titles;
mod wiring;

use crate::{say, source::Tree};
use std::{fmt, path::Path, process::ExitCode};

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Complaint {
    /// Which file.
    path: String,
    /// Which line of it, from 1.
    line: usize,
    /// What is wrong.
    wrong: String,
    /// What to do instead.
    instead: String,
}

impl Complaint {
    fn new(path: &str, line: usize, wrong: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { path: path.into(), line, wrong: wrong.into(), instead: instead.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    instead: {}", self.path, self.line, self.wrong, self.instead)
    }
}

type Check = fn(&Tree) -> Vec<Complaint>;

/// Every check, and what it watches over.
const CHECKS: &[(&str, Check)] = &[
    ("arrows between the rooms", arrows::check),
    ("rooms named in compose.rs alone", wiring::check),
    ("exits equal to the map", exits::check),
    ("bans in every clippy.toml", bans::check),
    ("receipts made where events are kept", receipts::check),
    ("a document at the head of every module", module_docs::check),
    ("sizes of files and lines", sizes::check),
    ("no leftover reminders", reminders::check),
    ("links that lead somewhere", links::check),
    ("a page for every error code", error_pages::check),
    ("planted faults found by a check", plants::check),
    ("one title a document", titles::check),
    ("nothing of one machine", machine::check),
];

/// Runs every check and prints every complaint. With a release binary, it is looked at too.
pub(crate) fn run(root: &Path, release: Option<&Path>) -> ExitCode {
    let tree = match Tree::read(root) {
        Ok(tree) => tree,
        Err(error) => {
            say(format!("tidy: cannot read the tree: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let tree_checks = CHECKS.iter().map(|(name, check)| (*name, check(&tree)));
    let release = release.map(|binary| {
        ("no planted fault in the release binary", plants::check_binary(&tree, binary))
    });
    let (mut total, mut checks) = (0, 0);
    for (name, mut complaints) in tree_checks.chain(release) {
        checks += 1;
        complaints.sort();
        complaints.dedup();
        total += complaints.len();
        say(format!("{} {name}", if complaints.is_empty() { "ok  " } else { "FAIL" }));
        for complaint in complaints {
            say(format!("  {complaint}"));
        }
    }
    say(format!("tidy: {} files, {checks} checks, {total} complaints", tree.files.len()));
    if total == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
