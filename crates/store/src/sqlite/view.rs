//! One tenant's view: every look-up carries the tenant's id, and there is no way to name another.

use super::{
    activities, anchors, audit, bindings, grants, group_secrets, groups, keys, live, principals,
    readers::Readers, revisions, secret_readers, secrets, signing_keys, states, tenants, tokens,
};
use crate::port::{
    AuditCursor, Counted, Result, RewrapItem, RowsWeighed, StoredEvent, TenantStore,
};
use async_trait::async_trait;
use rusqlite::Connection;
use std::sync::Arc;
use subrosa_domain::{
    Activity, AgentId, BindingId, Grant, Group, GroupId, GroupName, Identity, KeyName, Principal,
    PrincipalId, PrincipalKind, Publication, RequestId, Revision, RevisionId, RoleBinding, Secret,
    SecretId, SigningKey, Tenant, TenantId, TenantKey, Timestamp, Token, TokenId, TokenKind,
    Unverified,
    audit::{ChainHead, Note, StateSealer},
};

/// See [`TenantStore`].
pub(super) struct View {
    tenant: TenantId,
    lane: u32,
    readers: Readers,
}

impl View {
    pub(super) const fn new(tenant: TenantId, lane: u32, readers: Readers) -> Self {
        Self { tenant, lane, readers }
    }

    async fn read<T: Send + 'static>(
        &self,
        look_up: impl FnOnce(&Connection, TenantId) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let tenant = self.tenant;
        self.readers.read(move |conn| look_up(conn, tenant)).await
    }
}

#[async_trait]
impl TenantStore for View {
    async fn tenant(&self) -> Result<Option<Unverified<Tenant>>> {
        self.read(tenants::by_id).await
    }

    async fn keys(&self) -> Result<Vec<TenantKey>> {
        self.read(keys::of_tenant).await
    }

    async fn signing_keys(&self) -> Result<Vec<Unverified<SigningKey>>> {
        self.read(signing_keys::of_tenant).await
    }

    async fn counted(&self) -> Result<Counted> {
        self.read(tenants::counted).await
    }

    async fn secret(&self, id: SecretId) -> Result<Option<Unverified<Secret>>> {
        self.read(move |conn, tenant| secrets::by_id(conn, tenant, id)).await
    }

    async fn secret_by_key(
        &self,
        group: GroupId,
        key: &KeyName,
    ) -> Result<Option<Unverified<Secret>>> {
        let key = key.clone();
        self.read(move |conn, tenant| secrets::by_key(conn, tenant, group, &key)).await
    }

    async fn secrets(
        &self,
        group: GroupId,
        before: Option<SecretId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Secret>>> {
        self.read(move |conn, tenant| secrets::list(conn, tenant, group, before, limit)).await
    }

    async fn live(&self, id: SecretId) -> Result<Option<(Unverified<Secret>, Option<Revision>)>> {
        self.read(move |conn, tenant| live::by_id(conn, tenant, id)).await
    }

    async fn group_secrets(
        &self,
        group: GroupId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Unverified<Secret>>> {
        self.read(move |conn, tenant| group_secrets::list(conn, tenant, group, offset, limit)).await
    }

    async fn group_lives(
        &self,
        group: GroupId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<(Unverified<Secret>, Option<Revision>)>> {
        self.read(move |conn, tenant| live::of_group(conn, tenant, group, offset, limit)).await
    }

    async fn readers(&self, group: GroupId, since: Timestamp) -> Result<Vec<(SecretId, u64)>> {
        self.read(move |conn, tenant| secret_readers::of_group(conn, tenant, group, since)).await
    }

    async fn readers_of(&self, secret: SecretId, since: Timestamp) -> Result<u64> {
        self.read(move |conn, tenant| secret_readers::of_secret(conn, tenant, secret, since)).await
    }

    async fn group(&self, id: GroupId) -> Result<Option<Unverified<Group>>> {
        self.read(move |conn, tenant| groups::by_id(conn, tenant, id)).await
    }

    async fn group_by_name(&self, name: &GroupName) -> Result<Option<Unverified<Group>>> {
        let name = name.clone();
        self.read(move |conn, tenant| groups::by_name(conn, tenant, &name)).await
    }

    async fn groups(
        &self,
        of: Option<PrincipalId>,
        after: Option<GroupId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Group>>> {
        self.read(move |conn, tenant| groups::list(conn, tenant, of, after, limit)).await
    }

    async fn groups_bound(&self, binding: BindingId) -> Result<Vec<Unverified<Group>>> {
        self.read(move |conn, tenant| groups::bound(conn, tenant, binding)).await
    }

    async fn groups_holding(&self, text: &str) -> Result<Vec<GroupId>> {
        let text: Box<str> = text.into();
        self.read(move |conn, tenant| group_secrets::holding(conn, tenant, &text)).await
    }

    async fn secret_counts(&self) -> Result<Vec<(GroupId, u64)>> {
        self.read(group_secrets::counts).await
    }

    async fn binding(&self, id: BindingId) -> Result<Option<Unverified<RoleBinding>>> {
        self.read(move |conn, tenant| bindings::by_id(conn, tenant, id)).await
    }

    async fn binding_by_name(&self, name: &str) -> Result<Option<Unverified<RoleBinding>>> {
        let name: Box<str> = name.into();
        self.read(move |conn, tenant| bindings::by_name(conn, tenant, &name)).await
    }

    async fn bindings(
        &self,
        after: Option<BindingId>,
        limit: u32,
    ) -> Result<Vec<Unverified<RoleBinding>>> {
        self.read(move |conn, tenant| bindings::list(conn, tenant, after, limit)).await
    }

    async fn revision(&self, secret: SecretId, id: RevisionId) -> Result<Option<Revision>> {
        self.read(move |conn, tenant| revisions::by_id(conn, tenant, secret, id)).await
    }

    async fn revisions(
        &self,
        secret: SecretId,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Revision>> {
        self.read(move |conn, tenant| revisions::list(conn, tenant, secret, below, limit)).await
    }

    async fn publications(
        &self,
        secret: SecretId,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Publication>> {
        self.read(move |conn, tenant| revisions::publications(conn, tenant, secret, below, limit))
            .await
    }

    async fn to_rewrap(
        &self,
        key_version: u32,
        after: Option<(SecretId, u64)>,
        limit: u32,
    ) -> Result<Vec<RewrapItem>> {
        self.read(move |conn, tenant| revisions::to_rewrap(conn, tenant, key_version, after, limit))
            .await
    }

    async fn grants(
        &self,
        secret: SecretId,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Grant>>> {
        let after = after.cloned();
        self.read(move |conn, tenant| grants::list(conn, tenant, secret, after.as_ref(), limit))
            .await
    }

    async fn grant(&self, secret: SecretId, agent: &AgentId) -> Result<Option<Unverified<Grant>>> {
        let agent = agent.clone();
        self.read(move |conn, tenant| grants::by_agent(conn, tenant, secret, &agent)).await
    }

    async fn principal(&self, id: PrincipalId) -> Result<Option<Unverified<Principal>>> {
        self.read(move |conn, tenant| principals::by_id(conn, tenant, id)).await
    }

    async fn principal_by_name(
        &self,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<Option<Unverified<Principal>>> {
        let name: Box<str> = name.into();
        self.read(move |conn, tenant| principals::by_name(conn, tenant, kind, &name)).await
    }

    async fn principal_by_identity(
        &self,
        identity: &Identity,
    ) -> Result<Option<Unverified<Principal>>> {
        let identity = identity.clone();
        self.read(move |conn, tenant| principals::by_identity(conn, tenant, &identity)).await
    }

    async fn principals(
        &self,
        kind: PrincipalKind,
        before: Option<PrincipalId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Principal>>> {
        self.read(move |conn, tenant| principals::list(conn, tenant, kind, before, limit)).await
    }

    async fn token(&self, id: TokenId) -> Result<Option<Unverified<Token>>> {
        self.read(move |conn, tenant| tokens::by_id(conn, tenant, id)).await
    }

    async fn tokens(
        &self,
        kinds: &[TokenKind],
        before: Option<TokenId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Token>>> {
        let kinds = kinds.to_vec();
        self.read(move |conn, tenant| tokens::list(conn, tenant, &kinds, before, limit)).await
    }

    async fn token_by_name(
        &self,
        kind: TokenKind,
        name: &str,
    ) -> Result<Option<Unverified<Token>>> {
        let name: Box<str> = name.into();
        self.read(move |conn, tenant| tokens::by_name(conn, tenant, kind, &name)).await
    }

    async fn tokens_of(&self, principal: PrincipalId) -> Result<Vec<Unverified<Token>>> {
        self.read(move |conn, tenant| tokens::of_principal(conn, tenant, principal)).await
    }

    async fn activities(
        &self,
        tokens: &[TokenId],
        before: Option<RequestId>,
        limit: u32,
    ) -> Result<Vec<Activity>> {
        let tokens = tokens.to_vec();
        self.read(move |conn, tenant| activities::list(conn, tenant, &tokens, before, limit)).await
    }

    async fn events(&self, before: Option<AuditCursor>, limit: u32) -> Result<Vec<StoredEvent>> {
        let own = self.lane;
        self.read(move |conn, tenant| audit::newest(conn, tenant, own, before, limit)).await
    }

    async fn events_about(
        &self,
        resources: &[[u8; 16]],
        before: Option<AuditCursor>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>> {
        let resources = resources.to_vec();
        self.read(move |conn, tenant| audit::about(conn, tenant, &resources, before, limit)).await
    }

    async fn events_from(&self, lane: u32, seq: u64, limit: u32) -> Result<Vec<StoredEvent>> {
        self.read(move |conn, tenant| audit::from(conn, tenant, lane, seq, limit)).await
    }

    async fn heads(&self) -> Result<Vec<ChainHead>> {
        self.read(audit::heads).await
    }

    async fn checkpoints(&self, lane: u32, seq: u64, limit: u32) -> Result<Vec<(u64, Note)>> {
        self.read(move |conn, tenant| anchors::notes(conn, tenant, lane, seq, limit)).await
    }

    async fn checkpoint_count(&self, lane: u32, seq: u64) -> Result<u64> {
        self.read(move |conn, tenant| anchors::counted(conn, tenant, lane, seq)).await
    }

    async fn weigh_rows(&self, sealer: Arc<dyn StateSealer>) -> Result<RowsWeighed> {
        self.read(move |conn, tenant| states::of_rows(conn, &*sealer, tenant)).await
    }
}
