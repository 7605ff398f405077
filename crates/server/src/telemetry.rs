//! Logs: for people on a terminal, JSON lines anywhere else. Never a value, a token or a body, at any level.

use crate::options::LogLevel;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to stderr. A second call changes nothing.
pub fn start(level: LogLevel) {
    let ours = match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
        LogLevel::Trace => "trace",
    };
    // Other crates' events stay out: at their finest they print what passes through them, and that can be a request.
    let filter = EnvFilter::new(format!(
        "off,subrosa={ours},subrosa_app={ours},subrosa_server={ours},subrosa_store={ours},\
         subrosa_kms={ours},subrosa_crypto={ours}"
    ));
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if std::io::stderr().is_terminal() {
        to_stderr.with_target(false).boxed()
    } else {
        to_stderr.json().boxed()
    };
    // A subscriber that is set already, as in tests, stays.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
}
