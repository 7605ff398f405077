//! Callers who share commits, while one call of the file system fails: each is answered for itself, and rightly.

use super::{
    Found,
    stage::{chains_hold, is_clean},
};
use crate::check::Context;
use serde_json::json;
use subrosa_testkit::{
    DEFAULT, TestServer,
    faults::{Failure, Fault, Plane},
};
use tokio::task::JoinSet;

/// Callers at once. The first commit takes one of them, the next all that came meanwhile.
const CALLERS: u64 = 8;

pub(super) async fn attack(context: &Context, plane: &'static Plane) -> Found {
    let server = TestServer::start().await;
    let calls = context.many(6, 40, 200);
    let mut tried = 0;
    for fault in [Fault::Io, Fault::Short] {
        for nth in 1..=calls {
            together(&server, plane, fault, nth).await?;
            tried += 1;
        }
    }
    let server = server.restart().await;
    chains_hold(&server).await?;
    Ok(tried)
}

async fn together(
    server: &TestServer,
    plane: &'static Plane,
    fault: Fault,
    nth: u64,
) -> Result<(), String> {
    let (operator, folder) = (server.operator(), server.data());
    server.executes("UPDATE deployment SET created_at = created_at");
    let arm = plane.fails(Failure { fault, folder, at: vec![], nth, lasting: false });
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let operator = operator.clone();
        callers.spawn(async move {
            let key = format!("C_{fault:?}_{nth}_{caller}");
            let body = json!({ "key": key, "value": "v", "disclosure": "READABLE" });
            (key, operator.post(&format!("{DEFAULT}/secrets"), body).await)
        });
    }
    let replies = callers.join_all().await;
    drop(arm);
    for (key, reply) in replies {
        let told = format!("{key} was answered {}", reply.status);
        if reply.status != 201 && !is_clean(&reply) {
            return Err(told);
        }
        let there = operator.reveals_all(json!([{ "key": key }])).await.expect(200);
        let there = there["items"][0]["value"] == "v";
        if there != (reply.status == 201) {
            return Err(format!("{told}, and that it is there is {there}"));
        }
    }
    chains_hold(server).await
}
