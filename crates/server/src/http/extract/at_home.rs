//! Who asks on a surface whose paths name no tenant: the caller's own is the one.

use super::{admitted::Known, refused};
use crate::http::{Http, exchange::Exchange, problem::Refusal};
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::sync::Arc;
use subrosa_app::{App, AppError, Op};
use subrosa_domain::{
    Tenant,
    policy::{Action, GroupAction, Permit},
};

/// A caller who may do `A` in its own tenant.
pub(crate) struct AtHome<A: Action>(pub(crate) Home<A>);

/// The same where groups are what it is about: roles may stand for scopes.
pub(crate) struct ByRole<A: GroupAction>(pub(crate) Home<A>);

/// A caller at home.
pub(crate) struct Home<A: Action> {
    pub(crate) app: Arc<App>,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) op: Op,
    pub(crate) permit: Permit<A>,
}

impl<A: Action> Home<A> {
    /// Makes a use-case's refusal one that can name what the caller has.
    pub(crate) fn refusal(&self) -> impl Fn(AppError) -> Refusal {
        refused::refusal::<A>(&self.app, &self.exchange, &self.op)
    }

    /// The tenant's row.
    pub(crate) async fn tenant(&self) -> Result<Arc<Tenant>, Refusal> {
        self.app.tenant_row(self.op.tenant_id).await.map_err(self.refusal())
    }
}

impl<A: Action> FromRequestParts<Arc<Http>> for AtHome<A> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        let Known { app, exchange, caller } = Known::from_request_parts(parts, http).await?;
        let refuse = Refusal::of(&caller);
        let operation = || exchange.operation();
        let admitted = app.admit_at_home(exchange.origin.clone(), caller, operation);
        let (op, permit) = admitted.map_err(refuse)?;
        Ok(Self(Home { app, exchange, op, permit }))
    }
}

impl<A: GroupAction> FromRequestParts<Arc<Http>> for ByRole<A> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        Known::from_request_parts(parts, http).await?.by_role().map(Self)
    }
}

impl Known {
    /// Whoever asks, at home, if it may do `A` there by scope or by role.
    pub(crate) fn by_role<A: GroupAction>(self) -> Result<Home<A>, Refusal> {
        let Self { app, exchange, caller } = self;
        let refuse = Refusal::of(&caller);
        let operation = || exchange.operation();
        let admitted = app.admit_by_role(exchange.origin.clone(), caller, operation);
        let (op, permit) = admitted.map_err(refuse)?;
        Ok(Home { app, exchange, op, permit })
    }
}
