//! The way to a server: the binary over HTTP, or one in this process whose clock can be moved.

use crate::wire::Wire;
use http_body_util::Full;
use hyper::{Method, Request, body::Bytes};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use subrosa_testkit::TestServer;

/// What distinguishes the tenants of this process.
static TENANTS: AtomicU64 = AtomicU64::new(0);

/// Connections to one server, used by one worker.
#[expect(clippy::large_enum_variant, reason = "there are nineteen of them")]
pub(super) enum Lines {
    /// The binary: one connection over TCP and one over its socket.
    Http { bearer: Wire, operator: Wire },
    /// A server of our own.
    Inside(Box<TestServer>),
}

/// An answer, read.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Lines {
    pub(super) fn http(address: SocketAddr, socket: PathBuf) -> Self {
        Self::Http { bearer: Wire::tcp(address, None), operator: Wire::unix(&socket) }
    }

    pub(super) async fn inside() -> Self {
        Self::Inside(Box::new(TestServer::start().await))
    }

    /// Whether time can be moved here.
    pub(super) const fn moves_time(&self) -> bool {
        matches!(self, Self::Inside(_))
    }

    /// Lets time pass where it can be moved.
    pub(super) fn pass(&self, millis: i64) {
        if let Self::Inside(server) = self {
            server.clock.advance(Duration::from_millis(millis.unsigned_abs()));
        }
    }

    /// A new tenant: its slug, and when it was made, in milliseconds since 1970.
    pub(super) async fn tenant(&self) -> (String, i64) {
        let slug = format!("t{}", TENANTS.fetch_add(1, Ordering::Relaxed));
        let made = self.ask(None, true, "POST", "/v1/tenants", Some(json!({ "slug": slug }))).await;
        assert_eq!(made.status, 201, "a tenant is made: {}", made.body);
        (slug, made.body["createdAt"].as_i64().expect("a time"))
    }

    /// Asks, as the operator or with a token or as nobody.
    pub(super) async fn ask(
        &self,
        token: Option<&str>,
        operator: bool,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Heard {
        let body = body.map(|body| body.to_string());
        let (status, bytes) = match self {
            Self::Http { bearer, operator: socket } => {
                let request = request(token, method, path, body);
                let wire = if operator { socket } else { bearer };
                let reply = wire.send_whole(request).await.expect("the server answers");
                (reply.status, reply.bytes.to_vec())
            }
            Self::Inside(server) => {
                let actor = match token {
                    Some(token) => server.with_token(token),
                    None if operator => server.operator(),
                    None => server.stranger(),
                };
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let reply = actor.send(method, path, body.map(String::into_bytes)).await;
                (reply.status.as_u16(), reply.bytes)
            }
        };
        Heard { status, body: read(&bytes) }
    }
}

fn request(
    token: Option<&str>,
    method: &str,
    path: &str,
    body: Option<String>,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path).header("host", "subrosa");
    if let Some(token) = token {
        // Both are the same to the walletcrew surface, and each is to be tried.
        request = if path.starts_with("/api/t") && path.len().is_multiple_of(2) {
            request.header("x-api-key", token)
        } else {
            request.header("authorization", format!("Bearer {token}"))
        };
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    request.body(Full::new(body.unwrap_or_default().into())).expect("a request")
}

/// A body as JSON; the two values that are no text as what the model calls them.
fn read(bytes: &[u8]) -> Value {
    match bytes {
        [] => Value::Null,
        [0xff, 8] => json!({ "#bytes": "/wg=" }),
        [0xff, 9] => json!({ "#bytes": "/wk=" }),
        _ => serde_json::from_slice(bytes).expect("an answer is JSON"),
    }
}
