//! A use-case's refusal on its way out: with what the caller has, and on record where it is policy's.

use crate::http::{exchange::Exchange, problem::Refusal};
use std::sync::Arc;
use subrosa_app::{App, AppError, Op};
use subrosa_domain::{
    Scope,
    policy::{Action, Denied},
};

/// Makes a use-case's refusal one that can name what the caller has. A role that is too low is put on record here, as a
/// scope that is missing was when the caller was admitted; a refused reveal is on record already.
pub(super) fn refusal<A: Action>(
    app: &Arc<App>,
    exchange: &Arc<Exchange>,
    op: &Op,
) -> impl Fn(AppError) -> Refusal + use<A> {
    let refuse = Refusal::of(&op.caller);
    let (app, exchange, op) = (Arc::clone(app), Arc::clone(exchange), op.clone());
    move |error| {
        if let AppError::Denied(denied @ Denied::MissingRole(_)) = error
            && A::SCOPE != Some(Scope::SECRETS_REVEAL)
        {
            app.record_refusal(&op, &exchange.operation(), denied);
        }
        refuse(error)
    }
}
