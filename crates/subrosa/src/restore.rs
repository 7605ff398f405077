//! `subrosa restore`: goes on from a copy of the store that was put back.

use crate::{
    hygiene,
    serve::{no_place, refusal},
    serve_args::PlaceArgs,
};
use std::process::ExitCode;
use subrosa_cli::{Globals, Refusal, Restored, report_restored};
use subrosa_server::Acceptance;
use tokio::runtime::Builder;

/// Go on from an older copy of the store. The server must not be running.
#[derive(clap::Args, Debug)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    places: PlaceArgs,

    /// Give up what was done after the copy was made. It is put on record, with both positions
    #[arg(long, required = true)]
    accept_rollback: bool,
}

/// Accepts the store as it is. Exits 0 when it goes on, and when there was nothing to accept.
pub(crate) fn restore(args: RestoreArgs, globals: &Globals) -> ExitCode {
    let refuse = |refusal: Refusal<'_>| refusal.print(globals.json);
    if hygiene::harden().is_err() {
        let error = "this process cannot be kept from dumping its memory, so it will not hold keys";
        return refuse(Refusal::failed("not-hardened", error));
    }
    let places = match args.places.settle(globals) {
        Ok(places) => places,
        Err(missing) => return refuse(no_place(missing)),
    };
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
        return refuse(Refusal::failed("runtime", "the operating system refused an event queue"));
    };
    match runtime.block_on(subrosa_server::accept_rollback(&places)) {
        Ok(acceptance) => report_restored(
            globals,
            match acceptance {
                Acceptance::Accepted(set_back) => Restored::Accepted {
                    store: set_back.store(),
                    checkpoint: set_back.checkpoint(),
                },
                Acceptance::Current => Restored::Current,
                Acceptance::NothingKept => Restored::NothingKept,
            },
        ),
        Err(failure) => refuse(refusal(&failure, &failure.help())),
    }
}
