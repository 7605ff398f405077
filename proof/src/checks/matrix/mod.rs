//! Every operation, asked for by everybody who may not have it, with every id in every place: made from the API's
//! description and the catalogue of scopes alone, so that a new route is in it at once.
//!
//! A refusal must be that of an absent thing, to the byte but for the request's id; change nothing that is stored; and
//! be on record with who asked for what.

mod cells;
mod people;
mod record;

use crate::check::{Check, Context, Outcome};
use cells::Matrix;

pub(crate) const CHECK: Check = Check {
    name: "matrix",
    holds: "whoever may not is refused as if nothing were there, changes nothing and is on record",
    plants: &[
        "foreign-tenant-visible",
        "scope-unchecked",
        "refusal-unrecorded",
        "refusal-writes",
        "absent-reveal-unrecorded",
    ],
    run,
};

fn run(context: &Context) -> Outcome {
    context.block_on(async {
        let mut matrix = Matrix::new(context).await;
        match matrix.walk().await {
            Ok(()) => Outcome::Held(matrix.counts()),
            Err(how) => Outcome::Violated(how),
        }
    })
}
