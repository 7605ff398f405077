//! What each change does to the rows, and what it tells the `changes` sequence.

use super::{
    activities, bindings, grants, groups, keys, meta, principals, revisions, secret_readers,
    secrets, signing_keys, states::Scales, tenants, tokens,
};
use crate::{error::StoreError, port::Result};
use rusqlite::Connection;
use std::sync::Arc;
use subrosa_domain::{
    Change, ChangeRef, GroupId, LastUse, PrincipalKind, TenantId, TenantState,
    audit::{ChainSealer, Weight},
};
use subrosa_plant::planted;

/// Applies one commit's changes in order.
pub(super) struct Applying<'c> {
    conn: &'c Connection,
    tenant: TenantId,
    run: Option<u64>,
    sealer: Arc<dyn ChainSealer>,
    /// What the sealed rows weigh that were written, and those that were taken away or replaced.
    pub(super) written: Weight,
    pub(super) replaced: Weight,
    living: Option<bool>,
    moved: tenants::Moved,
    /// What was touched, each once.
    pub(super) touched: Vec<ChangeRef>,
    /// Whether keys, wraps or values were taken away, so that the log should not keep them either.
    pub(super) erased: bool,
}

impl<'c> Applying<'c> {
    pub(super) fn new(
        conn: &'c Connection,
        tenant: TenantId,
        run: Option<u64>,
        sealer: Arc<dyn ChainSealer>,
    ) -> Self {
        let (moved, touched) = (tenants::Moved::default(), Vec::new());
        let (written, replaced) = (Weight::ZERO, Weight::ZERO);
        let (living, erased) = (None, false);
        Self { conn, tenant, run, sealer, written, replaced, living, moved, touched, erased }
    }

    /// Writes what only the whole commit knows.
    pub(super) fn finish(&mut self) -> Result<()> {
        if self.moved == tenants::Moved::default() {
            return Ok(());
        }
        tenants::count(self.conn, self.tenant, self.moved)
    }

    pub(super) fn apply(&mut self, change: &Change) -> Result<()> {
        let (conn, tenant) = (self.conn, self.tenant);
        if is_under_tenant(change) {
            self.check_living()?;
        }
        let scales = Scales { conn, sealer: &*self.sealer, tenant };
        let (replaced, written) = (scales.replaced(change)?, scales.written(change));
        self.replaced = self.replaced.plus(replaced);
        self.written = self.written.plus(written);
        match change {
            Change::TenantInsert(row) => {
                self.own(row.id)?;
                tenants::insert(conn, row)?;
                self.living = Some(row.state == TenantState::Active);
                self.touch(ChangeRef::Tenant(tenant));
            }
            Change::TenantUpdate(row) => {
                self.own(row.id)?;
                tenants::update(conn, row)?;
                self.living = Some(row.state == TenantState::Active);
                self.touch(ChangeRef::Tenant(tenant));
            }
            Change::TenantErase(id) => {
                self.own(*id)?;
                tenants::erase(conn, tenant)?;
                self.moved = tenants::Moved::default();
                self.erased = !planted!("erase-unscrubbed");
                self.touch(ChangeRef::Tenant(tenant));
            }
            Change::TenantKeyInsert(key) => {
                self.own(key.tenant_id)?;
                keys::insert(conn, key)?;
                self.touch(ChangeRef::TenantKeys(tenant));
            }
            Change::TenantKeyUpdate(key) => {
                self.own(key.tenant_id)?;
                keys::update(conn, key)?;
                self.erased |= key.wrapped.is_empty();
                self.touch(ChangeRef::TenantKeys(tenant));
            }
            Change::SecretInsert(secret) => {
                self.own(secret.tenant_id)?;
                secrets::insert(conn, secret)?;
                self.moved.secrets += self.counts(secret.group_id);
                self.touch(ChangeRef::Secret(tenant, secret.id));
            }
            Change::SecretUpdate(secret) => {
                self.own(secret.tenant_id)?;
                secrets::update(conn, secret)?;
                self.touch(ChangeRef::Secret(tenant, secret.id));
            }
            Change::SecretErase(id) => {
                let group = secrets::erase(conn, tenant, *id)?;
                self.moved.secrets -= self.counts(group);
                self.erased = true;
                self.touch(ChangeRef::Secret(tenant, *id));
                self.touch(ChangeRef::Grants(tenant, *id));
            }
            Change::RevisionInsert(revision) => {
                self.own(revision.tenant_id)?;
                revisions::insert(conn, revision)?;
                self.touch(ChangeRef::Secret(tenant, revision.secret_id));
            }
            Change::RevisionRewrap { secret_id, revision_id, old, new } => {
                revisions::rewrap(conn, tenant, *secret_id, *revision_id, old, new)?;
                self.touch(ChangeRef::Secret(tenant, *secret_id));
            }
            Change::PublicationInsert(publication) => {
                self.own(publication.tenant_id)?;
                revisions::publish(conn, publication)?;
                self.touch(ChangeRef::Secret(tenant, publication.secret_id));
            }
            Change::GrantInsert(grant) => {
                self.own(grant.tenant_id)?;
                grants::insert(conn, grant)?;
                self.touch(ChangeRef::Grants(tenant, grant.secret_id));
            }
            Change::GrantErase { secret_id, agent_id } => {
                if grants::erase(conn, tenant, *secret_id, agent_id)? {
                    self.touch(ChangeRef::Grants(tenant, *secret_id));
                }
            }
            Change::GroupInsert(group) => {
                self.own(group.tenant_id)?;
                groups::insert(conn, group)?;
                self.touch(ChangeRef::Group(tenant, group.id));
            }
            Change::GroupUpdate(group) => {
                self.own(group.tenant_id)?;
                groups::update(conn, group)?;
                self.touch(ChangeRef::Group(tenant, group.id));
            }
            Change::GroupErase(id, row_version) => {
                groups::erase(conn, tenant, *id, *row_version)?;
                self.touch(ChangeRef::Group(tenant, *id));
            }
            Change::BindingInsert(binding) => {
                self.own(binding.tenant_id)?;
                bindings::insert(conn, binding)?;
            }
            Change::BindingUpdate(binding) => {
                self.own(binding.tenant_id)?;
                bindings::update(conn, binding)?;
            }
            Change::BindingErase(id) => bindings::erase(conn, tenant, *id)?,
            Change::SigningKeyInsert(key) => {
                self.own(key.tenant_id)?;
                signing_keys::insert(conn, key)?;
                self.touch(ChangeRef::TenantKeys(tenant));
            }
            Change::SigningKeyRewrap { id, old, new } => {
                signing_keys::rewrap(conn, tenant, *id, old, new)?;
                self.touch(ChangeRef::TenantKeys(tenant));
            }
            Change::PrincipalInsert(principal) => {
                self.own(principal.tenant_id)?;
                principals::insert(conn, principal)?;
                let account = principal.kind == PrincipalKind::ServiceAccount;
                self.moved.service_accounts += i64::from(account);
                self.touch(ChangeRef::Principal(tenant, principal.id));
            }
            Change::PrincipalUpdate(principal) => {
                self.own(principal.tenant_id)?;
                principals::update(conn, principal)?;
                self.touch(ChangeRef::Principal(tenant, principal.id));
            }
            Change::TokenInsert(token) => {
                self.own(token.tenant_id)?;
                tokens::insert(conn, token)?;
                self.moved.tokens += 1;
                self.touch(ChangeRef::Token(tenant, token.id));
            }
            Change::TokenUpdate(token) => {
                self.own(token.tenant_id)?;
                tokens::update(conn, token)?;
                self.touch(ChangeRef::Token(tenant, token.id));
            }
            Change::LastUses(uses) => uses.iter().try_for_each(|used| match used {
                LastUse::Token(tenant, id, at) => tokens::used(conn, *tenant, *id, *at),
                LastUse::Secret(tenant, id, at) => secrets::used(conn, *tenant, *id, *at),
                LastUse::Reader(tenant, id, actor, at) => {
                    secret_readers::used(conn, *tenant, *id, actor, *at)
                }
            })?,
            Change::Activities(all) => {
                all.iter().try_for_each(|activity| activities::insert(conn, activity))?;
            }
            Change::CountsFlushed(at) => {
                self.run.map_or(Ok(()), |run| meta::flushed(conn, run, *at))?;
            }
        }
        Ok(())
    }

    /// A row of another tenant is no row of this commit's.
    fn own(&self, tenant: TenantId) -> Result<()> {
        if tenant == self.tenant { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// What a secret of this group is to the tenant's counter.
    fn counts(&self, group: GroupId) -> i64 {
        i64::from(group == GroupId::default_of(self.tenant))
    }

    fn check_living(&mut self) -> Result<()> {
        let living = match self.living {
            Some(known) => known,
            None => tenants::is_living(self.conn, self.tenant)?,
        };
        self.living = Some(living);
        if living { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// A commit touches a handful of things: looking through them is cheaper than hashing them.
    fn touch(&mut self, change: ChangeRef) {
        if !self.touched.contains(&change) {
            self.touched.push(change);
        }
    }
}

/// Whether a change writes a row that only a living tenant may have. The tenant's own row looks after itself, and what
/// was gathered (uses, activities) passes over what is gone.
const fn is_under_tenant(change: &Change) -> bool {
    !matches!(
        change,
        Change::TenantInsert(_)
            | Change::TenantUpdate(_)
            | Change::TenantErase(_)
            | Change::LastUses(_)
            | Change::Activities(_)
            | Change::CountsFlushed(_)
    )
}
