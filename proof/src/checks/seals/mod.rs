//! Rows that decide something, edited by whoever can write to the database: every column of every kind of row that is
//! sealed, rows moved to another tenant, and rows made up.
//!
//! What takes a row out of sight is not among it (a row deleted, renamed or marked deleted is not believed to say
//! anything, it is not found): for that there are checkpoints.

mod cast;
mod edits;

use crate::{
    check::{Check, Context, Outcome},
    holds,
    tamper::{self, Refusals, bytes_of},
};
use cast::{Cast, Edited, Noun};
use edits::EDITS;
use std::time::Duration;
use subrosa_testkit::{TestServer, blob};

pub(crate) const CHECK: Check = Check {
    name: "seals",
    holds: "an edited row that decides something is not believed, says no more, and is on record",
    plants: &[
        "seal-unchecked",
        "secret-seal-without-tier",
        "secret-seal-without-pointer",
        "token-seal-without-scopes",
        "principal-seal-without-state",
        "group-seal-without-members",
        "tenant-seal-without-slug",
        "grant-seal-without-agent",
        "broken-seal-unrecorded",
        "unreadable-row-unrecorded",
        "older-key-active",
    ],
    run,
};

fn run(context: &Context) -> Outcome {
    context.block_on(attack(context))
}

async fn attack(context: &Context) -> Outcome {
    let each = usize::try_from(context.many(1, 24, 240)).unwrap();
    let server = TestServer::start().await;
    let mut cast = Cast::make(&server).await;
    let mut edited: Vec<Edited> = Vec::new();
    for edit in EDITS {
        for _ in 0..each {
            edited.push(cast.row(&server, edit).await);
        }
    }
    for one in &edited {
        let reply = one.asks(&server, true).await;
        // Whatever it is before it is edited (some tokens are revoked), it is not refused for what was not done yet.
        assert!(reply.status != 500 && reply.status != 404, "{}: {reply:?}", one.edit.what);
    }
    let seen = cast.unsealed(&server).await;

    let stopped = server.stop().await;
    let conn = tamper::open(&stopped.store_file());
    for one in &edited {
        let done = conn.execute_batch(&one.sql);
        assert!(done.is_ok() && conn.changes() > 0, "{}: {done:?}\n{}", one.edit.what, one.sql);
    }
    for (_, sql) in &seen {
        assert_eq!(conn.execute(sql, []).expect(sql), 1, "{sql}");
    }
    tamper::close(conn);
    let server = stopped.start().await;

    for (path, _) in &seen {
        let reply = server.operator().get(path).await;
        let text = String::from_utf8_lossy(&reply.bytes).into_owned();
        assert!(text.contains(cast::BY_HAND), "an edit that decides nothing is seen: {text}");
    }
    server.clock.advance(Duration::from_secs(1));
    let since = server.clock.millis() * 1_000;
    let mut refusals = Refusals::default();
    for one in &edited {
        let reply = one.asks(&server, false).await;
        if let Some(fault) = refusals.fault(one.door(), &reply) {
            return Outcome::Violated(format!("{}: {fault}\n{}", one.edit.what, one.sql));
        }
    }
    server.app().flush().await.expect("what is on record is written");
    let found = tamper::failures(&server.store_file(), since);
    for one in &edited {
        let on_record = found.get(&bytes_of(&one.names)).copied().unwrap_or_default();
        let times = on_record.by_request + on_record.by_server;
        // A rewrap that is due at the start may come upon a tenant's keys as well.
        let once = times == 1 || (times == 2 && matches!(one.edit.noun, Noun::Keys));
        holds!(once, "{}: {on_record:?} of {}\n{}", one.edit.what, blob(&one.names), one.sql);
    }
    let edits = u64::try_from(edited.len()).unwrap();
    let strays = found.len() - edited.len();
    holds!(strays == 0, "{strays} rows are on record that nobody touched");
    Outcome::Held(vec![
        (edits, "edits"),
        (u64::try_from(EDITS.len()).unwrap(), "kinds"),
        (u64::try_from(seen.len()).unwrap(), "edits that decide nothing"),
    ])
}
