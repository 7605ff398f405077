//! Making a tenant: its row, its key, its shred salt and its built-in user.

use super::check_operator;
use crate::{app::App, context::Op, error::AppError, tokens::check_name};
use subrosa_domain::{
    Change, Principal, PrincipalKind, RowSeal, Tenant, TenantId, TenantSlug, TenantState,
    audit::AuditAction,
};
use subrosa_store::Noun;

impl App {
    /// Makes a tenant.
    ///
    /// The salt is durable before the commit and outside the store; a crash between the two leaves 32 bytes that
    /// nothing was ever sealed with.
    ///
    /// # Errors
    /// [`AppError::OperatorOnly`]; [`AppError::Exists`] when the slug is taken; faults of shape, store and custody.
    pub async fn create_tenant(
        &self,
        op: &Op,
        slug: TenantSlug,
        name: Option<String>,
    ) -> Result<Tenant, AppError> {
        check_operator(&op.caller)?;
        if let Some(name) = &name {
            check_name(name)?;
        }
        if self.tenant_id(&slug).await?.is_some() {
            return Err(AppError::Exists(Noun::Tenant));
        }
        let id = TenantId::fresh(&*self.ids);
        let key = self.keyring.create_tenant_key(id, 1, op.now()).await?;
        let tenant = self.sealed(Tenant {
            id,
            name: name.unwrap_or_else(|| slug.to_string()).into(),
            slug,
            state: TenantState::Active,
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            modified_at: op.now(),
            row_version: 1,
            seal: RowSeal::UNSEALED,
        });
        let operator = self.sealed(Principal {
            tenant_id: id,
            description: "Whoever runs this server".into(),
            ..self.new_principal(op, PrincipalKind::User, Principal::OPERATOR)
        });
        let events = self.tenant_events(op, AuditAction::TenantCreate, &tenant);
        let changes = vec![
            Change::TenantInsert(tenant.clone()),
            Change::TenantKeyInsert(key),
            Change::PrincipalInsert(operator),
        ];
        self.commit(id, changes, events).await?;
        Ok(tenant)
    }
}
