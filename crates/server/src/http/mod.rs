//! The HTTP surfaces. A surface parses, calls one use-case and shapes the answer; it holds no rule of its own.
//!
//! A request's way in: [`edge`] (clean path, custom verb, request id) → the router → [`extract`] (who, which tenant,
//! what permit, what body) → a handler → a use-case of `app`. Its way out: a wire type, or a refusal that [`problem`]
//! renders.

mod about;
mod answer;
mod device;
mod edge;
mod exchange;
mod express;
mod extract;
mod forwarded;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod health;
mod jwks;
mod limiter;
mod metrics;
pub mod openapi;
mod path;
mod problem;
mod router;
mod scope_names;
mod truefoundry;
mod v1;
mod verbs;
mod walletcrew;

pub use edge::{Edge, Routes};
pub use exchange::Door;
pub use forwarded::{Network, NoNetwork, TrustedProxies};
pub use limiter::{Guess, Limiter, LimiterOptions, RetryAfter};
pub use metrics::Metrics;

use std::{collections::HashMap, sync::Arc};
use subrosa_app::App;
use subrosa_domain::TenantSlug;

/// What every handler can reach.
#[derive(Debug)]
pub struct Http {
    /// The use-cases.
    pub app: Arc<App>,
    /// The counters.
    pub metrics: Metrics,
    /// How often who was wrong.
    pub limiter: Limiter,
    /// The proxies that say whom a request comes from.
    pub proxies: TrustedProxies,
    /// Whether metrics are answered on TCP too: only where every caller is on this machine.
    pub metrics_on_tcp: bool,
    /// Which tenant a host is for, as the operator says; hosts in lower case, with their port where they have one.
    pub hosts: HashMap<String, TenantSlug>,
    /// Where people reach this server: scheme and authority, without a slash at the end.
    pub public_url: String,
}
