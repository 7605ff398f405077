//! In which ways a record cannot be made.

use super::cast::Cast;
use std::{
    panic,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};
use subrosa_testkit::{
    Lock, Reply, TestClock,
    faults::{Arm, Call, Failure, Fault, File, Plane, Point},
};
use tokio::{task::JoinSet, time::sleep};

/// The committer's thread.
const COMMITTER: &str = "store-writer";

/// More requests than the committer's queue takes by far.
const QUEUED_MAX: u64 = 20_000;

/// The events of the tenant `default`.
const DEFAULT: &str = "tenant_id = (SELECT id FROM tenants WHERE slug = 'default')";

/// Why a record cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outage {
    /// Somebody else has the log locked.
    Locked,
    /// So has the file system, for whoever asks.
    Busy,
    /// There is no space.
    Full,
    /// There is space for half of it.
    Short,
    /// It cannot be written.
    WriteFails,
    /// It cannot be made durable.
    SyncFails,
    /// The file system is read-only.
    ReadOnly,
    /// The row that says where the log ends cannot be understood.
    HeadUnreadable,
    /// It was written by somebody without the key.
    HeadForged,
    /// The log goes on where it should end.
    PlaceTaken,
    /// The device does not answer, and as much waits for it as may.
    QueueFull,
    /// Whoever writes it panics.
    CommitterPanics,
    /// The store was closed.
    StoreClosed,
}

pub(super) const ALL: &[Outage] = &[
    Outage::Locked,
    Outage::Busy,
    Outage::Full,
    Outage::Short,
    Outage::WriteFails,
    Outage::SyncFails,
    Outage::ReadOnly,
    Outage::HeadUnreadable,
    Outage::HeadForged,
    Outage::PlaceTaken,
    Outage::QueueFull,
    Outage::CommitterPanics,
    Outage::StoreClosed,
];

/// An outage that goes on.
pub(super) enum Begun {
    /// Until somebody lets go of this.
    Until(Box<dyn Held>),
    /// Until the statement is run.
    UntilRun(&'static str),
    /// With these waiting.
    Queue(Arm, JoinSet<Reply>),
    /// For good.
    Over,
}

/// What keeps an outage going.
pub(super) trait Held {}

impl Held for Lock {}
impl Held for Arm {}

/// A clock that panics, until this is dropped, and says nothing about it.
struct Panics(std::sync::Arc<TestClock>);

impl Held for Panics {}

impl Drop for Panics {
    fn drop(&mut self) {
        self.0.panics_on(None);
        let _ours = panic::take_hook();
    }
}

static WAITED: AtomicU64 = AtomicU64::new(0);

/// How many reveals waited for a device that did not answer, and were made when it did.
pub(super) fn waited() -> u64 {
    WAITED.load(Ordering::Relaxed)
}

impl Outage {
    /// What a refusal may say.
    pub(super) const fn codes(self) -> &'static [&'static str] {
        match self {
            Self::QueueFull | Self::StoreClosed => &["audit-unavailable", "busy"],
            _ => &["audit-unavailable"],
        }
    }

    pub(super) async fn begin(self, cast: Cast, plane: &'static Plane) -> (Cast, Begun) {
        let folder = cast.server.data();
        let fails = |fault, at| {
            let failure = Failure { fault, folder, at, nth: 1, lasting: true };
            Begun::Until(Box::new(plane.fails(failure)))
        };
        let log = |call| vec![Point::new(call, File::Log)];
        let begun = match self {
            Self::Locked => Begun::Until(Box::new(cast.server.locked())),
            Self::Busy => fails(Fault::Busy, vec![Point::new(Call::OwnIndex, File::Store)]),
            Self::Full => fails(Fault::Full, log(Call::Write)),
            Self::Short => fails(Fault::Short, log(Call::Write)),
            Self::WriteFails => fails(Fault::Io, log(Call::Write)),
            Self::SyncFails => fails(Fault::Io, log(Call::Sync)),
            Self::ReadOnly => fails(Fault::ReadOnly, vec![]),
            Self::HeadUnreadable => {
                let (sql, back) = (
                    "UPDATE audit_heads SET hash = CAST(hash || X'00' AS BLOB) WHERE",
                    "UPDATE audit_heads SET hash = substr(hash, 1, 32)",
                );
                return (tampered(cast, sql).await, Begun::UntilRun(back));
            }
            Self::HeadForged => {
                let (sql, back) = (
                    "UPDATE audit_heads SET at = at + 1 WHERE",
                    "UPDATE audit_heads SET at = at - 1 WHERE tenant_id = \
                     (SELECT id FROM tenants WHERE slug = 'default')",
                );
                return (tampered(cast, sql).await, Begun::UntilRun(back));
            }
            Self::PlaceTaken => {
                let taken = "INSERT INTO audit_events (tenant_id, lane, seq, canonical, hash) \
                     SELECT tenant_id, lane, seq + 1, x'00', hash FROM audit_heads WHERE";
                cast.server.executes(&format!("{taken} {DEFAULT}"));
                Begun::UntilRun(
                    "DELETE FROM audit_events WHERE seq > (SELECT seq FROM audit_heads h \
                     WHERE h.tenant_id = audit_events.tenant_id)",
                )
            }
            Self::QueueFull => queue(&cast, plane).await,
            Self::CommitterPanics => {
                panic::set_hook(Box::new(|info| {
                    if thread::current().name() != Some(COMMITTER) {
                        eprintln!("{info}");
                    }
                }));
                cast.server.clock.panics_on(Some(COMMITTER));
                Begun::Until(Box::new(Panics(std::sync::Arc::clone(&cast.server.clock))))
            }
            Self::StoreClosed => {
                cast.server.app().close().await.expect("it closes");
                Begun::Over
            }
        };
        (cast, begun)
    }
}

impl Begun {
    /// Ends the outage; the server, if there can be one after it.
    pub(super) async fn ends(self, cast: Cast) -> Option<Cast> {
        match self {
            Self::Until(held) => drop(held),
            Self::UntilRun(sql) => cast.server.executes(sql),
            Self::Queue(arm, waiting) => {
                drop(arm);
                let made = waiting.join_all().await;
                let made = made.iter().filter(|reply| reply.status == 200).count();
                WAITED.store(u64::try_from(made).expect("it is a count"), Ordering::Relaxed);
            }
            Self::Over => return None,
        }
        Some(cast)
    }
}

/// Fills the queue behind a device that does not answer.
async fn queue(cast: &Cast, plane: &'static Plane) -> Begun {
    let at = vec![Point::new(Call::Write, File::Log)];
    let (fault, folder) = (Fault::Hang, cast.server.data());
    let arm = plane.fails(Failure { fault, folder, at, nth: 1, lasting: false });
    let mut waiting = JoinSet::new();
    for _ in 0..QUEUED_MAX / 64 {
        for _ in 0..64 {
            waiting.spawn(cast.one_strict());
        }
        sleep(Duration::from_millis(1)).await;
        // Who has a place in the queue waits. Whoever is answered had none.
        if waiting.try_join_next().is_some() {
            return Begun::Queue(arm, waiting);
        }
    }
    panic!("a queue without an end");
}

/// Changes the row of the log's end, and has the server forget what it knew.
async fn tampered(cast: Cast, sql: &str) -> Cast {
    let sql = format!("{sql} {DEFAULT}");
    cast.restarted(async |server| server.tampered(&sql).await).await
}
