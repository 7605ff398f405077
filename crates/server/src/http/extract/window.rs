//! How much of a list is asked for by `limit` and `offset`.

use super::query::Query;
use crate::http::{Http, problem::Refusal};
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::sync::Arc;
use subrosa_app::{AppError, limits};

/// Where in a list to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) limit: u32,
    pub(crate) offset: u32,
}

impl Window {
    /// The window that these numbers mean; what is not said is 100 and 0.
    pub(crate) fn new(limit: Option<i64>, offset: Option<i64>) -> Result<Self, Refusal> {
        let limit = limit.unwrap_or(limits::PAGE_DEFAULT.into());
        let limit = u32::try_from(limit).ok().filter(|n| (1..=limits::PAGE_MAX).contains(n));
        let limit = limit.ok_or_else(|| AppError::invalid("limit", "must be 1 to 1,000"))?;
        let offset = u32::try_from(offset.unwrap_or(0));
        let offset = offset.map_err(|_| AppError::invalid("offset", "must be 0 or more"))?;
        Ok(Self { limit, offset })
    }

    /// The window that a query asks for.
    pub(crate) fn of(query: &Query) -> Result<Self, Refusal> {
        let number = "must be a whole number";
        Self::new(query.parsed("limit", number)?, query.parsed("offset", number)?)
    }
}

impl FromRequestParts<Arc<Http>> for Window {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        Self::of(&Query::from_request_parts(parts, http).await?)
    }
}
