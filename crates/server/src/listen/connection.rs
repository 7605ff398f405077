//! One connection: requests in, answers out, until it ends or is told to.

use super::{READ_WITHIN, idle::Connections};
use crate::http::{Door, Edge};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

/// Header bytes of a request: a bearer token and what proxies add, many times over.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Serves one connection to its end.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    door: Door,
    edge: Edge,
    connections: Arc<Connections>,
) {
    let _counted = edge.connected();
    let (id, connection) = connections.open();
    let answer = service_fn(|request: http::Request<Incoming>| {
        connections.begin(&connection);
        let (edge, connections, connection) = (&edge, &connections, &connection);
        async move {
            let answered = edge.serve(door, request).await;
            connections.answered(connection, answered.carried_value);
            Ok::<_, Infallible>(answered.response)
        }
    });
    let mut protocol = http1::Builder::new();
    // Half-closing: nothing is read while a request is answered, so its buffer is free again for the next one. A peer
    // that went away is noticed when it is written to. hyper's own limit on heads would set a timer with every request;
    // here [`Connections`] looks at all of them once a second.
    protocol.header_read_timeout(None).half_close(true).max_buf_size(HEAD_BYTES_MAX);
    let mut served = pin!(protocol.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = connection.end.notified() => {
            served.as_mut().graceful_shutdown();
            loop {
                // One that has not said a whole request's head so far has nothing to be waited for; another may still
                // be reading its last answer.
                let wait = if connection.has_asked() { READ_WITHIN } else { Duration::ZERO };
                match timeout(wait, served.as_mut()).await {
                    Ok(ended) => break ended,
                    Err(_late) if connection.is_busy() => {}
                    Err(_late) => break Ok(()),
                }
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error.is_timeout(), "a connection ended badly");
    }
    connections.closed(id);
}
