//! Tenants: made, listed and erased by the operator alone.

mod create;
mod delete;
mod read;

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Tenant, TenantId,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
    policy::{Caller, CallerKind},
};

/// Refuses everyone but the operator.
pub(crate) fn check_operator(caller: &Caller) -> Result<(), AppError> {
    match caller.kind {
        CallerKind::Operator { .. } | CallerKind::System => Ok(()),
        CallerKind::Token { .. } | CallerKind::Issued { .. } => Err(AppError::OperatorOnly),
    }
}

impl App {
    /// What happened to a tenant, once on its own chain and once on the deployment's, which outlives it.
    fn tenant_events(&self, op: &Op, action: AuditAction, tenant: &Tenant) -> Vec<AuditEvent> {
        let on_chain = |tenant_id| {
            let about =
                Resource::named(ResourceKind::Tenant, tenant.id.as_bytes(), tenant.slug.as_str());
            AuditEvent { tenant_id, ..op.event(&*self.ids, action, about) }
        };
        vec![on_chain(tenant.id), on_chain(TenantId::SYSTEM)]
    }
}
