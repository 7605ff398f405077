//! The committer: the one thread that writes.
//!
//! It takes what arrived first, drains everything else that is waiting, and applies all of it as one transaction with
//! a savepoint per caller, so that one failure is that caller's alone and all share one fsync. Then it tells the
//! listener, then it answers. There is no timer: an idle store commits at once. It must never answer before the commit
//! is durable, nor leave a caller without an answer.

use super::{
    activities, anchors,
    apply::Applying,
    chains::{Chains, is_one_row},
    changes, connection, keys, meta, secret_readers, sql,
};
use crate::{
    error::StoreError,
    port::{AuditCursor, ChangeListener, Deployment, Result},
};
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};
use subrosa_domain::{
    ChangeRef, Clock, Commit, ServiceKey, Timestamp,
    audit::{ChainSealer, Note},
};
use subrosa_plant::planted;
use tokio::sync::{mpsc, oneshot};

/// How many callers may wait. At tens of thousands of commits a second this is a fraction of a second of waiting; more
/// would only turn a slow disk into memory.
pub(super) const QUEUE_MAX: usize = 4_096;

/// How many callers share one transaction. Beyond some hundreds the fsync is already shared to nothing, and everyone in
/// the batch waits for its last.
const BATCH_MAX: usize = 512;

/// How many rows one pruning step drops, so that the callers behind it wait a moment only.
pub(super) const PRUNE_STEP: u32 = 1_000;

/// A test's look.
#[cfg(test)]
pub(super) type Look = Box<dyn FnOnce(&Connection) -> Result<()> + Send>;

/// What a caller asks for.
pub(super) enum Work {
    Commit(Commit),
    Initialise(Deployment, ServiceKey),
    Prune(Timestamp, Timestamp),
    /// Keep a checkpoint of where the lane stands.
    Checkpoint,
    /// Go on from a position.
    AdvanceTo(u64),
    /// A test's look at, or tampering with, the committer's own connection.
    #[cfg(test)]
    Inspect(Look),
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// Where a commit's events went.
    pub(super) places: Vec<AuditCursor>,
    /// How many rows a pruning step dropped.
    pub(super) pruned: usize,
    /// The checkpoint that was made, and of which position.
    pub(super) note: Option<(u64, Note)>,
}

/// What travels to the committer.
pub(super) enum Job {
    Work(Work, oneshot::Sender<Result<Done>>),
    Begin(Arc<dyn ChainSealer>, oneshot::Sender<Result<()>>),
    Close(oneshot::Sender<Result<()>>),
}

/// What one transaction is for, and whom to tell what came of it.
type Batch = Vec<(Work, oneshot::Sender<Result<Done>>)>;

/// Where the listener is kept while nobody is told anything.
pub(super) type Listener = Mutex<Option<Arc<dyn ChangeListener>>>;

/// A whole batch that was not committed, for whatever reason its callers share.
#[derive(Debug, thiserror::Error)]
#[error("the batch was not committed")]
struct BatchFailed(#[source] Arc<StoreError>);

/// The committer's own state.
pub(super) struct Writer {
    conn: Connection,
    jobs: mpsc::Receiver<Job>,
    chains: Chains,
    clock: Arc<dyn Clock>,
    listener: Arc<Listener>,
    touched: Vec<ChangeRef>,
    /// Something was taken away and may still be read in the write-ahead log.
    scrub: bool,
}

impl Writer {
    pub(super) fn new(
        conn: Connection,
        jobs: mpsc::Receiver<Job>,
        chains: Chains,
        clock: Arc<dyn Clock>,
        listener: Arc<Listener>,
    ) -> Self {
        Self { conn, jobs, chains, clock, listener, touched: Vec::new(), scrub: false }
    }

    /// Serves until it is closed or nobody can ask any more.
    pub(super) fn run(mut self) {
        let mut closing = Vec::new();
        while let Some(job) = self.jobs.blocking_recv() {
            let (batch, next) = self.gather(job);
            if !batch.is_empty() {
                self.settle(batch);
            }
            match next {
                Some(Job::Begin(sealer, reply)) => {
                    let _ = reply.send(self.begin(sealer));
                }
                Some(Job::Close(reply)) => {
                    // What was accepted before is still served; nothing more is accepted.
                    self.jobs.close();
                    closing.push(reply);
                }
                Some(Job::Work(..)) | None => {}
            }
            if self.scrub && self.jobs.is_empty() {
                self.scrub = !connection::empty_log(&self.conn);
            }
        }
        if closing.is_empty() {
            return;
        }
        let mut ended = self.end();
        drop(self);
        for reply in closing {
            let _ = reply.send(std::mem::replace(&mut ended, Ok(())));
        }
    }

    /// Everybody who waits, up to the first who asks for something else. Whoever is just about to ask is let do so as
    /// long as some come: where the processors are busy, a commit costs more of them than it takes to wait for it, and
    /// where they are not, nobody comes and nothing is waited for.
    fn gather(&mut self, first: Job) -> (Batch, Option<Job>) {
        let mut batch = Vec::new();
        let mut next = Some(first);
        let mut known = 0;
        loop {
            while let Some(Job::Work(work, reply)) = next {
                batch.push((work, reply));
                next = if batch.len() < BATCH_MAX { self.jobs.try_recv().ok() } else { None };
            }
            if next.is_some() || batch.len() == known || batch.len() >= BATCH_MAX {
                return (batch, next);
            }
            known = batch.len();
            std::thread::yield_now();
            next = self.jobs.try_recv().ok();
        }
    }

    /// Commits a batch and answers everyone in it.
    fn settle(&mut self, batch: Batch) {
        let (works, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        // A panic drops the replies, which is an answer too; the committer itself goes on.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.transact(works)));
        if !matches!(outcome, Ok(Ok(_))) {
            self.recover();
        }
        match outcome {
            Ok(Ok(outcomes)) => {
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    let _ = reply.send(outcome);
                }
                if planted!("ack-before-commit") && !self.conn.is_autocommit() {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                    let _ = sql::execute(&self.conn, "COMMIT", []);
                }
            }
            Ok(Err(cause)) => {
                tracing::error!(error = &cause as &dyn std::error::Error, "commit failed");
                let cause = Arc::new(cause);
                for reply in replies {
                    let failed = BatchFailed(Arc::clone(&cause));
                    let _ = reply.send(Err(StoreError::Unavailable(Box::new(failed))));
                }
            }
            Err(_) => tracing::error!("the committer panicked; its batch was rolled back"),
        }
    }

    /// One transaction for the whole batch. An error is everyone's; what one caller alone did wrong is in the list.
    fn transact(&mut self, works: Vec<Work>) -> Result<Vec<Result<Done>>> {
        sql::execute(&self.conn, "BEGIN IMMEDIATE", [])?;
        let outcomes =
            works.into_iter().map(|work| self.attempt(work)).collect::<Result<Vec<_>>>()?;
        self.chains.write_heads(&self.conn)?;
        let now = self.clock.now();
        for change in &self.touched {
            changes::append(&self.conn, *change, now)?;
        }
        if !planted!("ack-before-commit") || outcomes.len() == 1 {
            let committed = sql::execute(&self.conn, "COMMIT", []);
            let noted = || outcomes.iter().flatten().any(|done| done.note.is_some());
            if planted!("ack-on-failed-commit") || planted!("checkpoint-ahead") && noted() {
                drop(committed);
            } else {
                committed?;
            }
        }
        self.chains.keep();
        let touched = std::mem::take(&mut self.touched);
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listener) = listener.filter(|_| !touched.is_empty()) {
            listener.changed(&touched);
        }
        Ok(outcomes)
    }

    /// One caller's part, undone alone if it fails. An error here means that the transaction itself is lost.
    fn attempt(&mut self, work: Work) -> Result<Result<Done>> {
        // Events that share a row are one statement, which is all or nothing by itself: a strict reveal, and counts of
        // others, which are the most frequent.
        let lone =
            matches!(&work, Work::Commit(c) if c.changes.is_empty() && is_one_row(&c.events));
        let touched = self.touched.len();
        if !lone {
            sql::execute(&self.conn, "SAVEPOINT caller", [])?;
        }
        match self.perform(work) {
            Ok(done) => {
                if !lone {
                    sql::execute(&self.conn, "RELEASE caller", [])?;
                }
                self.chains.stand();
                Ok(Ok(done))
            }
            // SQLite gives up the whole transaction on some failures, a full disk among them. And a lone event that
            // failed behind the gap it had to record first leaves that one written: only the transaction takes it back.
            Err(error) if self.conn.is_autocommit() || (lone && self.chains.has_moved()) => {
                Err(error)
            }
            Err(error) => {
                if !lone {
                    sql::execute(&self.conn, "ROLLBACK TO caller", [])?;
                    sql::execute(&self.conn, "RELEASE caller", [])?;
                }
                self.chains.undo();
                self.touched.truncate(touched);
                Ok(Err(error))
            }
        }
    }

    fn perform(&mut self, work: Work) -> Result<Done> {
        match work {
            Work::Commit(commit) => self.commit(&commit),
            Work::Initialise(deployment, key) => {
                meta::initialise(&self.conn, &deployment)?;
                keys::insert_service_key(&self.conn, &key)?;
                Ok(Done::default())
            }
            Work::Prune(before, checkpoints_before) => {
                let pruned = changes::prune(&self.conn, before, PRUNE_STEP)?
                    + activities::prune(&self.conn, before, PRUNE_STEP)?
                    + secret_readers::prune(&self.conn, before, PRUNE_STEP)?
                    + anchors::prune(&self.conn, checkpoints_before, PRUNE_STEP)?;
                Ok(Done { pruned, ..Done::default() })
            }
            Work::Checkpoint => {
                let note = self.chains.checkpoint(&self.conn)?;
                Ok(Done { note: Some(note), ..Done::default() })
            }
            Work::AdvanceTo(position) => {
                self.chains.advance_to(&self.conn, position)?;
                Ok(Done::default())
            }
            #[cfg(test)]
            Work::Inspect(look) => look(&self.conn).map(|()| Done::default()),
        }
    }

    fn commit(&mut self, commit: &Commit) -> Result<Done> {
        if commit.changes.is_empty() && commit.events.is_empty() {
            // Nothing but a wish to see the chain as it should be: before an audit read.
            self.chains.touch(&self.conn, commit.tenant_id)?;
            return Ok(Done::default());
        }
        if !commit.changes.is_empty() {
            let run = self.chains.run().map(|run| run.number);
            let sealer = self.chains.sealer()?;
            let mut applying = Applying::new(&self.conn, commit.tenant_id, run, sealer);
            commit.changes.iter().try_for_each(|change| applying.apply(change))?;
            applying.finish()?;
            self.scrub |= applying.erased;
            self.touched.append(&mut applying.touched);
            let (written, replaced) = (applying.written, applying.replaced);
            self.chains.shift(&self.conn, commit.tenant_id, written, replaced)?;
        }
        if planted!("event-in-own-transaction") && !commit.changes.is_empty() {
            let anew = "COMMIT; BEGIN IMMEDIATE; SAVEPOINT caller";
            self.conn.execute_batch(anew).map_err(sql::failed)?;
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let places = self.chains.append(&self.conn, &commit.events)?;
        Ok(Done { places, ..Done::default() })
    }

    /// Leaves nothing of a batch that failed, neither in the database nor in memory.
    fn recover(&mut self) {
        self.touched.clear();
        if !planted!("heads-kept-of-failed-batch") {
            self.chains.forget();
        }
        if !self.conn.is_autocommit()
            && !planted!("rollback-forgotten")
            && let Err(error) = sql::execute(&self.conn, "ROLLBACK", [])
        {
            tracing::error!(error = &error as &dyn std::error::Error, "rollback failed");
        }
    }

    fn begin(&mut self, sealer: Arc<dyn ChainSealer>) -> Result<()> {
        if self.chains.run().is_some() {
            return Err(StoreError::Conflict);
        }
        let now = self.clock.now();
        let lane = self.chains.lane();
        let (run, stands) = self.alone(|conn, chains| {
            let run = meta::begin_run(conn, lane, now)?;
            Ok((run, chains.prepare(conn, &*sealer, run)?))
        })?;
        if planted!("slow-recovery") && run.unclosed.is_some() {
            std::thread::sleep(std::time::Duration::from_millis(2_500));
        }
        self.chains.begin(sealer, run, stands);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        match self.chains.run() {
            Some(run) => self.alone(|conn, _| meta::end_run(conn, run.number)),
            None => Ok(()),
        }
    }

    /// A transaction of the committer's own.
    fn alone<T>(&mut self, act: impl FnOnce(&Connection, &mut Chains) -> Result<T>) -> Result<T> {
        let done = sql::execute(&self.conn, "BEGIN IMMEDIATE", []).and_then(|_| {
            let done = act(&self.conn, &mut self.chains)?;
            sql::execute(&self.conn, "COMMIT", [])?;
            Ok(done)
        });
        if done.is_err() {
            self.recover();
        }
        done
    }
}
