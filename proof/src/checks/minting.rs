//! Nobody mints more than they have: drawn pairs of what a minter has and what is asked for, of a new token and of one
//! of the minter's own that is rotated.

use crate::{
    check::{Check, Context, Outcome},
    holds,
};
use hyper::StatusCode;
use serde_json::json;
use std::collections::BTreeSet;
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

pub(crate) const CHECK: Check = Check {
    name: "minting",
    holds: "a token is never minted or rotated with more than its minter has",
    plants: &["mint-wider"],
    run,
};

fn run(context: &Context) -> Outcome {
    context.block_on(attack(context))
}

async fn attack(context: &Context) -> Outcome {
    let server = TestServer::start().await;
    let operator = server.operator();
    let catalogue = operator.get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    let all: Vec<String> = catalogue["scopes"].as_array().unwrap().iter().map(id_of).collect();
    let minters = context.many(8, 150, 1_500);
    let asked = context.many(20, 140, 140);
    let mut pairs = 0;
    for minter in 0..minters {
        // Every minter may mint; what else it has is drawn from the number, so that a run can be made again.
        let mut has = drawn(&all, minter * 2 + 1);
        has.insert("keys:write".to_owned());
        let scopes: Vec<&str> = has.iter().map(String::as_str).collect();
        let actor = server.token("default", &scopes).await;
        let own = actor.post(&format!("{DEFAULT}/tokens:generate"), json!({ "scopes": has })).await;
        let own = id_of(&own.expect(201));
        for ask in 0..asked {
            let wants = drawn(&all, minter * asked + ask);
            let fits = wants.is_subset(&has);
            for (way, reply) in [
                ("mint", mints(&actor, &wants, ask).await),
                ("rotate", rotates(&actor, &own, &wants).await),
            ] {
                holds!(
                    reply.is_success() == fits && (fits || reply == StatusCode::FORBIDDEN),
                    "one with {has:?} asked to {way} {wants:?} and was answered {reply}"
                );
            }
            pairs += 1;
        }
    }
    Outcome::Held(vec![(minters, "minters"), (pairs, "pairs")])
}

async fn mints(actor: &Actor, wants: &BTreeSet<String>, ask: u64) -> StatusCode {
    let kind = if ask.is_multiple_of(2) { "USER" } else { "CLI" };
    let body = json!({ "scopes": wants, "type": kind });
    actor.post(&format!("{DEFAULT}/tokens:generate"), body).await.status
}

async fn rotates(actor: &Actor, own: &str, wants: &BTreeSet<String>) -> StatusCode {
    let body = json!({ "scopes": wants });
    actor.post(&format!("{DEFAULT}/tokens/{own}:rotate"), body).await.status
}

/// A set of scopes that a number means.
fn drawn(all: &[String], number: u64) -> BTreeSet<String> {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let density = next() % 4 + 1;
    all.iter().filter(|_| next() % 5 < density).cloned().collect()
}
