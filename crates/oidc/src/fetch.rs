//! The port through which documents are fetched.

use crate::address::Address;
use async_trait::async_trait;
use bytes::Bytes;

/// Fetches documents.
///
/// What implements it asks the address it is given and no other: it follows no redirect and uses no proxy. It ends in
/// bounded time and returns a bounded number of bytes.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// The document at `address`.
    ///
    /// # Errors
    /// [`FetchFault`].
    async fn get(&self, address: &Address) -> Result<Bytes, FetchFault>;
}

/// Why there is no document. It never quotes what was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchFault {
    /// Nobody was found or listens there, or the connection broke.
    #[error("it cannot be reached")]
    Unreachable,
    /// TLS could not be agreed on, or the certificate is not trusted.
    #[error("no trusted TLS connection")]
    Tls,
    /// No whole answer in time.
    #[error("no answer in time")]
    Timeout,
    /// An answer other than 200, a redirect among them.
    #[error("it answers with another status than 200")]
    Status,
    /// More than a document has.
    #[error("the answer is too long")]
    TooLong,
}
