//! Taking connections: TCP, TLS, and the operator's Unix socket; and letting go of them when they idle.

mod connection;
mod idle;
mod socket;
mod tcp;
mod tls;

pub(crate) use idle::Connections;
pub(crate) use socket::Socket;
pub(crate) use tcp::{Tcp, check};

use std::time::Duration;

/// Connections at a time. A connection costs about 20 KiB; this many are far more than any proxy pools.
const CONNECTIONS_MAX: usize = 4_096;

/// How long a connection may take to say its request's head, or its TLS hello.
const HEAD_WITHIN: Duration = Duration::from_secs(60);

/// How long a connection may idle.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// The same for one whose buffers held a value: they keep it until the connection closes.
const IDLE_MAX_WITH_VALUE: Duration = Duration::from_secs(5);

/// How long what is left of an answer may take to be read by a peer whose connection is told to end: ten minutes for
/// the longest list over the slowest link.
const READ_WITHIN: Duration = Duration::from_secs(600);

/// How long requests under way may take to end when the server does.
pub(crate) const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// Waits before the next accept when this one failed for want of something; at once when only the peer was gone.
async fn pause_after(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(error = %error.kind(), "a connection could not be taken");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
