//! A door for the fuzzer, in builds with the feature `fuzz` alone: what the command line makes of files, flags, names.

use crate::{env_name, login, moment, value_source};
use subrosa_api::{EpochMillis, Plaintext};

/// The variable that a secret's key becomes, and whether it may be set.
#[must_use]
pub fn variable(key: &str) -> (String, bool) {
    let name = env_name::of(key);
    let fits = env_name::check(&name, &[]).is_ok();
    (name, fits)
}

/// The server and the tenant of a kept login.
#[must_use]
pub fn login(bytes: &[u8]) -> Option<(String, String)> {
    login::parse(bytes).map(|login| (login.server.to_string(), login.tenant.to_string()))
}

/// A moment on the command line, and as it is printed.
#[must_use]
pub fn moment(text: &str) -> Option<(EpochMillis, String)> {
    moment::parse("--at", text).ok().map(|at| (at, moment::text(at)))
}

/// The value that comes through a pipe.
#[must_use]
pub fn piped(bytes: Vec<u8>, raw: bool) -> Plaintext {
    value_source::piped(bytes, raw).value
}
