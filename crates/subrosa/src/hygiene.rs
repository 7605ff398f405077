//! What the process does about its own memory before a value is in it. It must run before anything is read.
//!
//! Root, and whoever can load code into the kernel, is outside what this can do anything about.

use rustix::process::{Resource, Rlimit, setrlimit};
use subrosa_plant::planted;

/// The process could not be hardened, so it must not serve.
#[derive(Debug)]
pub(crate) struct NotHardened;

/// For the server: no core dump, and no other process of the same user may read or trace this one.
pub(crate) fn harden() -> Result<(), NotHardened> {
    if planted!("core-allowed") {
        return not_dumpable().map_err(|_| NotHardened);
    }
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .map_err(|_| NotHardened)?;
    if planted!("dumpable") {
        return Ok(());
    }
    not_dumpable().map_err(|_| NotHardened)
}

/// For every other command, which may hold a token or a value: the same, by the one setting that a program started by
/// `run` does not inherit. Where it cannot be had the command goes on: refusing to read a secret would protect nobody.
pub(crate) fn hide_memory() {
    let _ = not_dumpable();
}

#[cfg(target_os = "linux")]
fn not_dumpable() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

/// Elsewhere the limit on core dumps is all there is.
#[cfg(not(target_os = "linux"))]
fn not_dumpable() -> rustix::io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::{DumpableBehavior, dumpable_behavior, getrlimit};

    #[test]
    fn a_hardened_process_dumps_no_core_and_cannot_be_traced() {
        harden().unwrap();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
