//! The project's chores: `cargo xtask tidy`, `prove`, `fuzz`, `bench` and the others that it lists when asked for none.
//!
//! It reads the tree and drives the built binary from outside. It must never become part of what ships, and no room of
//! the workspace may depend on it.

mod bench;
mod built;
mod conformance;
mod fuzz;
mod prove;
mod soak;
mod source;
mod tidy;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "usage: cargo xtask <command>

  tidy [--release]               check what the compiler does not: arrows, exits, bans, docs, sizes, links;
                                 and that the release binary holds no planted fault
  conformance CLIENT [--require] run a published client, unchanged, against a server of ours; CLIENT is
                                 fruxon, truefoundry (the SDK and the tfy command line), oidc (an
                                 OpenID provider, whose tokens the server is asked with), or guides (what
                                 docs/guides says to type, and the clients it says to install), or
                                 schema (schemathesis, by the API's own description; with --control,
                                 then against faults that it must find as well)
                                 --require: count it as a failure when the client cannot be installed
  fuzz [--seconds N] [TARGET...] feed every parser of outside bytes what is kept, and N seconds of what is new
                                 --keep: keep what was learnt; --control: plant faults that must be found
  prove [--long] [--require] [NAME...]
                                 attack what is promised, and plant the faults that each attack must find
  bench [--at N,N..] [--quick]   measure the built binary beside bare hyper and raw fdatasync; prints the table of
                                 docs/reference/performance.md. N: numbers of connections; --quick: one
                                 slice a cell and not two; --only WORD,..: what holds one of the words;
                                 --hold: a bar that is missed is a failure; -- FLAGS: for serve
  bench --curves | --large       the cost of growing working sets, or of very large ones
  bench --ci                     what has to be right with every change, and not cost far more than it did
  bench allocator [--quick]      measure what wiping freed memory costs, beside the same binary without it
  bench timing                   whether the time of a 404 or a 401 tells what is there; holds no bar
  soak                           the long forms of prove, fuzz and bench, one after the other: a day at least
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy::run(&root(), None),
        ["tidy", "--release"] => tidy::run(&root(), Some(&target().join("release/subrosa"))),
        ["bench", words @ ..] => bench::run(&root(), words),
        ["conformance", "fruxon"] => conformance::fruxon(&root(), false),
        ["conformance", "fruxon", "--require"] => conformance::fruxon(&root(), true),
        ["conformance", "truefoundry"] => conformance::truefoundry(&root(), false),
        ["conformance", "truefoundry", "--require"] => conformance::truefoundry(&root(), true),
        ["conformance", "oidc"] => conformance::oidc(&root(), false),
        ["conformance", "oidc", "--require"] => conformance::oidc(&root(), true),
        ["conformance", "guides"] => conformance::guides(&root(), false),
        ["conformance", "guides", "--require"] => conformance::guides(&root(), true),
        ["conformance", "schema", words @ ..] => conformance::schema(&root(), words),
        ["fuzz", words @ ..] => fuzz::run(&root(), words),
        ["prove", words @ ..] => prove::run(&root(), words),
        ["soak"] => soak::run(&root()),
        _ => {
            say(USAGE);
            ExitCode::from(2)
        }
    }
}

/// The workspace's root: the folder above this crate's.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where what is built is put. Cargo is run in the root, so that is what a relative folder is relative to.
fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Writes a line of the transcript to stdout. A closed pipe is nobody's failure.
fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref().trim_end());
}
