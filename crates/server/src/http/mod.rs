//! The HTTP surfaces. A surface parses, calls one use-case and shapes the answer; it holds no rule of its own.
//!
//! A request's way in: [`edge`] (clean path, custom verb, request id) → the router → [`extract`] (who, which tenant,
//! what permit, what body) → a handler → a use-case of `app`. Its way out: a wire type, or a refusal that [`problem`]
//! renders.

mod about;
mod answer;
mod edge;
mod exchange;
mod extract;
mod health;
mod metrics;
pub mod openapi;
mod path;
mod problem;
mod router;
mod v1;
mod verbs;

pub use edge::Edge;
pub use exchange::Door;
pub use metrics::Metrics;

use std::sync::Arc;
use subrosa_app::App;

/// What every handler can reach.
#[derive(Debug)]
pub struct Http {
    /// The use-cases.
    pub app: Arc<App>,
    /// The counters.
    pub metrics: Metrics,
    /// Whether metrics are answered on TCP too: only where every caller is on this machine.
    pub metrics_on_tcp: bool,
}
