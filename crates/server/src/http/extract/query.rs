//! The query: names in any case, unknown ones passed over, a known one twice refused.

use crate::http::{Http, problem::Refusal};
use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};
use std::{str::FromStr, sync::Arc};
use subrosa_app::AppError;

/// A request's query parameters.
pub(crate) struct Query(Vec<(String, String)>);

impl FromRequestParts<Arc<Http>> for Query {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Http>) -> Result<Self, Refusal> {
        Self::of(&parts.uri)
    }
}

impl Query {
    /// The parameters of an address.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Refusal> {
        match axum::extract::Query::try_from_uri(uri) {
            Ok(axum::extract::Query(pairs)) => Ok(Self(pairs)),
            Err(_) => Err(AppError::invalid("query", "must be form-encoded UTF-8").into()),
        }
    }

    /// Whether the parameter `name` is there at all, however often.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The parameter `name`, if it is there.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut found = self.0.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(AppError::invalid(name, "must be given once").into()),
            (one, _) => Ok(one.map(|(_, value)| value.as_str())),
        }
    }

    /// The parameter `name` as a `T`.
    pub(crate) fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, Refusal> {
        self.chosen(name, expected, |text| text.parse().ok())
    }

    /// The parameter `name`, read by `read`.
    pub(crate) fn chosen<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => {
                read(text).map(Some).ok_or_else(|| AppError::invalid(name, expected).into())
            }
        }
    }
}
