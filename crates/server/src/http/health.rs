//! `GET /health/live` and `/health/ready`: the process is there; it can serve.

use super::{Http, answer, problem::Answer};
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer of both.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `live`, `ready` or `unready`.
    status: &'static str,
    /// Why it is not ready, where that is more than that its store does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Whether the process answers at all.
#[utoipa::path(get, path = "/health/live", tag = "server",
    security(()), responses((status = 200, body = Health)))]
pub(crate) async fn health_live() -> Answer {
    answer::json(&Health { status: "live", reason: None })
}

/// Whether it can serve: its store answers and is the latest.
#[utoipa::path(get, path = "/health/ready", tag = "server",
    security(()), responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(crate) async fn health_ready(State(http): State<Arc<Http>>) -> Answer {
    if http.app.is_ready().await {
        return answer::json(&Health { status: "ready", reason: None });
    }
    let reason = http.app.set_back().map(|set_back| set_back.to_string());
    let mut response = answer::json(&Health { status: "unready", reason })?;
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    Ok(response)
}
