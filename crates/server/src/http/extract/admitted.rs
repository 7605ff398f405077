//! Who asks, and whether they may: the first extractor of every handler.

use super::{credential, refused};
use crate::http::{
    Http,
    exchange::{Exchange, Route},
    problem::Refusal,
};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use http::{HeaderMap, Method, request::Parts};
use std::sync::Arc;
use subrosa_api::Code;
use subrosa_app::{App, AppError, Op};
use subrosa_domain::{
    TenantSlug,
    policy::{Action, Caller, Permit},
};
use subrosa_plant::planted;

/// A caller who may do `A` in the path's tenant.
pub(crate) struct Admitted<A: Action> {
    pub(crate) app: Arc<App>,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) op: Op,
    pub(crate) permit: Permit<A>,
    /// The tenant as the path spells it.
    pub(crate) slug: TenantSlug,
}

/// A caller, on a path without a tenant.
pub(crate) struct Known {
    pub(crate) app: Arc<App>,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) caller: Arc<Caller>,
}

/// The operator, on a path without a tenant.
pub(crate) struct Operator {
    pub(crate) app: Arc<App>,
    pub(crate) op: Op,
}

impl<A: Action> Admitted<A> {
    /// Makes a use-case's refusal one that can name what the caller has.
    pub(crate) fn refusal(&self) -> impl Fn(AppError) -> Refusal {
        refused::refusal::<A>(&self.app, &self.exchange, &self.op)
    }

    /// The path of something of this tenant.
    pub(crate) fn location(&self, rest: impl std::fmt::Display) -> String {
        format!("/v1/tenants/{}/{rest}", self.slug)
    }
}

impl<A: Action> FromRequestParts<Arc<Http>> for Admitted<A> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        let known = Known::from_request_parts(parts, http).await?;
        let path = RawPathParams::from_request_parts(parts, http).await;
        let path = path.map_err(|_| Refusal::code(Code::NotFound))?;
        let named = path.iter().find(|(name, _)| *name == "tenant");
        // A slug that cannot be one names no tenant: the same refusal as for one that is not there.
        let slug: Option<TenantSlug> = named.and_then(|(_, slug)| match slug {
            slug if planted!("slug-case-folded") => slug.to_ascii_lowercase().parse().ok(),
            slug => slug.parse().ok(),
        });
        known.admitted(slug).await
    }
}

impl FromRequestParts<Arc<Http>> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        let Known { app, exchange, caller } = Known::from_request_parts(parts, http).await?;
        let op = app.admit_operator(&exchange.origin, &caller, &exchange.operation());
        let op = op.map_err(Refusal::of(&caller))?;
        Ok(Self { app, op })
    }
}

impl FromRequestParts<Arc<Http>> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        let exchange = parts.extensions.get::<Arc<Exchange>>().map(Arc::clone);
        let exchange = exchange.ok_or(Refusal::code(Code::Internal))?;
        let route = parts.extensions.get::<MatchedPath>().cloned();
        let route = route.map_or(Route::Nowhere, Route::Found);
        Self::of(http, exchange, &parts.method, route, &parts.headers).await
    }
}

impl Known {
    /// Who asks for this, by these headers.
    pub(crate) async fn of(
        http: &Http,
        exchange: Arc<Exchange>,
        method: &Method,
        route: Route,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        exchange.asked_for(method, route);
        let caller = credential::caller(http, &exchange, headers).await?;
        Ok(Self { app: Arc::clone(&http.app), exchange, caller })
    }

    /// The same, if it may do `A` in this tenant; `None` is a tenant that cannot be.
    pub(crate) async fn admitted<A: Action>(
        self,
        slug: Option<TenantSlug>,
    ) -> Result<Admitted<A>, Refusal> {
        let Self { app, exchange, caller } = self;
        let refuse = Refusal::of(&caller);
        let (op, permit) = app
            .admit(exchange.origin.clone(), caller, slug.as_ref(), || exchange.operation())
            .await
            .map_err(refuse)?;
        let slug = slug.ok_or(Refusal::code(Code::NotFound))?;
        Ok(Admitted { app, exchange, op, permit, slug })
    }
}
