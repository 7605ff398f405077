//! The readers: a few threads with a connection each, which can read and nothing else.
//!
//! A look-up is one hop there and one back. Each is one moment of the database: what a commit has answered, it sees.

use crate::{error::StoreError, port::Result};
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};
use subrosa_plant::counters::LOOKS;
use tokio::sync::{mpsc, oneshot};

/// How many look-ups may wait: the hot path answers from memory, so a queue this long is a storm of misses, and those
/// behind it are better told to come back.
const QUEUE_MAX: usize = 4_096;

/// A look-up with its answer's way back.
type LookUp = Box<dyn FnOnce(&Connection) + Send>;

/// What travels to the readers.
enum Job {
    Read(LookUp),
    Close,
}

/// Where look-ups go. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers(mpsc::Sender<Job>);

/// A reader did not answer: it panicked on this look-up.
#[derive(Debug, thiserror::Error)]
#[error("a reader failed")]
struct ReaderFailed;

/// The readers' end of the queue; each takes the next job when it is free.
pub(super) struct Queue(Arc<Mutex<mpsc::Receiver<Job>>>);

/// A queue and its two ends.
pub(super) fn queue() -> (Readers, Queue) {
    let (sender, receiver) = mpsc::channel(QUEUE_MAX);
    (Readers(sender), Queue(Arc::new(Mutex::new(receiver))))
}

impl Readers {
    /// Has a reader look something up.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        look_up: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        LOOKS.note();
        let (reply, answer) = oneshot::channel();
        let job = Job::Read(Box::new(move |conn| {
            let _ = reply.send(look_up(conn));
        }));
        self.0.try_send(job).map_err(|_| StoreError::Busy)?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable(Box::new(ReaderFailed))))
    }

    /// Lets the readers finish what waits, and takes no more.
    pub(super) async fn close(&self) {
        let _ = self.0.send(Job::Close).await;
    }
}

impl Queue {
    /// Another reader's hold on the queue.
    pub(super) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Serves look-ups until the queue is closed.
    pub(super) fn serve(self, conn: &Connection) {
        while let Some(look_up) = self.next() {
            // The reply goes down with a panic, which answers the caller.
            if catch_unwind(AssertUnwindSafe(|| look_up(conn))).is_err() {
                tracing::error!("a reader panicked");
            }
        }
    }

    /// The next look-up; `None` once the queue is closed and empty. The queue is closed by whoever holds it, because a
    /// reader that waits for work holds it all the while.
    fn next(&self) -> Option<LookUp> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match queue.blocking_recv()? {
                Job::Read(look_up) => return Some(look_up),
                Job::Close => queue.close(),
            }
        }
    }
}
