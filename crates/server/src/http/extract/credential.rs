//! The credential of a request, and the caller it makes.

use crate::http::{
    Http,
    exchange::{Bearer, Door, Exchange},
    problem::Refusal,
};
use axum::extract::MatchedPath;
use http::{HeaderMap, header, request::Parts};
use std::sync::Arc;
use subrosa_app::AppError;
use subrosa_domain::policy::{Caller, CallerKind};

/// Who sent the request.
pub(super) async fn caller(
    http: &Http,
    exchange: &Exchange,
    parts: &Parts,
) -> Result<Arc<Caller>, Refusal> {
    let known = match (bearer(&parts.headers), exchange.door) {
        (Presented::Token(token), _) => http.app.authenticate(&exchange.origin, token).await,
        (Presented::Nothing, Door::Socket { uid }) => Ok(Arc::new(Caller::operator(uid))),
        (Presented::Nothing | Presented::Nonsense, _) => Err(AppError::Unauthenticated),
    };
    let caller = known.inspect_err(|error| {
        if matches!(error, AppError::Unauthenticated) {
            http.app.record_stranger(&exchange.origin, &operation(parts));
        }
    })?;
    if let CallerKind::Token { tenant_id, token_id, .. } = caller.kind {
        let route = parts.extensions.get::<MatchedPath>().cloned();
        exchange.came_with(Bearer { tenant: tenant_id, token: token_id, route });
    }
    Ok(caller)
}

/// The operation a request names: its method and route, never what it put into the route.
pub(super) fn operation(parts: &Parts) -> String {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    format!("{} {}", parts.method, crate::http::verbs::public(route))
}

enum Presented<'a> {
    Nothing,
    Nonsense,
    Token(&'a str),
}

/// The bearer token: one header, one scheme. Two headers are two claims, and neither is believed.
fn bearer(headers: &HeaderMap) -> Presented<'_> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(only) = all.next() else { return Presented::Nothing };
    if all.next().is_some() {
        return Presented::Nonsense;
    }
    match only.to_str().ok().and_then(|text| text.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Presented::Token(token),
        _ => Presented::Nonsense,
    }
}
