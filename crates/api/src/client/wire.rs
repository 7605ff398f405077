//! One request and its answer, over a connection that is kept for the next.

use super::{
    connect::connect,
    error::{ClientError, Unreachable},
    target::Target,
};
use crate::{MAX_BATCH_BYTES, Problem};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use std::time::{Duration, Instant};
use subrosa_plaintext::PlainToken;
use tokio::sync::Mutex;

/// How long an answer may take: longer than any wait the server itself would end with a 503.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes an answer may have: a full batch of control characters, each written as six, and its frame.
pub const MAX_ANSWER_BYTES: usize = 6 * MAX_BATCH_BYTES + 1024 * 1024;

/// How long a connection is kept for the next call. The server closes one that carried a value after 5 s, and a request
/// sent into that would be lost.
const KEEP: Duration = Duration::from_secs(3);

/// A client of one server. Calls go one after another.
pub struct Client {
    target: Target,
    token: Option<PlainToken>,
    connection: Mutex<Option<Kept>>,
}

struct Kept {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

/// A request without a body.
pub(super) const NOTHING: Option<&()> = None;

impl Client {
    /// A client of the server at `target`. Without a token it is the operator on a socket, and nobody elsewhere.
    #[must_use]
    pub fn new(target: Target, token: Option<PlainToken>) -> Self {
        Self { target, token, connection: Mutex::new(None) }
    }

    /// Where it sends calls.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Sends a request whose answer has a body.
    pub(super) async fn call<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<A, ClientError> {
        let (status, answer) = self.exchange(method, path, body).await?;
        understood(status, &answer)
    }

    /// Asks for what may not be there yet: then the answer is 202, and says nothing.
    pub(super) async fn call_if_ready<A: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Option<A>, ClientError> {
        match self.exchange(Method::GET, path, NOTHING).await? {
            (StatusCode::ACCEPTED, _) => Ok(None),
            (status, answer) => understood(status, &answer).map(Some),
        }
    }

    /// Sends a request whose answer has none.
    pub(super) async fn tell(&self, method: Method, path: &str) -> Result<(), ClientError> {
        self.exchange(method, path, NOTHING).await.map(|_| ())
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let request = self.request(method, path, body)?;
        let (status, answer) = tokio::time::timeout(ANSWER_TIMEOUT, self.send(request))
            .await
            .map_err(|_| self.unreachable(Unreachable::AnswerTimeout))??;
        if status.is_success() {
            return Ok((status, answer));
        }
        match serde_json::from_slice::<Problem>(&answer) {
            Ok(problem) => Err(ClientError::Problem(Box::new(problem))),
            Err(_) => Err(ClientError::Unintelligible { status: status.as_u16() }),
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let host = match &self.target {
            Target::Socket(_) => "localhost".to_owned(),
            Target::Server(server) => server.authority(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("subrosa/", env!("CARGO_PKG_VERSION")))
            .header("x-fruxon-actor", "cli");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, bearer(token)?);
        }
        let Some(body) = body else {
            return request.body(Full::default()).map_err(|_| ClientError::Unsendable);
        };
        let body = serde_json::to_vec(body).map_err(|_| ClientError::Unsendable)?;
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body.into()))
            .map_err(|_| ClientError::Unsendable)
    }

    async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let mut kept = self.connection.lock().await;
        let mut sender = match kept.take() {
            Some(kept) if kept.since.elapsed() < KEEP && kept.sender.is_ready() => kept.sender,
            _ => self.open().await.map_err(|why| self.unreachable(why))?,
        };
        let broken = || self.unreachable(Unreachable::Broken);
        let answer = sender.send_request(request).await.map_err(|_| broken())?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                ClientError::Unintelligible { status: head.status.as_u16() }
            } else {
                broken()
            }
        })?;
        *kept = Some(Kept { sender, since: Instant::now() });
        Ok((head.status, body.to_bytes()))
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, Unreachable> {
        let stream = connect(&self.target).await?;
        let (sender, driver) =
            handshake(TokioIo::new(stream)).await.map_err(|_| Unreachable::Broken)?;
        // Its error, if any, also ends the call that waits on it.
        tokio::spawn(async move { drop(driver.await) });
        Ok(sender)
    }

    fn unreachable(&self, why: Unreachable) -> ClientError {
        ClientError::Unreachable { target: self.target.clone(), why }
    }
}

fn understood<A: DeserializeOwned>(status: StatusCode, answer: &[u8]) -> Result<A, ClientError> {
    // serde_json's own error quotes the answer, so it is dropped.
    serde_json::from_slice(answer)
        .map_err(|_| ClientError::Unintelligible { status: status.as_u16() })
}

/// The header of a token. One that is no header value cannot be a token of ours, and is refused like a wrong one would
/// be by the server: it is never sent.
#[expect(clippy::disallowed_methods, reason = "EXIT-6: the client sends its bearer token")]
fn bearer(token: &PlainToken) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| ClientError::BadToken)?;
    value.set_sensitive(true);
    Ok(value)
}
