//! Who asks: a test reads "who does what, and sees what".

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::{HeaderMap, Method, Request, StatusCode, header, request::Builder};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use subrosa_server::http::{Door, Edge};

/// Someone who sends requests.
#[derive(Clone)]
pub struct Actor {
    edge: Edge,
    door: Door,
    token: Option<String>,
}

/// What they were answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub bytes: Vec<u8>,
}

impl Actor {
    pub(crate) const fn new(edge: Edge, door: Door, token: Option<String>) -> Self {
        Self { edge, door, token }
    }

    /// The same one at another address.
    #[must_use]
    pub fn from(mut self, peer: &str) -> Self {
        self.door = Door::Tcp { peer: peer.parse().unwrap() };
        self
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// GET of an answer of this media type.
    pub async fn gets_as(&self, path: &str, media_type: &str) -> Reply {
        let request = self.asks(&Method::GET, path).header(header::ACCEPT, media_type);
        self.send_whole(request.body(Body::empty()).unwrap()).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body.to_string().into_bytes())).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body.to_string().into_bytes())).await
    }

    /// PUT without a body.
    pub async fn put(&self, path: &str) -> Reply {
        self.send(Method::PUT, path, None).await
    }

    /// PUT with a JSON body.
    pub async fn puts(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body.to_string().into_bytes())).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Any method, any body.
    pub async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Reply {
        let mut request = self.asks(&method, path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.send_whole(request.body(Body::from(body.unwrap_or_default())).unwrap()).await
    }

    /// A request with the actor's token.
    fn asks(&self, method: &Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(path);
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// A request as it is, without the actor's token.
    pub async fn send_whole(&self, request: Request<Body>) -> Reply {
        let response = self.edge.answer(self.door, request).await.response;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, bytes }
    }

    /// A request with these headers beside the actor's token, whatever their bytes; `None` when HTTP has no such
    /// request.
    pub async fn sends(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &[u8])],
        body: Vec<u8>,
    ) -> Option<Reply> {
        let mut request = self.asks(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Some(self.send_whole(request.body(Body::from(body)).ok()?).await)
    }

    /// A body of `total` bytes that is no JSON, chunk by chunk, with or without its length told first; what was
    /// answered, and how many bytes had been asked for by then.
    pub async fn pours(
        &self,
        method: &Method,
        path: &str,
        total: usize,
        announced: bool,
    ) -> (Reply, usize) {
        const CHUNK: usize = 16 * 1024;
        let read = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&read);
        let chunks = (0..total / CHUNK).map(move |_| {
            counter.fetch_add(CHUNK, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; CHUNK]))
        });
        let mut request = self.asks(method, path);
        if announced {
            request = request.header(header::CONTENT_LENGTH, total);
        }
        let body = Body::from_stream(stream::iter(chunks));
        let reply = self.send_whole(request.body(body).unwrap()).await;
        (reply, read.load(Ordering::Relaxed))
    }

    /// The actor's token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

impl Reply {
    /// The body, if the status is the expected one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status.as_u16(), status, "{text}");
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem's code, if the status is the expected one.
    #[track_caller]
    pub fn refused(&self, status: u16) -> String {
        self.expect(status)["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("the body is JSON")
    }

    /// The request's id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.headers["x-request-id"].to_str().unwrap()
    }

    /// Everything that was answered, status line, headers and body, with zeros for the request's id: what alike
    /// refusals must share to the byte.
    #[must_use]
    pub fn as_bytes(&self) -> Vec<u8> {
        let mut all = format!("{:?}\n{:?}\n", self.status, self.headers).into_bytes();
        all.extend_from_slice(&self.bytes);
        let id = self.request_id().as_bytes();
        let mut at = 0;
        while at + id.len() <= all.len() {
            if all[at..].starts_with(id) {
                all[at..at + id.len()].fill(b'0');
            }
            at += 1;
        }
        all
    }

    /// The body without its request's id: what alike refusals must share to the byte.
    #[must_use]
    pub fn without_instance(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().map(|body| body.remove("instance"));
        body
    }
}
