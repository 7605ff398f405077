//! The credential of a request, and the caller it makes.

use crate::http::{
    Http,
    exchange::{Bearer, Door, Exchange},
    problem::Refusal,
};
use http::{HeaderMap, HeaderName, header};
use std::{net::IpAddr, sync::Arc};
use subrosa_app::AppError;
use subrosa_domain::{
    audit::Surface,
    policy::{Caller, CallerKind},
};
use subrosa_plant::planted;

/// Where a walletcrew caller may put its token.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Who sent the request.
pub(super) async fn caller(
    http: &Http,
    exchange: &Exchange,
    headers: &HeaderMap,
) -> Result<Arc<Caller>, Refusal> {
    let presented = presented(headers, exchange.origin.surface);
    if planted!("token-in-log") {
        tracing::debug!(?headers, "a credential arrived");
    }
    let nothing = matches!(presented, Presented::Nothing);
    let known = match (presented, exchange.door) {
        (Presented::Token(token), _) => http.app.authenticate(&exchange.origin, token).await,
        (Presented::Nothing, Door::Socket { uid }) => Ok(Arc::new(Caller::operator(uid))),
        (Presented::Nothing, _) if planted!("schema-auth-ignored") => {
            Ok(Arc::new(Caller::operator(0)))
        }
        (Presented::Nothing | Presented::Nonsense, _) => Err(AppError::Unauthenticated),
    };
    let caller = match known {
        Err(AppError::Unauthenticated) => {
            http.app.record_stranger(&exchange.origin, &exchange.operation());
            return Err(stranger(http, exchange.client.filter(|_| !nothing)));
        }
        known => known?,
    };
    if planted!("limiter-holds-all") && exchange.client.is_some() {
        let refused = stranger(http, exchange.client);
        if matches!(refused, Refusal::TooMany(_)) {
            return Err(refused);
        }
    }
    if let CallerKind::Token { tenant_id, token_id, .. } = caller.kind {
        exchange.came_with(Bearer { tenant: tenant_id, token: token_id });
    }
    Ok(caller)
}

/// The refusal of a credential that is not one, which came from here. Too many of them are too many requests; a valid
/// one is never counted and never waits for them.
fn stranger(http: &Http, from: Option<IpAddr>) -> Refusal {
    let counted = from.map_or(Ok(()), |from| http.limiter.unknown(from, http.app.clock().now()));
    match counted {
        Ok(()) => AppError::Unauthenticated.into(),
        Err(wait) => Refusal::TooMany(wait),
    }
}

enum Presented<'a> {
    Nothing,
    Nonsense,
    Token(&'a str),
}

/// The token in a request's headers. On walletcrew paths `X-API-KEY` is one of them; two that differ are two claims,
/// and neither is believed. The comparison is a plain one: both texts are the caller's own, who learns nothing by it.
fn presented(headers: &HeaderMap, surface: Surface) -> Presented<'_> {
    let key = match surface {
        Surface::Walletcrew => once(headers, &X_API_KEY, Some),
        _ => Presented::Nothing,
    };
    match (once(headers, &header::AUTHORIZATION, bearer), key) {
        (Presented::Token(bearer), Presented::Token(key)) if bearer == key => {
            Presented::Token(bearer)
        }
        (one, Presented::Nothing) | (Presented::Nothing, one) => one,
        _ => Presented::Nonsense,
    }
}

/// The token in a header, if the header is there exactly once.
fn once<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    token: impl Fn(&'a str) -> Option<&'a str>,
) -> Presented<'a> {
    let mut all = headers.get_all(name).iter();
    let Some(only) = all.next() else { return Presented::Nothing };
    let alone = all.next().is_none() || planted!("first-credential-wins");
    let token = only.to_str().ok().and_then(token).filter(|_| alone);
    token.map_or(Presented::Nonsense, Presented::Token)
}

/// The token in `Bearer …`.
fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
