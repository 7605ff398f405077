//! One spelling, one meaning. Whatever is sent in place of a name (in a path, a body, a query, a header) is that name,
//! or it is refused: never is what was authorised another name than what is read or stored.
//!
//! What one decoding of percent escapes makes of a segment is its name; nothing else is done to it. An id of 36
//! characters is the same in either case.

mod bodies;
mod headers;
mod paths;
mod raw;
mod spellings;

use crate::{
    check::{Check, Context, Outcome},
    served::{Home, Served},
};
use subrosa_testkit::{Actor, TestServer, belongings::Ids, belongings::belongings};

pub(crate) const CHECK: Check = Check {
    name: "canonical",
    holds: "a name has one spelling: what is authorised is what is read and stored, or it is refused",
    plants: &[
        "slug-case-folded",
        "path-decoded-twice",
        "duplicate-key-wins-last",
        "key-trimmed",
        "first-credential-wins",
        "scheme-twice",
    ],
    run,
};

/// A tenant that has one of everything, and those who may do all there is with it.
struct World {
    server: TestServer,
    operator: Actor,
    admin: Actor,
    ids: Ids,
}

fn run(context: &Context) -> Outcome {
    let home = Home::new(context.binary());
    let served = home.serve();
    context.block_on(async {
        let server = TestServer::start_guarded(0, &[]).await;
        let ids = belongings(&server, "default").await;
        let (operator, admin) = (server.operator(), server.admin("default").await);
        let world = World { server, operator, admin, ids };
        match attack(context, &world, &served).await {
            Ok(counts) => Outcome::Held(counts),
            Err(how) => Outcome::Violated(how),
        }
    })
}

async fn attack(
    context: &Context,
    world: &World,
    served: &Served,
) -> Result<Vec<(u64, &'static str)>, String> {
    let paths = paths::attack(context, world).await?;
    let names = bodies::names(world).await?;
    let references = bodies::references(world).await?;
    let duplicates = bodies::duplicates(world).await?;
    let headers = headers::attack(world).await?;
    let raw = raw::attack(served).await?;
    Ok(vec![
        (paths, "paths"),
        (names, "names to store"),
        (references, "references"),
        (duplicates, "members twice"),
        (headers, "headers"),
        (raw, "raw requests"),
    ])
}
