//! Grants: which agents may use a secret.

use crate::{
    app::App,
    context::Op,
    error::AppError,
    limits,
    page::{Page, PageRequest},
};
use subrosa_domain::{
    AgentId, Change, Grant, GrantId, RowSeal, Secret, SecretId,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
    policy::{Permit, ReadSecrets, WriteGrants},
};
use subrosa_plant::planted;
use subrosa_store::Noun;

impl App {
    /// A secret's grants, in the agents' order.
    ///
    /// # Errors
    /// Not found; [`AppError::UsePaging`]; faults of the store.
    pub async fn list_grants(
        &self,
        permit: &Permit<ReadSecrets>,
        secret: SecretId,
        page: PageRequest<&AgentId>,
    ) -> Result<Page<Grant>, AppError> {
        self.secret(permit, secret).await?;
        let tenant = self.tenant(permit.tenant_id());
        let rows = tenant.grants(secret, page.after(), page.limit()).await?;
        let total = page.total_by(tenant.grants(secret, None, limits::COUNT_MAX)).await?;
        page.page(self.all_verified(rows)?, total)
    }

    /// Grants a secret to an agent. A grant that is there already is answered as it is.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn put_grant(
        &self,
        op: &Op,
        permit: &Permit<WriteGrants>,
        secret: SecretId,
        agent: &AgentId,
    ) -> Result<Grant, AppError> {
        let row = self.secret(permit, secret).await?;
        if let Some(grant) = self.grant(op, secret, agent).await? {
            return Ok(grant);
        }
        let grant = self.sealed(Grant {
            id: GrantId::fresh(&*self.ids),
            tenant_id: permit.tenant_id(),
            secret_id: secret,
            agent_id: agent.clone(),
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            seal: RowSeal::UNSEALED,
        });
        let event = self.grant_event(op, AuditAction::GrantCreate, &row, agent);
        let changes = vec![Change::GrantInsert(grant.clone())];
        match self.commit(permit.tenant_id(), changes, vec![event]).await {
            Ok(_) => Ok(grant),
            // Another request granted the same in the meantime: theirs is the answer.
            Err(AppError::Exists(Noun::Grant)) => {
                self.grant(op, secret, agent).await?.ok_or(AppError::Contended)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes an agent's grant back. That there was none is no error.
    ///
    /// # Errors
    /// Not found, for the secret alone; faults of the store.
    pub async fn delete_grant(
        &self,
        op: &Op,
        permit: &Permit<WriteGrants>,
        secret: SecretId,
        agent: &AgentId,
    ) -> Result<(), AppError> {
        let row = self.secret(permit, secret).await?;
        if self.grant(op, secret, agent).await?.is_none() {
            return Ok(());
        }
        let event = self.grant_event(op, AuditAction::GrantDelete, &row, agent);
        let erase = Change::GrantErase { secret_id: secret, agent_id: agent.clone() };
        let changes = if planted!("grant-survives-delete") { vec![] } else { vec![erase] };
        self.commit(permit.tenant_id(), changes, vec![event]).await?;
        Ok(())
    }

    /// A grant's event: about the secret, by id, and the agent, by name.
    fn grant_event(
        &self,
        op: &Op,
        action: AuditAction,
        secret: &Secret,
        agent: &AgentId,
    ) -> AuditEvent {
        let about = Resource::named(ResourceKind::Grant, secret.id.as_bytes(), agent.as_str());
        AuditEvent { tier: Some(secret.sensitivity), ..op.event(&*self.ids, action, about) }
    }

    async fn grant(
        &self,
        op: &Op,
        secret: SecretId,
        agent: &AgentId,
    ) -> Result<Option<Grant>, AppError> {
        let found = self.tenant(op.tenant_id).grant(secret, agent).await?;
        found.map(|grant| self.verified(grant)).transpose()
    }
}
