//! Who asks: a test reads "who does what, and sees what".

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
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
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.send_whole(request.body(Body::from(body.unwrap_or_default())).unwrap()).await
    }

    /// A request as it is, without the actor's token.
    pub async fn send_whole(&self, request: Request<Body>) -> Reply {
        let response = self.edge.answer(self.door, request).await.response;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, bytes }
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

    /// The body without its request's id: what alike refusals must share to the byte.
    #[must_use]
    pub fn without_instance(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().map(|body| body.remove("instance"));
        body
    }
}
