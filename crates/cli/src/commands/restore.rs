//! What `subrosa restore` says. The restoring itself needs the store, so it is the program's, not a client's.

use crate::{exit::Exit, globals::Globals, output::Output};
use serde::Serialize;
use std::process::ExitCode;

/// What came of accepting a store as it is.
#[derive(Clone, Copy, Debug)]
pub enum Restored {
    /// It was set back, and goes on.
    Accepted {
        /// Where it stood.
        store: u64,
        /// Where its last checkpoint was, if that could be read.
        checkpoint: Option<u64>,
    },
    /// It goes with its last checkpoint.
    Current,
    /// No checkpoint of it is kept.
    NothingKept,
}

#[derive(Serialize)]
struct Document {
    accepted: bool,
    store: Option<u64>,
    checkpoint: Option<u64>,
}

/// Says what came of it, in the form that was asked for.
#[must_use]
pub fn report_restored(globals: &Globals, restored: Restored) -> ExitCode {
    let output = Output::new(globals.json);
    if globals.json {
        let (accepted, store, checkpoint) = match restored {
            Restored::Accepted { store, checkpoint } => (true, Some(store), checkpoint),
            Restored::Current | Restored::NothingKept => (false, None, None),
        };
        return match output.document("restore", &Document { accepted, store, checkpoint }) {
            Ok(()) => Exit::Done.into(),
            Err(failure) => output.fail(&failure).into(),
        };
    }
    match restored {
        Restored::Accepted { store, checkpoint } => {
            match checkpoint {
                Some(checkpoint) => output.done(format_args!(
                    "the store at {store} is accepted in place of the one at {checkpoint}, on record"
                )),
                None => output.done(format_args!(
                    "the store at {store} is accepted without a checkpoint that could be read, on record"
                )),
            }
            output.note("revoke again what was revoked since: it works again");
        }
        Restored::Current => {
            output.note("the store goes with its last checkpoint: nothing was changed");
        }
        Restored::NothingKept => {
            output.note(
                "no checkpoint of this store is kept in --checkpoint-dir, so `subrosa serve` takes it \
                 as it is: nothing was changed",
            );
        }
    }
    Exit::Done.into()
}
