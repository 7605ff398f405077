//! The ids in a path. One that cannot be an id names nothing: not found, like any other that is not there.

use crate::http::{Http, problem::Refusal};
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::{str::FromStr, sync::Arc};
use subrosa_api::Code;

/// The parameters of a path after the tenant, as text.
pub(crate) struct Ids<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Http>> for Ids<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        let path = Path::<T>::from_request_parts(parts, http).await;
        path.map(|Path(ids)| Self(ids)).map_err(|_| Refusal::code(Code::NotFound))
    }
}

/// The id in `text`.
pub(crate) fn parse_id<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::code(Code::NotFound))
}
