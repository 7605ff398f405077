//! Too much of everything, from people nobody knows: bodies without end, JSON without a floor, a thousand connections
//! that are never done. The server reads no more than it must, stays the size it is, and goes on answering everybody
//! else.

mod bodies;
mod connections;
mod hostile;
mod neighbours;

use crate::{
    check::{Check, Context, Outcome},
    served::Home,
};

pub(crate) const CHECK: Check = Check {
    name: "floods",
    holds: "floods are refused unread, cost at most 64 MiB and hold up nobody else",
    plants: &[
        "body-unbounded",
        "body-any-depth",
        "anyone-sends-a-mebibyte",
        "connections-leaked",
        "limiter-holds-all",
    ],
    run,
};

fn run(context: &Context) -> Outcome {
    let home = Home::new(context.binary());
    connections::allow_files();
    // Few unknown credentials a second are enough, so that somebody who guesses is told to wait on any machine.
    let served = home.serve_with(&["--unknown-credentials-per-second", "50"]);
    let attacked = context.block_on(async {
        let bodies = bodies::attack().await?;
        let held = connections::attack(context, &served).await?;
        let answered = neighbours::attack(context, &served).await?;
        Ok::<_, String>(vec![
            (bodies, "bodies"),
            (held, "hostile connections"),
            (answered, "answers to neighbours"),
        ])
    });
    match attacked {
        Ok(counts) => Outcome::Held(counts),
        Err(how) => Outcome::Violated(how),
    }
}
