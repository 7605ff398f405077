//! One connection: requests in, answers out, until it ends or is told to.

use super::{HEAD_WITHIN, idle::Connections};
use crate::http::{Door, Edge};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, pin::pin, sync::Arc};
use tokio::io::{AsyncRead, AsyncWrite};

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
    protocol.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_BYTES_MAX);
    let mut served = pin!(protocol.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = connection.end.notified() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error.is_timeout(), "a connection ended badly");
    }
    connections.closed(id);
}
