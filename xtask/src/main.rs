//! The project's chores: `cargo xtask tidy` and `cargo xtask conformance <client>`.
//!
//! It reads the tree and drives the built binary from outside. It must never become part of what ships, and no room of
//! the workspace may depend on it.

mod conformance;
mod source;
mod tidy;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "usage: cargo xtask <command>

  tidy                           check what the compiler does not: arrows, exits, bans, docs, sizes, links
  conformance CLIENT [--require] run a published client, unchanged, against a server of ours; CLIENT is
                                 fruxon, truefoundry (the SDK and the tfy command line), oidc (an
                                 OpenID provider, whose tokens the server is asked with), or guides (what
                                 docs/guides says to type, and the clients it says to install)
                                 --require: count it as a failure when the client cannot be installed
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy::run(&root()),
        ["conformance", "fruxon"] => conformance::fruxon(&root(), false),
        ["conformance", "fruxon", "--require"] => conformance::fruxon(&root(), true),
        ["conformance", "truefoundry"] => conformance::truefoundry(&root(), false),
        ["conformance", "truefoundry", "--require"] => conformance::truefoundry(&root(), true),
        ["conformance", "oidc"] => conformance::oidc(&root(), false),
        ["conformance", "oidc", "--require"] => conformance::oidc(&root(), true),
        ["conformance", "guides"] => conformance::guides(&root(), false),
        ["conformance", "guides", "--require"] => conformance::guides(&root(), true),
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

/// Writes a line of the transcript to stdout. A closed pipe is nobody's failure.
fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref().trim_end());
}
