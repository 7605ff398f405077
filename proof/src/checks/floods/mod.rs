//! Too much of everything, from people nobody knows: bodies without end, JSON without a floor, a thousand connections
//! that are never done. The server reads no more than it must, stays the size it is, and goes on answering everybody
//! else.

mod bodies;
mod connections;
mod hostile;
mod neighbours;

use crate::{
    check::{Check, Context, Outcome},
    served::{Home, Served},
};
use serde_json::{Value, json};

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

/// A token of a tenant that may do everything in it.
async fn admin_of(served: &Served, tenant: &str) -> String {
    let path = format!("/v1/tenants/{tenant}/tokens:generate");
    let minted = served.operator().send("POST", &path, Some(&json!({ "preset": "admin" }))).await;
    let token: Value = minted.expect("an answer").expect(201)["token"].clone();
    token.as_str().expect("text").to_owned()
}
