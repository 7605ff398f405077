//! `GET /metrics`: counters for Prometheus. No label ever holds a name, an id or an address.

use super::{
    Http,
    exchange::{Door, Exchange},
    problem::{Answer, Refusal},
};
use axum::{Extension, body::Body, extract::State, response::Response};
use http::{HeaderValue, StatusCode, header};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::sync::{Arc, atomic::Ordering};
use subrosa_api::Code;

/// The counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answers: [Counter; 5],
    connections: Gauge,
    opened: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("subrosa");
        let answers = Family::<Vec<(String, String)>, Counter>::default();
        let class = |class: usize| vec![("class".to_owned(), format!("{class}xx"))];
        // Each class's counter is looked up here, once, and not at every answer.
        let by_class = [1, 2, 3, 4, 5].map(|n| answers.get_or_create_owned(&class(n)));
        registry.register("http_answers", "Answers by class of status", answers);
        let connections = Gauge::default();
        registry.register("http_connections", "Open connections", connections.clone());
        let opened = Counter::default();
        registry.register("values_opened", "Values of secrets decrypted", opened.clone());
        Self { registry, answers: by_class, connections, opened }
    }
}

impl Metrics {
    /// Counts an answer.
    pub(super) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.inc();
        }
    }

    /// Counts a connection for as long as the guard lives.
    pub(super) fn connected(&self) -> impl Drop + use<> {
        self.connections.inc();
        Connected(self.connections.clone())
    }
}

struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The counters, in Prometheus' text format. On TCP only where every caller is on this machine.
#[utoipa::path(get, path = "/metrics", tag = "server",
    security(()), responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
pub(crate) async fn metrics(
    State(http): State<Arc<Http>>,
    Extension(exchange): Extension<Arc<Exchange>>,
) -> Answer {
    if matches!(exchange.door, Door::Tcp { .. }) && !http.metrics_on_tcp {
        return Err(Refusal::code(Code::NotFound));
    }
    // The room that decrypts counts, and knows nothing of metrics.
    http.metrics.opened.inner().store(http.app.values_opened(), Ordering::Relaxed);
    let mut text = String::new();
    encode(&mut text, &http.metrics.registry).map_err(|_| Refusal::code(Code::Internal))?;
    let mut response = Response::new(Body::from(text));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
