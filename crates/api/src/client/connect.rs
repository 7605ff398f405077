//! Opening a connection to a target.

use super::{
    error::Unreachable,
    target::{Server, Target},
};
use std::{future::Future, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

/// How long a connection may take to come up, TLS included: long enough for a lost packet or two, short enough for a
/// person to wait.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A stream of bytes to a server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connects.
pub(super) async fn connect(target: &Target) -> Result<Box<dyn Stream>, Unreachable> {
    match target {
        Target::Socket(path) => Ok(Box::new(in_time(UnixStream::connect(path)).await??)),
        Target::Server(server) => in_time(connect_server(server)).await?,
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, Unreachable> {
    tokio::time::timeout(CONNECT_TIMEOUT, work).await.map_err(|_| Unreachable::ConnectTimeout)
}

async fn connect_server(server: &Server) -> Result<Box<dyn Stream>, Unreachable> {
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await?;
    // A request is written in one piece; waiting to fill a packet would only delay it.
    stream.set_nodelay(true)?;
    if server.tls { secure(server, stream).await } else { Ok(Box::new(stream)) }
}

#[cfg(feature = "tls")]
async fn secure(server: &Server, stream: TcpStream) -> Result<Box<dyn Stream>, Unreachable> {
    super::tls::secure(server, stream).await
}

#[cfg(not(feature = "tls"))]
async fn secure(_server: &Server, _stream: TcpStream) -> Result<Box<dyn Stream>, Unreachable> {
    Err(Unreachable::NoTls)
}
