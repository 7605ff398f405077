//! The express lane: the few requests that machines send all day, known before the router is asked.
//!
//! It saves them the router, its parameters as text and a box for every layer, and nothing else: who asks, what they
//! may do and what is answered is decided by the same code as for any other request. What it does not know exactly it
//! leaves to the router; it must never know a request the router would treat otherwise.

use super::{
    Http,
    exchange::{Exchange, Route},
    extract::{Known, MaybeBody},
    problem::{Answer, Refusal},
    truefoundry, v1, walletcrew,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{Method, Request, request::Parts};
use std::sync::Arc;
use subrosa_api::v1::secrets::Reveal;
use subrosa_domain::{KeyName, SecretId, TenantSlug};

/// A request the express lane takes.
pub(super) enum Express {
    /// `POST /v1/tenants/{tenant}/secrets/{secret}:reveal`.
    Reveal(TenantSlug, SecretId),
    /// `GET /api/{tenant}/secrets/{key}`.
    Walletcrew(TenantSlug, KeyName),
    /// `GET /api/svc/v1/secrets/{secret}`.
    Truefoundry(SecretId),
}

/// The length of an id in its usual spelling, the only one that is known here.
const ID_LEN: usize = 36;

impl Express {
    /// What a request asks for, if it is known exactly: its path needs no second look, and it has no query.
    pub(super) fn known(request: &Request<Body>) -> Option<Self> {
        let (method, uri) = (request.method(), request.uri());
        if uri.query().is_some() {
            return None;
        }
        if method == Method::POST {
            let (tenant, rest) = uri.path().strip_prefix("/v1/tenants/")?.split_once('/')?;
            let secret = rest.strip_prefix("secrets/")?.strip_suffix(":reveal")?;
            return Some(Self::Reveal(tenant.parse().ok()?, id(secret)?));
        }
        if method != Method::GET {
            return None;
        }
        let rest = uri.path().strip_prefix("/api/")?;
        if let Some(secret) = rest.strip_prefix("svc/v1/secrets/") {
            return Some(Self::Truefoundry(id(secret)?));
        }
        let (tenant, key) = rest.split_once("/secrets/")?;
        // The other surface's first segment is no tenant's here.
        (tenant != "svc").then_some(())?;
        Some(Self::Walletcrew(tenant.parse().ok()?, key.parse().ok()?))
    }

    /// Answers it.
    pub(super) async fn answer(
        self,
        http: &Arc<Http>,
        exchange: Arc<Exchange>,
        request: Request<Body>,
    ) -> Response {
        let (head, body) = request.into_parts();
        let answered = match self {
            Self::Reveal(tenant, id) => reveal(http, exchange, head, body, tenant, id).await,
            Self::Walletcrew(tenant, key) => show(http, exchange, &head, tenant, &key).await,
            Self::Truefoundry(secret) => show_of_group(http, exchange, &head, secret).await,
        };
        answered.unwrap_or_else(IntoResponse::into_response)
    }
}

fn id(text: &str) -> Option<SecretId> {
    (text.len() == ID_LEN).then(|| text.parse().ok()).flatten()
}

async fn known(
    http: &Http,
    exchange: Arc<Exchange>,
    head: &Parts,
    route: &'static str,
) -> Result<Known, Refusal> {
    Known::of(http, exchange, &head.method, Route::Known(route), &head.headers).await
}

async fn reveal(
    http: &Http,
    exchange: Arc<Exchange>,
    mut head: Parts,
    body: Body,
    tenant: TenantSlug,
    secret: SecretId,
) -> Answer {
    let route = "/v1/tenants/{tenant}/secrets/{secret}/~reveal";
    // Whoever reads the body notes that the connection carried one.
    head.extensions.insert(Arc::clone(&exchange));
    let who = known(http, exchange, &head, route).await?.admitted(Some(tenant)).await?;
    let MaybeBody(body) = MaybeBody::<Reveal>::of(Request::from_parts(head, body)).await?;
    v1::reveal::reveal(&who, secret, body.reason).await
}

async fn show(
    http: &Http,
    exchange: Arc<Exchange>,
    head: &Parts,
    tenant: TenantSlug,
    key: &KeyName,
) -> Answer {
    let route = "/api/{tenant}/secrets/{key}";
    let who = known(http, exchange, head, route).await?.admitted(Some(tenant)).await?;
    let as_text = walletcrew::accept::prefers_text(&head.headers);
    walletcrew::secrets::reveal(&who, key, as_text).await
}

async fn show_of_group(
    http: &Http,
    exchange: Arc<Exchange>,
    head: &Parts,
    secret: SecretId,
) -> Answer {
    let who = known(http, exchange, head, "/api/svc/v1/secrets/{secret}").await?.by_role()?;
    truefoundry::secrets::show(&who, secret).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(method: &str, path: &str) -> Option<&'static str> {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        Express::known(&request).map(|known| match known {
            Express::Reveal(..) => "reveal",
            Express::Walletcrew(..) => "walletcrew",
            Express::Truefoundry(_) => "truefoundry",
        })
    }

    const ID: &str = "0190a8b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b";

    #[test]
    fn what_is_asked_most_is_known() {
        let reveal = format!("/v1/tenants/acme/secrets/{ID}:reveal");
        assert_eq!(known("POST", &reveal), Some("reveal"));
        assert_eq!(known("GET", "/api/acme/secrets/K"), Some("walletcrew"));
        assert_eq!(known("GET", &format!("/api/svc/v1/secrets/{ID}")), Some("truefoundry"));
    }

    #[test]
    fn whatever_is_said_otherwise_is_left_to_the_router() {
        for path in [
            format!("/v1/tenants/acme/secrets/{ID}:reveal?a"),
            format!("/v1/tenants/acme/secrets/{ID}:publish"),
            format!("/v1/tenants/acme/secrets/{ID}/~reveal"),
            format!("/v1/tenants/acme/secrets/{}:reveal", ID.replace('-', "")),
            format!("/v1/tenants/acme/secrets/{ID}/:reveal"),
            format!("/v1/tenants/ac%6de/secrets/{ID}:reveal"),
            format!("/v1/tenants//secrets/{ID}:reveal"),
            format!("//v1/tenants/acme/secrets/{ID}:reveal"),
            "/v1/tenants/acme/secrets:reveal".to_owned(),
            "/v1/tenants/acme/secrets/:reveal".to_owned(),
        ] {
            assert_eq!(known("POST", &path), None, "{path}");
        }
        for path in [
            "/api/acme/secrets/",
            "/api/acme/secrets/a.b",
            "/api/acme/secrets/%4b",
            "/api/acme/secrets/a/b",
            "/api/svc/secrets/K",
            "/api/svc/v1/secrets/K",
            "/api//secrets/K",
            "/api/acme/secrets/K?a=b",
        ] {
            assert_eq!(known("GET", path), None, "{path}");
        }
        for method in ["HEAD", "PUT", "DELETE", "POST", "OPTIONS"] {
            assert_eq!(known(method, "/api/acme/secrets/K"), None, "{method}");
        }
    }
}
