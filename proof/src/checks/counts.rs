//! STANDARD reveals while the audit log cannot be written: all are served, and the log has each of them once
//! afterwards, or says from when to when it does not know.

use crate::{
    check::{Check, Context, Outcome},
    holds,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use subrosa_testkit::{
    Actor, DEFAULT, Reply, TestServer,
    faults::{Arm, Call, Failure, Fault, File, Plane, Point},
};

pub(crate) const CHECK: Check = Check {
    name: "counts",
    holds: "every STANDARD reveal is counted once, or in the time that a gap names",
    plants: &[
        "count-forgotten-on-failed-flush",
        "double-count-on-retry",
        "lost-refusals-forgotten",
        "flushed-though-failed",
        "gap-not-told",
        "all-tenants-at-once",
    ],
    run,
};

/// What is lost when the log cannot be written: ten minutes.
const OUTAGE_SECS: u64 = 600;

/// How the log fails, one after the other.
const FAILURES: [(Fault, Point); 4] = [
    (Fault::Io, Point::new(Call::OwnIndex, File::Store)),
    (Fault::Full, Point::new(Call::Write, File::Log)),
    (Fault::ReadOnly, Point::new(Call::Write, File::Log)),
    (Fault::Io, Point::new(Call::Sync, File::Log)),
];

/// More refusals than wait to be written.
const REFUSALS: u64 = 66_000;

/// More tenants than the committer has in hand and lets wait.
const TENANTS: u64 = 6_000;

/// Who makes them side by side.
const MAKERS: usize = 64;

/// The next place of the tenant's log, as if somebody had written there.
const TAKEN: &str = "INSERT INTO audit_events (tenant_id, lane, seq, canonical, hash) \
     SELECT tenant_id, lane, seq + 1, x'00', hash FROM audit_heads \
     WHERE tenant_id = (SELECT id FROM tenants WHERE slug = 'default')";
const GIVEN_BACK: &str = "DELETE FROM audit_events WHERE seq > (SELECT seq FROM audit_heads h \
     WHERE h.tenant_id = audit_events.tenant_id)";

/// How often each secret was revealed on each surface.
type Tally = BTreeMap<(String, &'static str), u64>;

fn run(context: &Context) -> Outcome {
    context.block_on(attack(context))
}

async fn attack(context: &Context) -> Outcome {
    let plane = Plane::install();
    let each = context.many(1, 5, 50);
    let served = match outage(plane, each).await {
        Ok(served) => served,
        Err(how) => return Outcome::Violated(how),
    };
    let retried = match retries(plane, context.many(12, 60, 200)).await {
        Ok(retried) => retried,
        Err(how) => return Outcome::Violated(how),
    };
    for whole in [true, false] {
        if let Err(how) = crash(plane, whole).await {
            return Outcome::Violated(how);
        }
    }
    let refused = match refusals(plane).await {
        Ok(refused) => refused,
        Err(how) => return Outcome::Violated(how),
    };
    if let Err(how) = tenants(plane).await {
        return Outcome::Violated(how);
    }
    holds!(served > 0, "nothing was served");
    Outcome::Held(vec![
        (OUTAGE_SECS, "seconds of outage"),
        (served, "reveals served and counted"),
        (retried, "counts written at the second try"),
        (2, "crashes with a gap"),
        (refused, "refusals, recorded or counted as lost"),
        (TENANTS, "tenants written in one go"),
    ])
}

/// Readers, what they read, and how often they did.
struct Cast {
    server: TestServer,
    readers: Vec<Actor>,
    secrets: Vec<(String, String)>,
    tally: Tally,
}

impl Cast {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let (mut readers, mut secrets) = (vec![server.admin("default").await], vec![]);
        for _ in 0..2 {
            readers.push(server.token("default", &["secrets:reveal"]).await);
        }
        for key in ["A", "B", "C", "D"] {
            secrets.push((key.to_owned(), server.operator().keeps(key, "a value").await));
        }
        Self { server, readers, secrets, tally: Tally::new() }
    }

    /// Everybody reads everything once.
    async fn reads(&mut self) -> Result<u64, String> {
        let mut served = 0;
        for reader in &self.readers {
            for (key, id) in &self.secrets {
                let walletcrew = reader.get(&format!("/api/default/secrets/{key}")).await;
                for (surface, reply) in
                    [("walletcrew", walletcrew), ("v1", reader.reveals(id).await)]
                {
                    let served_well = reply.status == 200
                        && String::from_utf8_lossy(&reply.bytes).contains("a value");
                    if !served_well {
                        return Err(format!("a STANDARD reveal was answered {}", shown(&reply)));
                    }
                    *self.tally.entry((id.clone(), surface)).or_default() += 1;
                    served += 1;
                }
            }
        }
        Ok(served)
    }

    fn fails(&self, plane: &'static Plane, (fault, point): (Fault, Point), nth: u64) -> Arm {
        let (folder, at) = (self.server.data(), vec![point]);
        plane.fails(Failure { fault, folder, at, nth, lasting: true })
    }

    /// What the log says was read.
    async fn recorded(&self) -> Tally {
        let mut tally = Tally::new();
        for event in self.server.operator().events("action=secret.reveal").await {
            let secret = event["resource"]["id"].as_str().expect("an id").to_owned();
            let surface = if event["surface"] == "v1" { "v1" } else { "walletcrew" };
            *tally.entry((secret, surface)).or_default() += count(&event);
        }
        tally
    }

    /// That the log has everything once, and holds.
    async fn is_exact(&self, when: &str) -> Result<(), String> {
        let recorded = self.recorded().await;
        if recorded != self.tally {
            return Err(format!("{when}: {recorded:?} is on record of {:?}", self.tally));
        }
        let path = format!("{DEFAULT}/auditEvents:verify");
        let verified = self.server.operator().get(&path).await.expect(200);
        if verified["intact"] == true { Ok(()) } else { Err(format!("{when}: {verified}")) }
    }
}

/// Ten minutes in which nothing can be written.
async fn outage(plane: &'static Plane, each: u64) -> Result<u64, String> {
    let mut cast = Cast::new().await;
    // What is asked for is in memory by then: a disk that cannot be written may not be read well either.
    let mut served = cast.reads().await?;
    for (at, failure) in (0..).zip(FAILURES) {
        let arm = cast.fails(plane, failure, 1);
        for second in 0..OUTAGE_SECS / 4 {
            for _ in 0..if second % 10 == 0 { each } else { 1 } {
                served += cast.reads().await?;
            }
            if second % 15 == 0 && cast.server.app().flush().await.is_ok() {
                return Err(format!("outage {at}: counts were written while nothing can be"));
            }
            cast.server.clock.advance(Duration::from_secs(1));
        }
        drop(arm);
    }
    cast.is_exact("after ten minutes without a log").await?;
    if !cast.server.operator().events("action=audit.gap").await.is_empty() {
        return Err("a gap is told of where nothing is missing".to_owned());
    }
    Ok(served)
}

/// Writing counts fails at each call of the file system in turn, and is done again.
async fn retries(plane: &'static Plane, calls: u64) -> Result<u64, String> {
    let mut cast = Cast::new().await;
    for nth in 1..=calls {
        cast.reads().await?;
        let (fault, folder) = (Fault::Io, cast.server.data());
        let arm = plane.fails(Failure { fault, folder, at: vec![], nth, lasting: false });
        let _failed_or_not = cast.server.app().flush().await;
        drop(arm);
        if nth % 10 == 0 {
            cast.is_exact(&format!("after a flush with a fault at its call {nth}")).await?;
        }
    }
    // One tenant's log takes nothing, and the others' do.
    cast.server.executes(TAKEN);
    cast.reads().await?;
    let _failed = cast.server.app().flush().await;
    cast.server.executes(GIVEN_BACK);
    cast.is_exact("after one tenant's log took nothing").await?;
    Ok(calls)
}

/// The server is killed at the end of an outage: of the whole log, or of this tenant's alone.
async fn crash(plane: &'static Plane, whole: bool) -> Result<(), String> {
    let mut cast = Cast::new().await;
    cast.reads().await?;
    cast.is_exact("before the outage").await?;
    let (written, from) = (cast.tally.clone(), cast.server.clock.millis());
    let mut arm = None;
    if whole {
        arm = Some(cast.fails(plane, FAILURES[1], 1));
    } else {
        cast.server.executes(TAKEN);
    }
    for _ in 0..OUTAGE_SECS / 10 {
        cast.server.clock.advance(Duration::from_secs(10));
        cast.reads().await?;
        // A refusal of nobody's: the part of the log that is the deployment's own can be written.
        cast.server.stranger().get(&format!("{DEFAULT}/secrets")).await.expect(401);
        let _failed = cast.server.app().flush().await;
    }
    let image = cast.server.image();
    drop(arm);
    image.executes(GIVEN_BACK);
    let Cast { readers, secrets, .. } = cast;
    let server = image.start().await;
    let to = server.clock.millis();
    let cast = Cast { server, readers, secrets, tally: written };
    cast.is_exact("after a crash").await?;
    let gaps = cast.server.operator().events("action=audit.gap").await;
    let gaps: Vec<&Value> = gaps.iter().map(|gap| &gap["details"]["gap"]).collect();
    match gaps.as_slice() {
        [gap] if gap["from"] == from && gap["to"] == to => Ok(()),
        other => Err(format!("reveals from {from} to {to} are lost, and the gaps are {other:?}")),
    }
}

/// More refusals in an outage than can wait: each is on record, or in the number of those that are not.
async fn refusals(plane: &'static Plane) -> Result<u64, String> {
    let cast = Cast::new().await;
    let nobody = cast.server.token("default", &[]).await;
    nobody.get(&format!("{DEFAULT}/secrets")).await.expect(403);
    let arm = cast.fails(plane, FAILURES[0], 1);
    for at in 1..REFUSALS {
        nobody.get(&format!("{DEFAULT}/secrets")).await.expect(403);
        if at % (REFUSALS / 4) == 0 {
            let _failed = cast.server.app().flush().await;
        }
    }
    // What is not written is put back as often as it is tried.
    for _ in 0..12 {
        let _failed = cast.server.app().flush().await;
    }
    drop(arm);
    let recorded = cast.server.operator().events("action=request.refuse").await;
    let recorded: u64 = recorded.iter().map(count).sum();
    let gaps = cast.server.operator().get("/v1/auditEvents?action=audit.gap&pageSize=1000").await;
    let gaps = gaps.expect(200)["items"].as_array().cloned().unwrap_or_default();
    let lost: u64 = gaps.iter().map(count).sum();
    if lost == 0 {
        return Err(format!("{REFUSALS} were refused, and none is lost of more than can wait"));
    }
    if recorded + lost == REFUSALS {
        return Ok(REFUSALS);
    }
    Err(format!("of {REFUSALS} refusals {recorded} are on record and {lost} told of as lost"))
}

/// After an outage more tenants' logs wait than the committer has room for: they take turns, and leave room for others.
async fn tenants(plane: &'static Plane) -> Result<(), String> {
    let cast = Cast::new().await;
    let slugs: Vec<String> = (0..TENANTS).map(|number| format!("t-{number}")).collect();
    let made = stream::iter(&slugs).map(|slug| cast.server.tenant(slug));
    made.buffer_unordered(MAKERS).collect::<Vec<()>>().await;
    let arm = cast.fails(plane, FAILURES[1], 1);
    let absent = "019b76da-a800-7000-8000-000000000000";
    for slug in &slugs {
        let path = format!("/v1/tenants/{slug}/secrets/{absent}:reveal");
        cast.server.operator().post(&path, json!({})).await.expect(404);
    }
    drop(arm);
    let flushed = cast.server.app().flush().await;
    flushed.map_err(|how| format!("events of {TENANTS} tenants were not written: {how}"))
}

fn count(event: &Value) -> u64 {
    event["count"].as_u64().expect("a count")
}

fn shown(reply: &Reply) -> Value {
    json!({ "status": reply.status.as_u16(), "body": String::from_utf8_lossy(&reply.bytes) })
}
