//! The measuring rod: hyper alone, one constant answer, on the runtime that `subrosa serve` uses and the system's
//! allocator. It runs as a process of its own, so that its processor time can be told from everybody else's.

use crate::{failure::Result, say};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io::Read};
use tokio::net::TcpListener;

/// The answer's body: JSON, 300 bytes.
const BODY_BYTES: usize = 300;

/// Serves until stdin ends, which it does with whoever started this. Says where on stdout.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        say(listener.local_addr()?.to_string());
        let filler = "x".repeat(BODY_BYTES - r#"{"value":""}"#.len());
        let body = Bytes::from(format!(r#"{{"value":"{filler}"}}"#));
        loop {
            let (stream, _) = listener.accept().await?;
            let _ = stream.set_nodelay(true);
            let body = body.clone();
            tokio::spawn(async move {
                let answer = service_fn(move |_: Request<Incoming>| {
                    let mut response = Response::new(Full::new(body.clone()));
                    let json = header::HeaderValue::from_static("application/json");
                    response.headers_mut().insert(header::CONTENT_TYPE, json);
                    async move { Ok::<_, Infallible>(response) }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    })
}
