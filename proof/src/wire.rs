//! A caller as the network has them: HTTP/1.1 over a connection that is kept, and made anew when it is gone.

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::Mutex,
};

type Sender = SendRequest<Full<Bytes>>;

/// Someone who sends requests, one at a time.
pub(crate) struct Wire {
    place: Place,
    token: Option<String>,
    kept: Mutex<Option<Sender>>,
}

enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// What they were answered.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: hyper::HeaderMap,
    /// The body's bytes.
    pub(crate) bytes: Bytes,
}

impl Wire {
    pub(crate) fn tcp(address: SocketAddr, token: Option<&str>) -> Self {
        let token = token.map(str::to_owned);
        Self { place: Place::Tcp(address), token, kept: Mutex::new(None) }
    }

    pub(crate) fn unix(socket: &Path) -> Self {
        Self { place: Place::Unix(socket.into()), token: None, kept: Mutex::new(None) }
    }

    /// Sends a request with a body of JSON, or with none.
    ///
    /// # Errors
    /// When nobody answers whole: whether the request took effect is not known then.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> io::Result<Reply> {
        let mut request = Request::builder().method(method).uri(path).header("host", "subrosa");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        self.send_whole(request.body(Full::new(body)).map_err(io::Error::other)?).await
    }

    /// Sends a request as it is, without the token.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) async fn send_whole(&self, request: Request<Full<Bytes>>) -> io::Result<Reply> {
        let mut kept = self.kept.lock().await;
        let mut sender = match kept.take().filter(|sender| !sender.is_closed()) {
            Some(mut sender) => match sender.ready().await {
                Ok(()) => sender,
                Err(_) => self.connect().await?,
            },
            None => self.connect().await?,
        };
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(io::Error::other)?.to_bytes();
        *kept = Some(sender);
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, bytes })
    }

    async fn connect(&self) -> io::Result<Sender> {
        match &self.place {
            Place::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let (sender, connection) =
                    handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
                tokio::spawn(connection);
                Ok(sender)
            }
            Place::Unix(path) => {
                let stream = UnixStream::connect(path).await?;
                let (sender, connection) =
                    handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
                tokio::spawn(connection);
                Ok(sender)
            }
        }
    }
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body as JSON, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The problem's code, if it is one.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}
