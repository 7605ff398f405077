//! Ending a virtual account: it, its tokens and its roles, in one commit.

use crate::{app::App, context::Op, error::AppError, secrets::Tries};
use subrosa_domain::{
    Change, Group, MemberSource, PrincipalId, PrincipalState,
    audit::AuditAction,
    policy::{Permit, WriteTokens},
};

impl App {
    /// Deletes a virtual account. Its name is free again; its id is not.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn delete_virtual_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
    ) -> Result<(), AppError> {
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_delete_account(op, permit, id).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    /// The same, by its name.
    ///
    /// # Errors
    /// As [`Self::delete_virtual_account`].
    pub async fn delete_virtual_account_named(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        name: &str,
    ) -> Result<(), AppError> {
        let kind = subrosa_domain::PrincipalKind::VirtualAccount;
        let found = self.tenant(permit.tenant_id()).principal_by_name(kind, name).await?;
        let id = self.verified(found.ok_or(AppError::NOT_FOUND)?)?.id;
        self.delete_virtual_account(op, permit, id).await
    }

    async fn try_delete_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
    ) -> Result<(), AppError> {
        let (view, groups) = self.account_and_groups(op, id).await?;
        let (mut changes, mut events) = self.revocations(op, view.tokens);
        for group in groups {
            let group = self.without(op, group, id);
            events.push(self.group_event(op, AuditAction::GroupRoles, &group));
            changes.push(Change::GroupUpdate(group));
        }
        let mut account = view.account;
        account.state = PrincipalState::Revoked;
        account.revoked_at = Some(op.now());
        account.modified_at = op.now();
        account.row_version += 1;
        let account = self.sealed(account);
        events.push(self.principal_event(op, AuditAction::VirtualAccountDelete, &account));
        changes.push(Change::PrincipalUpdate(account));
        self.commit(permit.tenant_id(), changes, events).await.map(|_| ())
    }

    /// A group without a principal, by whichever way it was in it.
    fn without(&self, op: &Op, mut group: Group, id: PrincipalId) -> Group {
        let sources: Vec<MemberSource> = group.members().iter().map(|one| one.source).collect();
        sources.into_iter().for_each(|source| group.take(source, id));
        group.touch(op.now());
        self.sealed(group)
    }
}
