//! A use-case's refusal on its way out: with what the caller has, and on record where it is policy's.

use crate::http::{exchange::Exchange, problem::Refusal};
use subrosa_app::{App, AppError, Op};
use subrosa_domain::{
    Scope,
    policy::{Action, Denied},
};
use subrosa_plant::planted;

/// Makes a use-case's refusal one that can name what the caller has. What is not there for the caller, a role that is
/// too low, or a scope that turned out to be missing, to do this or to hand it on, is put on record here, as a tenant
/// that is not the caller's or a scope that was missing from the start was when the caller was admitted. A refused
/// reveal is on record already.
pub(super) fn refusal<A: Action>(
    app: &App,
    exchange: &Exchange,
    op: &Op,
) -> impl Fn(AppError) -> Refusal {
    let refuse = Refusal::of(&op.caller);
    move |error| {
        let denied = match &error {
            AppError::Denied(denied) => Some(*denied),
            AppError::Widens { .. } if planted!("widening-unrecorded") => None,
            AppError::Widens { missing, .. } => missing.iter().next().map(Denied::MissingScope),
            _ => None,
        };
        if let Some(denied) = denied
            && denied != Denied::UseOnly
            && A::SCOPE != Some(Scope::SECRETS_REVEAL)
        {
            app.record_refusal(op, &exchange.operation(), denied);
        }
        refuse(error)
    }
}
