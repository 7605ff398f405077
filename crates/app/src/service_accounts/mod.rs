//! Service accounts: principals of machines, each with its keys. The account's state decides; its keys follow.

mod create;
mod read;
mod revoke;
mod rotate;

pub use create::{CreateServiceAccount, Provisioned};

use crate::{app::App, context::Op, error::AppError};
use subrosa_domain::{
    Change, Principal, PrincipalId, PrincipalKind, Token,
    audit::{AuditAction, AuditEvent, Detail, Resource, ResourceKind},
};

impl App {
    /// The service account with this id, if the tenant has it.
    async fn service_account(&self, op: &Op, id: PrincipalId) -> Result<Principal, AppError> {
        let found = self.tenant(op.tenant_id).principal(id).await?.ok_or(AppError::NOT_FOUND)?;
        let account = self.verified(found)?;
        match account.kind {
            PrincipalKind::ServiceAccount => Ok(account),
            PrincipalKind::User | PrincipalKind::Agent | PrincipalKind::VirtualAccount => {
                Err(AppError::NOT_FOUND)
            }
        }
    }

    async fn keys_of(&self, op: &Op, id: PrincipalId) -> Result<Vec<Token>, AppError> {
        self.all_verified(self.tenant(op.tenant_id).tokens_of(id).await?)
    }

    /// The changes and events that revoke every living token among `tokens`.
    pub(crate) fn revocations(
        &self,
        op: &Op,
        tokens: Vec<Token>,
    ) -> (Vec<Change>, Vec<AuditEvent>) {
        let living = tokens.into_iter().filter(|token| token.revoked_at.is_none());
        let revoke = |token| {
            let token = self.revoked(op, token);
            let event = self.token_event(op, AuditAction::TokenRevoke, &token, None);
            (Change::TokenUpdate(token), event)
        };
        living.map(revoke).unzip()
    }

    fn account_event(
        &self,
        op: &Op,
        action: AuditAction,
        account: &Principal,
        detail: Option<Detail>,
    ) -> AuditEvent {
        let id = account.id.as_bytes();
        let about = Resource::named(ResourceKind::ServiceAccount, id, &account.name);
        AuditEvent { detail, ..op.event(&*self.ids, action, about) }
    }
}
