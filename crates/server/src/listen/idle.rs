//! Which connections are open, and which have idled too long.
//!
//! hyper keeps a connection's read buffer for as long as the connection: a value that was published through it stays in
//! memory until then. So a connection that carried one is closed after a few seconds of idleness; one that is in use is
//! never closed for it.

use super::{IDLE_MAX, IDLE_MAX_WITH_VALUE};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Every open connection.
#[derive(Debug)]
pub(crate) struct Connections {
    started: Instant,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    next: AtomicU64,
}

/// One open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Told to end.
    pub(crate) end: Notify,
    asked: AtomicBool,
    busy: AtomicBool,
    carried_value: AtomicBool,
    /// Milliseconds after the server's start.
    idle_since: AtomicU64,
}

impl Default for Connections {
    fn default() -> Self {
        Self { started: Instant::now(), open: Mutex::default(), next: AtomicU64::new(0) }
    }
}

impl Connections {
    /// A new connection, and what it is known by.
    pub(crate) fn open(&self) -> (u64, Arc<Connection>) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection {
            end: Notify::new(),
            asked: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            carried_value: AtomicBool::new(false),
            idle_since: AtomicU64::new(self.elapsed()),
        });
        self.open.lock().insert(id, Arc::clone(&connection));
        (id, connection)
    }

    /// A connection that ended.
    pub(crate) fn closed(&self, id: u64) {
        self.open.lock().remove(&id);
    }

    /// A request began.
    pub(crate) fn begin(&self, connection: &Connection) {
        connection.asked.store(true, Ordering::Relaxed);
        connection.busy.store(true, Ordering::Relaxed);
    }

    /// A request was answered.
    pub(crate) fn answered(&self, connection: &Connection, carried_value: bool) {
        connection.carried_value.fetch_or(carried_value, Ordering::Relaxed);
        connection.idle_since.store(self.elapsed(), Ordering::Relaxed);
        connection.busy.store(false, Ordering::Release);
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.open.lock().len()
    }

    /// Ends those that idled too long, and those whose next request's head takes too long to arrive, which looks the
    /// same from here. Called every second.
    pub(crate) fn end_idle(&self) {
        let now = self.elapsed();
        for connection in self.open.lock().values() {
            let idle = Duration::from_millis(
                now.saturating_sub(connection.idle_since.load(Ordering::Relaxed)),
            );
            let carried_value = connection.carried_value.load(Ordering::Relaxed);
            let most = if carried_value { IDLE_MAX_WITH_VALUE } else { IDLE_MAX };
            if !connection.busy.load(Ordering::Acquire) && idle >= most {
                connection.end.notify_one();
            }
        }
    }

    /// Ends all of them, each after the request it is at.
    pub(crate) fn end_all(&self) {
        self.open.lock().values().for_each(|connection| connection.end.notify_one());
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Connection {
    /// Whether a request came over it, now or before.
    pub(crate) fn has_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether a request is being answered.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn told(connection: &Connection) -> bool {
        connection.end.notified().now_or_never().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_carried_a_value_ends_after_five_idle_seconds_and_others_after_sixty() {
        let connections = Connections::default();
        let ((_, plain), (_, with_value)) = (connections.open(), connections.open());
        connections.answered(&plain, false);
        connections.answered(&with_value, true);
        connections.answered(&with_value, false);
        tokio::time::advance(Duration::from_secs(4)).await;
        connections.end_idle();
        assert!(!told(&plain) && !told(&with_value));
        tokio::time::advance(Duration::from_secs(1)).await;
        connections.end_idle();
        assert!(!told(&plain) && told(&with_value), "what was carried once is carried still");
        tokio::time::advance(Duration::from_secs(55)).await;
        connections.end_idle();
        assert!(told(&plain));
    }

    #[tokio::test(start_paused = true)]
    async fn one_in_use_is_never_ended_for_idling() {
        let connections = Connections::default();
        let (_, connection) = connections.open();
        connections.begin(&connection);
        tokio::time::advance(Duration::from_secs(600)).await;
        connections.end_idle();
        assert!(!told(&connection));
    }
}
