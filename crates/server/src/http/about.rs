//! `/`: what this is, for whoever opens it in a browser or asks whether it is there.

use super::{answer, problem::Answer};
use serde::Serialize;
use utoipa::ToSchema;

/// What answers here.
#[derive(Serialize, ToSchema)]
pub(crate) struct About {
    /// `subrosa`.
    name: &'static str,
    /// The server's version.
    version: &'static str,
    /// Where the API is described.
    openapi: &'static str,
}

/// What answers here.
#[utoipa::path(get, path = "/", tag = "server",
    security(()), responses((status = 200, body = About)))]
pub(crate) async fn about() -> Answer {
    answer::json(&About {
        name: "subrosa",
        version: env!("CARGO_PKG_VERSION"),
        openapi: "/openapi.json",
    })
}
