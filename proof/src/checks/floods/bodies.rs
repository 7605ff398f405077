//! Bodies without end and JSON without a floor, to every operation that takes one; how much of them is read is counted.

use serde_json::Value;
use subrosa_testkit::{
    Actor, TestServer,
    belongings::belongings,
    document::{Opens, Operation, operations},
};

const MIB: usize = 1024 * 1024;

/// What one read may be ahead of what was counted.
const AHEAD: usize = 32 * 1024;

pub(super) async fn attack() -> Result<u64, String> {
    let server = TestServer::start_guarded(0, &[]).await;
    let ids = belongings(&server, "default").await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let (stranger, nobody) = (server.stranger(), server.token("default", &[]).await);
    let mut sent = 0;
    for operation in operations().iter().filter(|one| one.body.is_some()) {
        let path = operation.at(&ids);
        // Of whom nobody asks who they are less is read.
        let most = if operation.opens == Opens::Everyone { 16 * 1024 } else { MIB };
        for announced in [false, true] {
            let (reply, read) = stranger.pours(&operation.method, &path, 64 * MIB, announced).await;
            let (limit, expected) = match operation.opens {
                Opens::Everyone if announced => (0, 413),
                Opens::Everyone => (most + AHEAD, 413),
                _ => (0, 401),
            };
            if reply.status != expected || read > limit {
                let what = format!("{} without a credential", operation.name());
                return Err(format!("{what}: {} after {read} bytes", reply.status));
            }
            sent += 1;
        }
        let who = operation.master(&operator, &admin);
        for (announced, limit) in [(false, most + AHEAD), (true, 0)] {
            let (reply, read) = who.pours(&operation.method, &path, 64 * MIB, announced).await;
            let refused = reply.status == 413 && reply.json()["code"] == "body-too-large";
            if !refused || read > limit {
                let what = format!("{}, by who may", operation.name());
                return Err(format!("{what}: {} after {read} bytes", reply.status));
            }
        }
        let (reply, _) = who.pours(&operation.method, &path, most, false).await;
        if reply.status != 400 {
            let what = format!("{} with {most} bytes, which are read", operation.name());
            return Err(format!("{what}: {}", reply.status));
        }
        if matches!(operation.opens, Opens::Scope(_) | Opens::Operator) {
            let (reply, read) = nobody.pours(&operation.method, &path, MIB, false).await;
            if reply.status != 403 || read > 0 {
                let what = format!("{} without the scope", operation.name());
                return Err(format!("{what}: {} after {read} bytes", reply.status));
            }
        }
        sent += 4 + json_without_a_floor(who, operation, &path).await?;
    }
    Ok(sent)
}

/// JSON deeper than 32, and of more than 10,000 values: refused for that, wherever it stands.
async fn json_without_a_floor(
    who: &Actor,
    operation: &Operation,
    path: &str,
) -> Result<u64, String> {
    let nested = |depth: usize| format!("{}0{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let many = |count: usize| format!("[{}0]", "0,".repeat(count));
    let all = [
        nested(33),
        nested(400_000),
        objects(33),
        objects(100_000),
        "[".repeat(900_000),
        "{\"a\":".repeat(150_000),
        many(10_001),
        many(400_000),
        format!("{{\"a\":{}}}", nested(32)),
        format!("{{{}\"z\":0}}", "\"a\":0,".repeat(5_001)),
    ];
    for body in &all {
        let reply = who.send(operation.method.clone(), path, Some(body.clone().into_bytes())).await;
        let anyones = operation.opens == Opens::Everyone && body.len() > 16 * 1024;
        let refused = match reply.status.as_u16() {
            413 => anyones,
            400 | 422 => is_about_size(&reply.json(), body),
            _ => false,
        };
        if !refused {
            let said = String::from_utf8_lossy(&reply.bytes);
            let shape: String = body.chars().take(20).collect();
            return Err(format!("{} with {shape}…: {} {said}", operation.name(), reply.status));
        }
    }
    Ok(all.len() as u64)
}

/// Whether the refusal says that it nests too deep, is too much, or has a member twice: not merely that it is of the
/// wrong type, which would mean that all of it was taken in first.
fn is_about_size(problem: &Value, body: &str) -> bool {
    let said = problem.to_string();
    let cut = !body.ends_with([']', '}']);
    let words = ["nests deeper", "more than 10000 values", "has a member twice"];
    cut || words.iter().any(|words| said.contains(words))
}
