//! No answer and no log holds a byte of what was sent: a canary in every field of every body, in every parameter, path
//! and header, wrong in every way.
//!
//! Made from the API's own description, so a field that is added is in here at once.

mod log;
mod offences;

use crate::check::{Check, Context, Outcome};
use hyper::Method;
use log::Log;
use offences::{
    CANARY, HERE, NUMBER, fields, holds_canary, is_offence, offences as wrongs, wholes,
};
use serde_json::{Value, json};
use subrosa_testkit::{
    Actor, DEFAULT, Reply, TestServer,
    belongings::{Ids, belongings},
    document::{Operation, operations},
    id_of,
};

pub(crate) const CHECK: Check = Check {
    name: "echo",
    holds: "nothing that was sent comes back in a refusal, the audit or the log",
    plants: &["error-echoes-value", "body-logged", "value-in-error", "route-as-sent"],
    run,
};

/// A server, what it holds, and those who may do all there is with it.
struct World {
    server: TestServer,
    operator: Actor,
    admin: Actor,
    ids: Ids,
}

fn run(context: &Context) -> Outcome {
    context.block_on(async {
        let log = Log::capture();
        let server = TestServer::start_guarded(0, &[]).await;
        let (operator, admin) = (server.operator(), server.admin("default").await);
        let ids = belongings(&server, "default").await;
        let world = World { server, operator, admin, ids };
        match world.attack(&log).await {
            Ok(counts) => Outcome::Held(counts),
            Err(how) => Outcome::Violated(how),
        }
    })
}

impl World {
    async fn attack(&self, log: &Log) -> Result<Vec<(u64, &'static str)>, String> {
        let rows = self.server.deciding_rows();
        let in_fields = self.in_fields(log).await?;
        self.nothing_was_kept(&rows, log).await?;
        let wholes = self.as_wholes(log).await?;
        let elsewhere = self.elsewhere(log).await?;
        self.nothing_was_kept(&rows, log).await?;
        self.even_when_it_fails(log).await?;
        Ok(vec![
            (in_fields, "offences in fields"),
            (wholes, "whole bodies"),
            (elsewhere, "parameters, places and headers"),
        ])
    }

    fn master(&self, operation: &Operation) -> &Actor {
        operation.master(&self.operator, &self.admin)
    }

    async fn in_fields(&self, log: &Log) -> Result<u64, String> {
        let mut cases = 0;
        for (operation, schema) in bodies() {
            for (body, field, pointer) in fields(&schema) {
                let (before, after) = body.split_once(HERE).expect("a place");
                let name = pointer.rsplit('/').next().expect("a name");
                for (offence, bytes) in wrongs(&field) {
                    if offence == "a duplicate" && name == "0" {
                        continue;
                    }
                    let what = format!("{} {pointer}: {offence}", operation.name());
                    let bytes = named(bytes, name);
                    let body = [before.as_bytes(), &bytes, after.as_bytes()].concat();
                    let path = operation.at(&self.ids);
                    let who = self.master(&operation);
                    let reply = who.send(operation.method.clone(), &path, Some(body)).await;
                    if is_offence(&operation, offence) {
                        refused(&reply, &what)?;
                    } else {
                        quiet(&reply, &what)?;
                    }
                    cases += 1;
                }
            }
            is_quiet(&log.since())?;
        }
        assert!(cases > 500, "{cases} cases");
        Ok(cases)
    }

    async fn as_wholes(&self, log: &Log) -> Result<u64, String> {
        let mut cases = 0;
        for (operation, schema) in bodies() {
            let (who, path) = (self.master(&operation), operation.at(&self.ids));
            for body in wholes(&schema) {
                let what = format!("{} with {body}", operation.name());
                let reply = who.send(operation.method.clone(), &path, Some(body.into())).await;
                refused(&reply, &what)?;
                cases += 1;
            }
            let kind = format!("text/{CANARY}").into_bytes();
            let headers = [("content-type", &kind[..])];
            let reply = who.sends(&operation.method, &path, &headers, CANARY.into()).await;
            let reply = reply.expect("a request");
            quiet(&reply, &operation.name())?;
            if reply.status != 415 {
                return Err(format!("{} took a text: {}", operation.name(), reply.status));
            }
            is_quiet(&log.since())?;
        }
        Ok(cases)
    }

    /// In queries, in places of paths, in headers.
    async fn elsewhere(&self, log: &Log) -> Result<u64, String> {
        let mut cases = 0;
        for operation in operations() {
            let plain = operation.at(&self.ids);
            if operation.method == Method::GET {
                let named = operation.query.iter().map(String::as_str).chain([CANARY]);
                for name in named.filter(|name| !is_shown(&operation, name)) {
                    for value in [
                        CANARY,
                        &format!("{CANARY}%00%ff"),
                        &format!("{CANARY}&{name}={CANARY}"),
                        NUMBER,
                    ] {
                        let reply = self.admin.get(&format!("{plain}?{name}={value}")).await;
                        quiet(&reply, &format!("{} {name}", operation.name()))?;
                        cases += 1;
                    }
                }
            }
            for place in operation.parameters() {
                let ids = self.ids.with(operation.surface(), place, CANARY);
                let named_by_caller = place == "agent" && operation.method == Method::PUT;
                if !named_by_caller {
                    let (path, body) = (operation.at(&ids), Some(b"{}".to_vec()));
                    let reply = self.admin.send(operation.method.clone(), &path, body).await;
                    quiet(&reply, &format!("{} at {place}", operation.name()))?;
                    cases += 1;
                }
            }
            let bearer = format!("Bearer {CANARY}");
            for (name, value) in [
                ("authorization", bearer.as_str()),
                ("x-api-key", CANARY),
                ("x-request-id", CANARY),
                ("x-fruxon-actor", CANARY),
                ("accept", CANARY),
                ("cookie", CANARY),
                ("origin", CANARY),
            ] {
                let (stranger, headers) = (self.server.stranger(), [(name, value.as_bytes())]);
                let reply = stranger.sends(&operation.method, &plain, &headers, Vec::new()).await;
                quiet(&reply.expect("a request"), &format!("{} {name}", operation.name()))?;
                cases += 1;
            }
            is_quiet(&log.since())?;
        }
        let token = self.admin.get(&format!("{DEFAULT}/tokens/current")).await.expect(200);
        let activity = format!("{DEFAULT}/tokens/{}/activity?pageSize=1000", id_of(&token));
        quiet(&self.admin.get(&activity).await, "the token's activity")?;
        Ok(cases)
    }

    /// Nothing changed, nothing is on record, and nothing is logged.
    async fn nothing_was_kept(&self, rows: &[String], log: &Log) -> Result<(), String> {
        // A value that was well asked for is no refusal, and leaves a note that it was read.
        if self.server.deciding_rows() != rows {
            return Err("a refusal changed what is stored".to_owned());
        }
        for log in [&format!("{DEFAULT}/auditEvents"), "/v1/auditEvents"] {
            let events = json!(self.operator.all_events(log, "").await).to_string();
            if holds_canary(&events) {
                return Err(format!("{log} has it"));
            }
        }
        is_quiet(&log.since())
    }

    /// Not even when the server itself fails is anything said.
    async fn even_when_it_fails(&self, log: &Log) -> Result<(), String> {
        is_quiet(&log.since())?;
        let lock = self.server.locked();
        let body = json!({ "key": "L", "value": CANARY, "note": CANARY, "description": CANARY });
        let failed = self.operator.post(&format!("{DEFAULT}/secrets"), body).await;
        drop(lock);
        assert_eq!(failed.refused(503), "store-unavailable");
        let logged = log.since();
        let told = ["WARN", "ERROR"].iter().any(|level| logged.contains(level));
        assert!(told, "a failure is logged: {logged}");
        if holds_canary(&failed.json().to_string()) {
            return Err("a failure repeats what was sent".to_owned());
        }
        is_quiet(&logged)
    }
}

fn is_quiet(logged: &str) -> Result<(), String> {
    match logged.lines().find(|line| holds_canary(line)) {
        Some(line) => {
            Err(format!("the log has it: {}", line.chars().take(200).collect::<String>()))
        }
        None => Ok(()),
    }
}

/// Nothing of the canary, and no fault of the server's own.
fn quiet(reply: &Reply, what: &str) -> Result<(), String> {
    let body = String::from_utf8_lossy(&reply.bytes);
    let told = holds_canary(&body) || holds_canary(&format!("{:?}", reply.headers));
    let brief: String = what.chars().take(300).collect();
    if told || reply.status.is_server_error() {
        return Err(format!("{brief}: {} {body}", reply.status));
    }
    Ok(())
}

/// A refusal that tells what is wrong and nothing of what was sent.
fn refused(reply: &Reply, what: &str) -> Result<(), String> {
    quiet(reply, what)?;
    let is_refusal = [400, 413, 422].contains(&reply.status.as_u16());
    let is_problem = reply.headers["content-type"] == "application/problem+json";
    if is_refusal && is_problem && reply.bytes.len() < 4_096 {
        return Ok(());
    }
    let brief: String = what.chars().take(300).collect();
    Err(format!("{brief}: {}, {} bytes", reply.status, reply.bytes.len()))
}

/// Whether a page shows this parameter on purpose: the code that a person is about to approve.
fn is_shown(operation: &Operation, parameter: &str) -> bool {
    operation.path == "/device" && parameter == "code"
}

fn bodies() -> Vec<(Operation, Value)> {
    operations().into_iter().filter_map(|one| Some((one.clone(), one.body?))).collect()
}

/// The offence with the field's own name in it, for the one that names it twice.
fn named(bytes: Vec<u8>, name: &str) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => text.replace("@NAME@", name).into_bytes(),
        Err(odd) => odd.into_bytes(),
    }
}
