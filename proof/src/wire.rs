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

    /// What is answered to what must not be refused.
    ///
    /// # Errors
    /// When it is, or when nobody answers.
    pub(crate) async fn asked(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let reply = self.send(method, path, body).await;
        let reply = reply.map_err(|error| format!("{method} {path} was not answered: {error}"))?;
        match reply.status {
            ..300 => Ok(reply.json()),
            status => Err(format!("{method} {path} was answered {status} {}", reply.code())),
        }
    }

    /// Everything in a list.
    ///
    /// # Errors
    /// As [`Self::asked`].
    pub(crate) async fn listed(&self, list: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        let takes = |page: &Reply| {
            items.extend(page.json()["items"].as_array().into_iter().flatten().cloned());
            Ok(())
        };
        self.pages(list, takes).await?;
        Ok(items)
    }

    /// Has every page of a list looked at; how many there were.
    ///
    /// # Errors
    /// As [`Self::asked`]; and what `look` says of a page.
    pub(crate) async fn pages(
        &self,
        list: &str,
        mut look: impl FnMut(&Reply) -> Result<(), String>,
    ) -> Result<u64, String> {
        let (mut pages, mut next) = (0, Some(String::new()));
        while let Some(token) = next {
            let path = format!("{list}?pageSize=1000{token}");
            let reply = self.send("GET", &path, None).await;
            let reply = reply.map_err(|error| format!("{path} was not answered: {error}"))?;
            look(&reply)?;
            if reply.status != 200 {
                return Err(format!("{path} was answered {} {}", reply.status, reply.code()));
            }
            let token = reply.json()["nextPageToken"].as_str().map(str::to_owned);
            next = token.map(|token| format!("&pageToken={token}"));
            pages += 1;
        }
        Ok(pages)
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
