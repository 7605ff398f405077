//! A use-case's refusal on its way out: with what the caller has, and on record where it is policy's.

use crate::http::{exchange::Exchange, problem::Refusal};
use subrosa_app::{App, AppError, Op};
use subrosa_domain::{
    Scope,
    policy::{Action, Denied},
};

/// Makes a use-case's refusal one that can name what the caller has. A role that is too low, or a scope that turned out
/// to be missing, is put on record here, as one that was missing from the start was when the caller was admitted. A
/// refused reveal is on record already.
pub(super) fn refusal<A: Action>(
    app: &App,
    exchange: &Exchange,
    op: &Op,
) -> impl Fn(AppError) -> Refusal {
    let refuse = Refusal::of(&op.caller);
    move |error| {
        if let AppError::Denied(denied @ (Denied::MissingRole(_) | Denied::MissingScope(_))) = error
            && A::SCOPE != Some(Scope::SECRETS_REVEAL)
        {
            app.record_refusal(op, &exchange.operation(), denied);
        }
        refuse(error)
    }
}
