//! A server with something of everything in it, and what is looked at after each attack.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};
use subrosa_testkit::{
    Actor, DEFAULT, Reply, TestServer,
    belongings::{Ids, belongings},
    faults::{Arm, Failure, Fault, Plane},
};

/// Codes of a refusal for which a failing disk is a reason.
const CODES: [&str; 3] = ["store-unavailable", "audit-unavailable", "busy"];

/// How many rows of each table came and went.
pub(super) type Delta = BTreeMap<String, (u64, u64)>;

/// The server and who asks.
pub(super) struct Stage {
    pub(super) server: TestServer,
    pub(super) operator: Actor,
    pub(super) admin: Actor,
    pub(super) ids: Ids,
    strict: String,
    plane: &'static Plane,
    made: AtomicU64,
}

impl Stage {
    pub(super) async fn new(plane: &'static Plane) -> Self {
        let server = TestServer::start().await;
        let ids = belongings(&server, "default").await;
        let (operator, admin) = (server.operator(), server.admin("default").await);
        let strict = operator.keeps_as("PHI", "STRICT", "the strict one").await;
        Self { server, operator, admin, ids, strict, plane, made: AtomicU64::new(0) }
    }

    /// A number that nothing has yet.
    pub(super) fn fresh(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes the nth call fail.
    pub(super) fn fails(&self, fault: Fault, nth: u64) -> Arm {
        let folder = self.server.data();
        self.plane.fails(Failure { fault, folder, at: vec![], nth, lasting: false })
    }

    /// Makes every connection read anew what it has kept in memory.
    pub(super) fn chill(&self) {
        self.server.executes("UPDATE deployment SET created_at = created_at");
    }

    /// Every row that decides anything, sorted.
    pub(super) fn rows(&self) -> Vec<String> {
        self.server.deciding_rows()
    }

    /// That the server goes on.
    pub(super) async fn goes_on(&self) -> Result<(), String> {
        goes_on(&self.operator, &self.strict).await
    }

    /// That the chains hold, and that after a restart everything is as it was and goes on.
    pub(super) async fn ends(self) -> Result<(), String> {
        chains_hold(&self.server).await?;
        let before = self.rows();
        let server = self.server.restart().await;
        let after = server.deciding_rows();
        if after != before {
            return Err(format!("after a restart the rows differ: {:?}", delta(&before, &after)));
        }
        chains_hold(&server).await?;
        goes_on(&server.operator(), &self.strict).await
    }
}

/// That a server goes on: it reads, decides, records, commits and opens.
async fn goes_on(operator: &Actor, strict: &str) -> Result<(), String> {
    let reply = operator.reveals(strict).await;
    let told = || String::from_utf8_lossy(&reply.bytes).into_owned();
    if reply.status == 200 && reply.json()["value"] == "the strict one" {
        return Ok(());
    }
    Err(format!("and the next request was answered {} {}", reply.status, told()))
}

/// That every chain of a server holds.
pub(super) async fn chains_hold(server: &TestServer) -> Result<(), String> {
    for path in [format!("{DEFAULT}/auditEvents:verify"), "/v1/auditEvents:verify".to_owned()] {
        let reply = server.operator().get(&path).await;
        if reply.status != 200 || reply.json()["intact"] != true {
            let told = String::from_utf8_lossy(&reply.bytes).into_owned();
            return Err(format!("the chain does not hold: {} {told}", reply.status));
        }
    }
    Ok(())
}

/// What came and went between two looks.
pub(super) fn delta(before: &[String], after: &[String]) -> Delta {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    after.iter().for_each(|row| *counts.entry(row).or_default() += 1);
    before.iter().for_each(|row| *counts.entry(row).or_default() -= 1);
    let mut delta = Delta::new();
    for (row, count) in counts.into_iter().filter(|(_, count)| *count != 0) {
        let table = row.split(' ').next().unwrap_or_default().to_owned();
        let (came, went) = delta.entry(table).or_default();
        *(if count > 0 { came } else { went }) += count.unsigned_abs();
    }
    delta
}

/// Whether a refusal is one that a failing disk may cause: what it says, and that it says no more.
pub(super) fn is_clean(reply: &Reply) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(&reply.bytes).ok();
    let code = body.as_ref().and_then(|body| body["code"].as_str()).unwrap_or_default();
    reply.status == 503 && CODES.contains(&code) && reply.headers.contains_key("retry-after")
}
