//! How a call can fail, seen from this side. None of it quotes what was sent or received, but for a server's problem.

use super::target::Target;
use crate::Problem;

/// Why there is no answer to work with.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("cannot reach {target}: {why}")]
    Unreachable {
        /// From where.
        target: Target,
        /// Why not.
        why: Unreachable,
    },
    /// The server refused or failed, and said how.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// The token has bytes that no token has; nothing was sent.
    #[error("the token is not one of a Subrosa server")]
    BadToken,
    /// The request could not be put together; nothing was sent.
    #[error("the request could not be put together")]
    Unsendable,
    /// An answer came that is not one of ours: another server, a proxy, another version.
    #[error("the answer (status {status}) is not one of a Subrosa server")]
    Unintelligible {
        /// Its HTTP status.
        status: u16,
    },
}

/// Why no answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreachable {
    /// There is no such socket, host or route to it.
    #[error("not found")]
    NotFound,
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The socket is another user's.
    #[error("permission denied")]
    Denied,
    /// No connection in time.
    #[error("no connection in {} s", super::connect::CONNECT_TIMEOUT.as_secs())]
    ConnectTimeout,
    /// No answer in time. What was asked for may have been done all the same.
    #[error(
        "no answer in {} s; what was asked for may have been done all the same",
        super::wire::ANSWER_TIMEOUT.as_secs()
    )]
    AnswerTimeout,
    /// The connection broke. What was asked for may have been done all the same.
    #[error("the connection broke; what was asked for may have been done all the same")]
    Broken,
    /// TLS could not be agreed on, or the certificate is not trusted.
    #[error("no trusted TLS connection")]
    Tls,
    /// This build speaks no TLS.
    #[error("this build was made without TLS")]
    NoTls,
}

impl From<std::io::Error> for Unreachable {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::ConnectionRefused => Self::Refused,
            Kind::PermissionDenied => Self::Denied,
            Kind::TimedOut => Self::ConnectTimeout,
            Kind::ConnectionReset | Kind::BrokenPipe | Kind::UnexpectedEof => Self::Broken,
            _ => Self::NotFound,
        }
    }
}
