//! How much of a list is asked for: `pageSize` and `pageToken`, or neither.

use super::query::Query;
use crate::http::{Http, problem::Refusal};
use axum::extract::FromRequestParts;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::request::Parts;
use std::sync::Arc;
use subrosa_app::{AppError, PageRequest, limits};
use subrosa_plant::planted;

/// The paging parameters of a query.
pub(crate) struct Paging {
    size: Option<u32>,
    token: Option<Vec<u8>>,
}

impl FromRequestParts<Arc<Http>> for Paging {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        Self::of(&Query::from_request_parts(parts, http).await?)
    }
}

impl Paging {
    /// What a query asks for.
    pub(crate) fn of(query: &Query) -> Result<Self, Refusal> {
        let positive = |text: &str| text.parse().ok().filter(|size| *size > 0_u32);
        let size = query.chosen("pageSize", "must be a whole number from 1 on", positive)?;
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let expected = "must be the nextPageToken of an earlier answer";
        let token = query.chosen("pageToken", expected, decode)?;
        let token = match token {
            Some(token) => Some(token),
            // The spelling of the published pages.
            None => query.chosen("pageToken.cursor", expected, decode)?,
        };
        Ok(Self { size, token })
    }

    /// Whether neither parameter was given.
    pub(crate) const fn is_absent(&self) -> bool {
        self.size.is_none() && self.token.is_none()
    }

    /// The part that is asked for; all of the list when nothing was said.
    pub(crate) fn whole_or_part<C>(
        &self,
        cursor: impl FnOnce(&[u8]) -> Option<C>,
    ) -> Result<PageRequest<C>, Refusal> {
        if self.is_absent() { Ok(PageRequest::Whole) } else { self.part(cursor) }
    }

    /// The part that is asked for, for a list that is never answered whole.
    pub(crate) fn part<C>(
        &self,
        cursor: impl FnOnce(&[u8]) -> Option<C>,
    ) -> Result<PageRequest<C>, Refusal> {
        if planted!("schema-500") && self.size.is_some_and(|size| size > limits::PAGE_MAX) {
            return Err(AppError::Internal("a page is too long").into());
        }
        let size = self.size.unwrap_or(limits::PAGE_DEFAULT).min(limits::PAGE_MAX);
        let expected = "must be the nextPageToken of an earlier answer";
        let after = match &self.token {
            None => None,
            Some(token) => {
                Some(cursor(token).ok_or_else(|| AppError::invalid("pageToken", expected))?)
            }
        };
        Ok(PageRequest::Part { size, after })
    }
}
