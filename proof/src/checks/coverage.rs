//! Nothing is asked for without a trace: every operation, granted, denied and sent in a form it does not take.
//!
//! A trace is an event of the audit log or, of what was not denied, a line of the token's activity; either says who,
//! what, when, with what outcome and for which request. What is on no record is said in
//! docs/reference/audit-format.md, and here it is taken from the API's description: what is for everyone, and what the
//! operator reads or says wrong.

use crate::check::{Check, Context, Outcome};
use hyper::Method;
use rusqlite::Connection;
use serde_json::Value;
use std::time::Duration;
use subrosa_testkit::{
    Actor, Reply, TestServer,
    belongings::{Ids, absent, belongings},
    blob,
    document::{Opens, Operation, operations},
};

pub(crate) const CHECK: Check = Check {
    name: "coverage",
    holds: "every operation leaves a record: granted, denied and malformed",
    plants: &["refusal-unrecorded", "reads-unrecorded"],
    run,
};

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Became {
    Granted,
    Denied,
    Malformed,
}

/// A request, and whether there was a record of it before the next was made: what is granted last may take all records
/// along.
struct Asked {
    became: Became,
    who: &'static str,
    reply: Reply,
    on_record: bool,
}

/// A server, whose it is, and what is counted of it.
struct World {
    server: TestServer,
    ids: Ids,
    admin: Actor,
    nobody: Actor,
    foreigner: Actor,
}

fn run(context: &Context) -> Outcome {
    context.block_on(async {
        let (mut cells, mut granted, mut exempt) = (0, 0, 0);
        let every = usize::try_from(context.many(9, 1, 1)).unwrap();
        for operation in operations().iter().step_by(every) {
            // A server of its own for each: what was granted may have changed everything.
            let world = World::new().await;
            for Asked { became: kind, who, reply, on_record } in world.asks(operation).await {
                if is_exempt(operation, kind, who) {
                    exempt += 1;
                    continue;
                }
                if !on_record {
                    let (name, status) = (operation.name(), reply.status);
                    let how = format!("{name}, {kind:?} to {who}, answered {status}: no record");
                    return Outcome::Violated(how);
                }
                cells += 1;
                granted += u64::from(kind == Became::Granted && reply.status.is_success());
            }
        }
        assert!(every > 1 || granted > 60, "{granted} operations were granted");
        Outcome::Held(vec![(cells, "outcomes"), (granted, "granted"), (exempt, "exempt")])
    })
}

/// What is on no record: nobody is asked who they are, or it is the operator, over the socket, and nothing changes.
fn is_exempt(operation: &Operation, kind: Became, who: &str) -> bool {
    let looks = operation.method == Method::GET || kind == Became::Malformed;
    operation.opens == Opens::Everyone || (who == "the operator" && looks)
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start_guarded(0, &[]).await;
        server.tenant("acme").await;
        let ids = belongings(&server, "default").await;
        let (admin, nobody) = (server.admin("default").await, server.token("default", &[]).await);
        let foreigner = server.admin("acme").await;
        Self { server, ids, admin, nobody, foreigner }
    }

    /// Asks in every way there is, what is granted last.
    async fn asks(&self, operation: &Operation) -> Vec<Asked> {
        let mut asked = Vec::new();
        let body = operation.example().map(|body| body.to_string().into_bytes());
        let (at, method) = (operation.at(&self.ids), &operation.method);
        let mut ask = async |became, who: &'static str, actor: &Actor, path: &str, body| {
            // What is alike in the same minute is one line of activity.
            self.server.clock.advance(Duration::from_secs(60));
            let reply = actor.send(method.clone(), path, body).await;
            self.server.app().flush().await.expect("a flush");
            let on_record = match became {
                Became::Denied if !reply.status.is_success() => self.is_audited(&reply).await,
                _ => self.is_active(&reply) || self.is_audited(&reply).await,
            };
            asked.push(Asked { became, who, reply, on_record });
        };
        let is_operators = operation.opens == Opens::Operator;
        let (who, master) = match is_operators {
            true => ("the operator", self.server.operator()),
            false => ("an admin", self.admin.clone()),
        };
        ask(Became::Denied, "a stranger", &self.server.stranger(), &at, body.clone()).await;
        if matches!(operation.opens, Opens::Scope(_) | Opens::Operator) {
            ask(Became::Denied, "one without scopes", &self.nobody, &at, body.clone()).await;
        }
        if operation.path.contains("{tenant}") {
            ask(Became::Denied, "a foreigner", &self.foreigner, &at, body.clone()).await;
        }
        let surface = operation.surface();
        let nothing = absent("default");
        for place in operation.parameters().into_iter().filter(|one| operation.names_a_thing(one)) {
            let gone = self.ids.with(surface, place, nothing.get(surface, place));
            ask(Became::Denied, who, &master, &operation.at(&gone), body.clone()).await;
            let odd = self.ids.with(surface, place, "an!odd!one");
            ask(Became::Malformed, who, &master, &operation.at(&odd), body.clone()).await;
        }
        if operation.body.is_some() {
            ask(Became::Malformed, who, &master, &at, Some(b"{".to_vec())).await;
        } else if operation.method == Method::GET {
            let odd = format!("{at}?pageSize=many&limit=many&metric=many&from=then");
            ask(Became::Malformed, who, &master, &odd, None).await;
        }
        ask(Became::Granted, who, &master, &at, body).await;
        asked
    }

    /// A line of activity: of which token, with what method, at which route, when, with what status.
    fn is_active(&self, reply: &Reply) -> bool {
        let store = Connection::open(self.server.store_file()).unwrap();
        let sql = format!(
            "SELECT count(*) FROM activities WHERE id = {} AND status = {} \
             AND length(token_id) = 16 AND method <> '' AND path <> '' AND at > 0",
            blob(reply.request_id()),
            reply.status.as_u16()
        );
        store.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    async fn is_audited(&self, reply: &Reply) -> bool {
        let operator = self.server.operator();
        for log in ["default", "acme"].map(|slug| format!("/v1/tenants/{slug}/auditEvents")) {
            let there = operator.get(&log).await.status == 200;
            if there && says_it_all(&operator.all_events(&log, "").await, reply) {
                return true;
            }
        }
        says_it_all(&operator.all_events("/v1/auditEvents", "").await, reply)
    }
}

fn says_it_all(events: &[Value], reply: &Reply) -> bool {
    let outcome = if reply.status.is_success() { "ALLOWED" } else { "DENIED" };
    events.iter().any(|event| {
        let words = [&event["actor"]["id"], &event["action"], &event["resource"]["kind"]];
        event["requestId"] == reply.request_id()
            && event["decision"] == outcome
            && event["time"].is_number()
            && words.iter().all(|word| word.as_str().is_some_and(|word| !word.is_empty()))
    })
}
