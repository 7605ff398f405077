//! That whoever asks will see the answer.

use crate::http::{Http, problem::Refusal};
use axum::extract::FromRequestParts;
use http::{Method, request::Parts};
use std::sync::Arc;
use subrosa_api::Code;

/// A request whose answer's body is sent. A `HEAD` of a route that shows something once would show it to nobody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen;

impl FromRequestParts<Arc<Http>> for Seen {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Http>) -> Result<Self, Refusal> {
        match parts.method {
            Method::HEAD => Err(Refusal::code(Code::MethodNotAllowed)),
            _ => Ok(Self),
        }
    }
}
