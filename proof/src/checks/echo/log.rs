//! Everything that the servers of this process log, at every level.

use std::{
    io::{Result, Write},
    sync::{Arc, Mutex},
};

/// What was logged.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens from here on, on every thread.
    pub(super) fn capture() -> Self {
        let log = Self::default();
        let kept = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
        subscriber.with_writer(move || kept.clone()).init();
        log
    }

    /// What was logged since this was last asked for.
    pub(super) fn since(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().expect("a log"));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
