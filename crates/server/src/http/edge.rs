//! The edge: what happens to every request before the router and to every answer after it. One layer, and thin: each
//! costs every request.

use super::{
    Http,
    exchange::{Bearer, Door, Exchange},
    express::Express,
    path,
    problem::{self, Refusal},
    router, verbs,
};
use axum::{Router, body::Body, response::Response};
use foldhash::quality::RandomState;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use hyper::body::Incoming;
use std::{
    convert::Infallible, fmt, hash::BuildHasher, sync::Arc, thread::JoinHandle, time::Duration,
};
use subrosa_api::Code;
use subrosa_app::Origin;
use subrosa_domain::{Activity, RequestId, ToolName, audit::Surface};
use subrosa_plant::planted;
use tower::ServiceExt;

/// The id of a request, in its answer.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The tool a caller says it is.
const X_FRUXON_ACTOR: HeaderName = HeaderName::from_static("x-fruxon-actor");

/// The whole HTTP service.
#[derive(Clone)]
pub struct Edge {
    http: Arc<Http>,
    router: Router,
    /// Seeded, and fed with little a caller chose: a token of ours, a route of ours, where they ask from.
    alike: RandomState,
}

/// The routes, being made. That takes as long as opening the store, which can be done meanwhile.
#[derive(Debug)]
pub struct Routes(JoinHandle<Router<Arc<Http>>>);

impl Routes {
    /// Begins to make them.
    #[must_use]
    pub fn begin() -> Self {
        Self(std::thread::spawn(router::routes))
    }
}

/// An answer, and whether a value passed through the connection for it.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// Whether the connection's buffers held a value.
    pub carried_value: bool,
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge")
    }
}

impl Edge {
    /// The service over these parts.
    #[must_use]
    pub fn new(http: Arc<Http>, routes: Routes) -> Self {
        // Who panicked there would do so here.
        let routes = routes.0.join().unwrap_or_else(|_| router::routes());
        let router = routes.with_state(Arc::clone(&http));
        Self { http, router, alike: RandomState::default() }
    }

    /// Counts a connection for as long as the guard lives.
    pub(crate) fn connected(&self) -> impl Drop + use<> {
        self.http.metrics.connected()
    }

    /// Answers one request of a connection.
    pub async fn serve(&self, door: Door, request: Request<Incoming>) -> Answered {
        self.answer(door, request.map(Body::new)).await
    }

    /// The same for a request from anywhere: tests bring their own.
    pub async fn answer(&self, door: Door, mut request: Request<Body>) -> Answered {
        let app = &self.http.app;
        let origin = Origin {
            request_id: RequestId::fresh(app.ids()),
            surface: surface(request.uri().path()),
            now: app.clock().now(),
            tool: tool(request.headers()),
        };
        let client = match door {
            Door::Socket { .. } => None,
            Door::Tcp { peer } => Some(self.http.proxies.client(peer, request.headers())),
        };
        let exchange = Arc::new(Exchange::new(origin, door, client));
        let method = request.method().clone();
        let sent = planted!("route-as-sent").then(|| request.uri().path().to_owned());
        if planted!("path-decoded-twice") {
            let once = form_urlencoded::parse(request.uri().path().as_bytes()).next();
            let once = once.and_then(|(path, _)| path.parse().ok());
            *request.uri_mut() = once.unwrap_or_default();
        }
        // The operator's socket speaks our own API alone.
        let foreign = matches!(door, Door::Socket { .. }) && exchange.origin.surface != Surface::V1;
        let mut response = if foreign {
            Refusal::code(Code::NotFound).stashed()
        } else if let Some(express) = Express::known(&request) {
            express.answer(&self.http, Arc::clone(&exchange), request).await
        } else if path::is_canonical(request.uri()) {
            if let Some(internal) = verbs::rewrite(request.uri()) {
                *request.uri_mut() = internal;
            }
            request.extensions_mut().insert(Arc::clone(&exchange));
            let answered: Result<Response, Infallible> = self.router.clone().oneshot(request).await;
            answered.unwrap_or_else(|never| match never {})
        } else {
            Refusal::code(Code::InvalidPath).stashed()
        };
        if let Some(refusal) = problem::take(&mut response) {
            // Of a method that a path does not know, the router says which it does, and the refusal has to say so too.
            let allow = response.headers_mut().remove(header::ALLOW);
            response = problem::render(&refusal, &exchange.origin);
            response.headers_mut().extend(allow.map(|methods| (header::ALLOW, methods)));
        }
        dress(&mut response, exchange.origin.request_id);
        self.http.metrics.answered(response.status());
        let unnoted = planted!("reads-unrecorded") && method == Method::GET;
        let bearer = exchange.token().filter(|_| !unnoted);
        if let Some(Bearer { tenant: tenant_id, token: token_id }) = bearer {
            let status = response.status().as_u16();
            // The route and not the path: what a caller put into the path is nobody's to read.
            let route = exchange.route();
            let minute = exchange.origin.now.minute();
            let alike = self.alike.hash_one((token_id, &method, route, status, client, minute));
            app.record_activity(alike, || Activity {
                id: exchange.origin.request_id,
                tenant_id,
                token_id,
                time: exchange.origin.now,
                method: method.as_str().into(),
                path: sent.unwrap_or_else(|| verbs::public(route)).into(),
                status,
                latency_ms: latency_ms(app.clock().now().since(exchange.origin.now)),
                remote_ip: client.map(|client| client.to_string().into()),
                tool: exchange.origin.tool.clone(),
            });
        }
        Answered { carried_value: exchange.carries_value(), response }
    }
}

/// By which surface a path speaks.
fn surface(path: &str) -> Surface {
    if path.starts_with("/api/svc/") {
        Surface::Truefoundry
    } else if path.starts_with("/api/") {
        Surface::Walletcrew
    } else {
        Surface::V1
    }
}

fn latency_ms(latency: Duration) -> u32 {
    u32::try_from(latency.as_millis()).unwrap_or(u32::MAX)
}

/// The headers every answer has: its request's id, and that nobody keeps a copy.
fn dress(response: &mut Response, id: RequestId) {
    let mut text = uuid::Uuid::encode_buffer();
    let id = id.uuid().hyphenated().encode_lower(&mut text);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, id);
    }
    if planted!("answers-kept") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn tool(headers: &HeaderMap) -> Option<ToolName> {
    headers.get(X_FRUXON_ACTOR)?.to_str().ok()?.parse().ok()
}
