//! What runs beside requests: writing counts every second, rewrapping after a rotation, and the hourly broom.

use crate::{app::App, limits};
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// How often what can wait is done.
const BROOM_EVERY: Duration = Duration::from_secs(3_600);

impl App {
    /// Runs the jobs until the future is dropped. A failure is logged and tried again at the next turn; requests do not
    /// notice.
    pub async fn run_jobs(self: Arc<Self>) {
        let (mut flush, mut broom) = (interval(limits::FLUSH_EVERY), interval(BROOM_EVERY));
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if self.set_back().is_some() {
            // A store that is only looked at is not written.
            return std::future::pending().await;
        }
        loop {
            tokio::select! {
                _ = flush.tick() => {
                    report("writing counts", self.flush().await);
                    report("keeping the checkpoint", self.checkpoint().await);
                }
                () = self.rewrap_wanted.notified() => {
                    report("rewrapping", self.rewrap_all().await.map(|_| ()));
                }
                _ = broom.tick() => {
                    report("rewrapping", self.rewrap_all().await.map(|_| ()));
                    report("destroying retired keys", self.destroy_retired_keys().await.map(|_| ()));
                    report("pruning", self.prune().await);
                }
            }
        }
    }

    async fn prune(&self) -> Result<(), crate::AppError> {
        let now = self.clock.now();
        let (activities, checkpoints) = (limits::KEEP_ACTIVITIES, limits::KEEP_CHECKPOINTS);
        Ok(self.store.prune(now.minus(activities), now.minus(checkpoints)).await?)
    }

    /// Writes what waits and ends the store's run. Nothing can be done afterwards.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn close(&self) -> Result<(), crate::AppError> {
        let written = match self.set_back() {
            None => {
                let flushed = self.flush_all().await;
                // What one tenant's log did not take is no reason to forget where the store stands.
                self.checkpoint().await.and(flushed)
            }
            Some(_) => Ok(()),
        };
        // Whatever could not be written, what was is closed as it should be.
        self.store.close().await?;
        written
    }
}

fn report(what: &'static str, done: Result<(), crate::AppError>) {
    if let Err(error) = done {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "{what} failed; it is tried again"
        );
    }
}
