//! API tokens: minting, rotating, revoking, and reading what is known of them.

mod mint;
mod read;
mod revoke;
mod rotate;

pub use mint::{Expiry, MintToken, Minted};
pub use read::Bucket;
pub use rotate::RotateToken;

use crate::{
    app::App,
    auth,
    context::Op,
    error::{AppError, FieldFault},
};
use std::time::Duration;
use subrosa_domain::{
    Principal, PrincipalId, PrincipalKind, ScopeSet, Timestamp, Token, TokenId,
    audit::{AuditAction, AuditEvent, Detail},
};
use subrosa_plant::planted;

impl App {
    /// The token with this id, if the tenant has it.
    pub(crate) async fn token(&self, op: &Op, id: TokenId) -> Result<Token, AppError> {
        let token = self.tenant(op.tenant_id).token(id).await?.ok_or(AppError::NOT_FOUND)?;
        self.verified(token)
    }

    /// The principal that a caller's new tokens speak for.
    pub(crate) async fn own_principal(&self, op: &Op) -> Result<PrincipalId, AppError> {
        if let Some(principal_id) = op.caller.principal_id() {
            return Ok(principal_id);
        }
        let tenant = self.tenant(op.tenant_id);
        let found = tenant.principal_by_name(PrincipalKind::User, Principal::OPERATOR).await?;
        let principal = found.ok_or(AppError::Internal("a tenant without its operator"))?;
        Ok(self.verified(principal)?.id)
    }

    pub(crate) fn token_event(
        &self,
        op: &Op,
        action: AuditAction,
        token: &Token,
        detail: Option<Detail>,
    ) -> AuditEvent {
        let about = auth::token_named(token.id, &token.name);
        AuditEvent { detail, ..op.event(&*self.ids, action, about) }
    }
}

/// Refuses scopes the caller does not have, naming the first in catalogue order.
pub(crate) fn check_width(op: &Op, scopes: ScopeSet) -> Result<(), AppError> {
    let missing = scopes.without(op.caller.scopes);
    match missing.iter().next() {
        None => Ok(()),
        Some(_) if planted!("mint-wider") => Ok(()),
        Some(required) => Err(AppError::Widens { required, missing, granted: op.caller.scopes }),
    }
}

/// Refuses a life longer than the caller's own.
pub(crate) fn check_life(op: &Op, ends: Option<Timestamp>) -> Result<(), AppError> {
    match (op.caller.expires_at(), ends) {
        (Some(_), None) => Err(AppError::Outlives),
        (Some(own), Some(ends)) if ends > own => Err(AppError::Outlives),
        _ => Ok(()),
    }
}

/// The moment `days` from now.
pub(crate) fn in_days(op: &Op, days: i64) -> Result<Timestamp, AppError> {
    /// A hundred years: far enough to mean "long", near enough that no arithmetic overflows.
    const DAYS_MAX: i64 = 36_500;
    let days = u64::try_from(days).ok().filter(|days| (1..=DAYS_MAX as u64).contains(days));
    let days = days.ok_or_else(|| {
        AppError::invalid("/expirationDays", "must be 1 to 36,500 days, or null for no end")
    })?;
    Ok(op.now().plus(Duration::from_secs(days * 86_400)))
}

/// Refuses a name that is no line of text.
pub(crate) fn check_name(name: &str) -> Result<(), AppError> {
    let fits = (1..=128).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        Ok(())
    } else if planted!("error-echoes-value") {
        let message = name.to_owned().into();
        Err(AppError::Invalid(vec![FieldFault { pointer: "/name".into(), message }]))
    } else {
        Err(AppError::invalid("/name", "must be 1 to 128 characters without control characters"))
    }
}
