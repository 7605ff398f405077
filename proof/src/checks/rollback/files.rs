//! A whole store that is put back: known at the start, served to nobody, gone on from when that is accepted, on record.

use super::{
    parts::{self, LATEST, Verdict},
    ready,
    states::{States, bytes, last_of},
};
use serde_json::{Value, json};
use std::fs;
use subrosa_testkit::TestServer;

/// Puts back an earlier store as it was, accepts it, and puts the last one back in its place.
pub(super) async fn store(states: &mut States, at: usize) -> Result<(), String> {
    let (last, now) = (states.count(), (states.position(at), states.position(states.count())));
    states.put(at, last);
    let server = states.starts().await;
    let said = refused(&server, &states.revoked, now).await;
    states.stops(server).await;
    said?;
    if bytes(&states.stopped().store_file()) != bytes(&states.store(at)) {
        return Err("it was written, though nobody accepted it".to_owned());
    }
    let accepted = states.stopped().accept().await;
    let accepted = accepted.map(|set_back| (set_back.store(), set_back.checkpoint()));
    if accepted != Some((now.0, Some(now.1))) || states.stopped().accept().await.is_some() {
        return Err(format!("{accepted:?} was accepted where {now:?} was to be"));
    }
    let server = states.starts().await;
    let (ready_now, events) = (ready(&server).await, on_record(&server).await);
    states.stops(server).await;
    let positions = json!({ "store": now.0, "checkpoint": now.1 });
    if ready_now.0 != 200 || events != [positions] {
        return Err(format!("once accepted: {ready_now:?}, on record {events:?}"));
    }
    fs::copy(states.store(last), states.stopped().store_file()).unwrap();
    not_served(states, "the store that was given up for it").await?;

    // As it was but for the anchor: it stands where it should, and its heads do not.
    states.put(at, last);
    states.bring_forward(&["anchors", "anchor_checkpoints"]);
    let server = states.starts().await;
    let found = parts::verdict(&server, None).await;
    states.stops(server).await;
    if found != Ok(Verdict { heads: false, ..LATEST }) {
        return Err(format!("under the latest anchor it is called {found:?}"));
    }

    // A store that went on after its last checkpoint is the latest.
    states.put(last, at);
    let server = states.starts().await;
    let ahead = ready(&server).await;
    states.stops(server).await;
    states.restore();
    match ahead.0 {
        200 => Ok(()),
        _ => Err(format!("a store ahead of its checkpoint: {}", ahead.1)),
    }
}

/// Goes on from an earlier store until it is as far as the last one, which it is not.
pub(super) async fn another_way(states: &mut States) -> Result<(), String> {
    let (from, last) = (states.count() - 1, states.count());
    states.put(from, from);
    let server = states.starts().await;
    for made in states.position(from)..states.position(last) + 2 {
        server.operator().keeps(&format!("OTHER_{made}"), "v").await;
    }
    states.stops(server).await;
    if let Some(file) = last_of(states.stopped()) {
        fs::write(file, states.checkpoint(last)).unwrap();
    }
    not_served(states, "a store that went another way").await?;
    states.restore();
    Ok(())
}

async fn not_served(states: &mut States, what: &str) -> Result<(), String> {
    let server = states.starts().await;
    let (status, _) = ready(&server).await;
    states.stops(server).await;
    if status == 503 { Ok(()) } else { Err(format!("{what} was served")) }
}

/// What a store that was set back must say, and whom it must serve: nobody, not a token that works in it.
async fn refused(server: &TestServer, token: &str, now: (u64, u64)) -> Result<(), String> {
    let (status, reason) = ready(server).await;
    let words: Vec<&str> = reason.split(|one: char| !one.is_ascii_digit()).collect();
    let names = |position: u64| words.contains(&position.to_string().as_str());
    if status != 503 || !names(now.0) || !names(now.1) {
        return Err(format!("the server is ready: {status} {reason}, at {now:?}"));
    }
    let (operator, bearer) = (server.operator(), server.with_token(token));
    let secrets = "/v1/tenants/default/secrets";
    let body = json!({ "key": "WRITTEN", "value": "v" });
    for (what, reply) in [
        ("wrote", operator.post(secrets, body).await),
        ("made a tenant", operator.post("/v1/tenants", json!({ "slug": "new" })).await),
        ("looked with a token", bearer.get(secrets).await),
    ] {
        if reply.status != 503 || reply.json()["code"] != "store-set-back" {
            return Err(format!("somebody {what} and was answered {}", reply.status));
        }
    }
    Ok(())
}

/// The positions that were accepted, as the deployment's log has them.
async fn on_record(server: &TestServer) -> Vec<Value> {
    let list = "/v1/auditEvents";
    let events = server.operator().all_events(list, "action=rollback.accept").await;
    events.into_iter().map(|event| event["details"]["setBack"].clone()).collect()
}
