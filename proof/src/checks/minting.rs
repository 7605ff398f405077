//! Nobody mints more than they have: every pair of what a minter has and what is asked for.

use crate::{
    check::{Check, Context, Outcome},
    holds,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

pub(crate) const CHECK: Check = Check {
    name: "minting",
    holds: "a token is never minted, rotated or restored with more than its minter has",
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
        for ask in 0..asked {
            let wants = drawn(&all, minter * asked + ask);
            let (reply, body) = asks(&actor, &wants, ask).await;
            let fits = wants.is_subset(&has);
            holds!(
                (reply == 201) == fits,
                "one with {has:?} asked for {body} and was answered {reply}"
            );
            pairs += 1;
        }
    }
    Outcome::Held(vec![(minters, "minters"), (pairs, "pairs")])
}

async fn asks(actor: &Actor, wants: &BTreeSet<String>, ask: u64) -> (u16, Value) {
    let kind = if ask.is_multiple_of(2) { "USER" } else { "CLI" };
    let body = json!({ "scopes": wants, "type": kind });
    let reply = actor.post(&format!("{DEFAULT}/tokens:generate"), body.clone()).await;
    (reply.status.as_u16(), body)
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
