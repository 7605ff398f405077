//! Each operation with its first call failing, its second, and so on, until it is through before that call.

use super::{
    Found,
    asks::{self, Ask},
    stage::{Delta, Stage, delta, is_clean},
};
use crate::check::Context;
use std::collections::BTreeSet;
use subrosa_testkit::{
    Reply,
    document::{Operation, operations},
    faults::{Fault, Plane},
};

const FAULTS: [Fault; 5] = [Fault::Io, Fault::Full, Fault::Short, Fault::Busy, Fault::ReadOnly];

/// No operation makes so many calls. One that seems to never ends.
const CALLS_MAX: u64 = 2_000;

/// What is not asked here, and why not.
const LEFT_OUT: [(&str, &str); 4] = [
    ("POST /device", "a form that calls what `:approve` and `:deny` call"),
    ("POST /api/svc/v1/dependency-tree", "answers the same whatever there is"),
    ("POST /api/svc/v1/oauth2/device-authorize", "is kept in memory alone"),
    ("POST /v1/deviceAuthorizations", "is kept in memory alone"),
];

/// Answers that tell what was done a moment ago.
const CHANGING: [&str; 7] =
    ["udit", "activity", "metrics", "health", "tokens", "serviceAccounts", "session"];

pub(super) async fn attack(context: &Context, plane: &'static Plane) -> Found {
    let documented: Vec<Operation> = operations();
    let reads =
        documented.iter().filter(|one| one.method == "GET" && !asks::is_listed(&one.name()));
    let names: BTreeSet<String> = documented.iter().map(Operation::name).collect();
    let unknown = names.iter().filter(|name| {
        !name.starts_with("GET ")
            && !asks::is_listed(name)
            && !LEFT_OUT.iter().any(|(left, _)| left == name)
    });
    let unknown: Vec<&String> = unknown.collect();
    assert!(unknown.is_empty(), "operations that nobody attacks: {unknown:?}");
    let every = context.many(6, 1, 1);
    let mut tried = 0;
    for (at, name) in (0..).zip(asks::ALL) {
        // A control tries one operation in a few, with those first that do most in one commit.
        if at % every != 0 {
            continue;
        }
        let stage = Stage::new(plane).await;
        for fault in FAULTS {
            tried += nth(&stage, name, None, fault).await?;
        }
        stage.ends().await.map_err(|how| format!("after {name}: {how}"))?;
    }
    let stage = Stage::new(plane).await;
    for (at, read) in (0..).zip(reads) {
        if at % every == 0 {
            for fault in [Fault::Io, Fault::Busy] {
                tried += nth(&stage, &read.name(), Some(read), fault).await?;
            }
        }
    }
    stage.ends().await?;
    Ok(tried)
}

/// One operation with one fault.
async fn nth(stage: &Stage, name: &str, read: Option<&Operation>, fault: Fault) -> Found {
    let prepared = async || match read {
        Some(read) => Ask::read(stage, read),
        None => asks::ask(stage, name).await,
    };
    let before = stage.rows();
    let asked = prepared().await;
    let made = if read.is_some() { before } else { stage.rows() };
    let clean = asked.send().await;
    let did = delta(&made, &stage.rows());
    assert!(read.is_some() || clean.status.is_success(), "{name}: {clean:?}");
    let (mut ask, mut before) = (prepared().await, stage.rows());
    for nth in 1..CALLS_MAX {
        let told = |how: &str| format!("{name} with {fault:?} at its call {nth}: {how}");
        stage.chill();
        let (reply, failed) = {
            let arm = stage.fails(fault, nth);
            let reply = ask.send().await;
            (reply, arm.failed())
        };
        let after = stage.rows();
        let done = reply.status == clean.status;
        let clean_refusal = is_clean(&reply) || name.contains("/health/") && reply.status == 503;
        if !done && !clean_refusal {
            return Err(told(&format!("it was answered {}", shown(&reply))));
        }
        did_right(&reply, done, &delta(&before, &after), &did).map_err(|how| told(&how))?;
        stage.goes_on().await.map_err(|how| told(&how))?;
        if done && read.is_some() && !CHANGING.iter().any(|word| name.contains(word)) {
            let again = ask.send().await;
            if again.bytes != reply.bytes {
                return Err(told("it was answered otherwise than without"));
            }
        }
        if failed == 0 {
            return if done { Ok(nth) } else { Err(told("nothing failed, and it was refused")) };
        }
        before = after;
        if done && read.is_none() {
            ask = prepared().await;
            before = stage.rows();
        }
    }
    panic!("{name} makes no end of calls")
}

/// Whether what was answered and what was done are the same: all of it, or nothing.
fn did_right(reply: &Reply, done: bool, delta: &Delta, did: &Delta) -> Result<(), String> {
    match done {
        true if delta == did => Ok(()),
        true => Err(format!("it was acknowledged, and did {delta:?} instead of {did:?}")),
        false if delta.is_empty() => Ok(()),
        false => Err(format!("it was refused ({}) and did {delta:?}", shown(reply))),
    }
}

fn shown(reply: &Reply) -> String {
    format!("{} {}", reply.status, String::from_utf8_lossy(&reply.bytes))
}
