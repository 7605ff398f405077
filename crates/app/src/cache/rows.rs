//! What is kept: tenants by slug, token records, live secrets (still sealed), and unwrapped tenant keys.
//!
//! No plaintext value and no revision key is ever kept. Rows enter only after their seals were checked.

use super::feed::{Feed, Mark};
use crate::limits;
use moka::sync::Cache;
use std::sync::Arc;
use subrosa_crypto::TenantKeys;
use subrosa_domain::{
    ChangeRef, KeyId, Principal, Revision, Secret, SecretId, TenantId, TenantSlug, Token,
    policy::Caller,
};
use subrosa_store::ChangeListener;

/// Everything kept in memory.
pub(crate) struct Caches {
    pub(crate) feed: Feed,
    tenants: Cache<TenantSlug, (TenantId, Mark)>,
    tokens: Cache<KeyId, Arc<TokenRecord>>,
    live: Cache<(TenantId, SecretId), Arc<Live>>,
    keys: Cache<TenantId, (Arc<TenantKeys>, Mark)>,
}

/// A token with the principal it speaks for, and the caller the two amount to.
pub(crate) struct TokenRecord {
    pub(crate) token: Token,
    pub(crate) principal: Principal,
    pub(crate) caller: Arc<Caller>,
    pub(crate) read: Mark,
}

/// A secret with its live revision, sealed.
pub(crate) struct Live {
    pub(crate) secret: Secret,
    pub(crate) revision: Option<Revision>,
    pub(crate) read: Mark,
}

impl Caches {
    pub(crate) fn new() -> Self {
        Self {
            feed: Feed::new(),
            tenants: Cache::new(limits::KEY_CACHE_MAX),
            tokens: Cache::new(limits::TOKEN_CACHE_MAX),
            live: Cache::builder()
                .max_capacity(limits::ROW_CACHE_BYTES)
                .weigher(|_, live: &Arc<Live>| live.weight())
                .build(),
            keys: Cache::new(limits::KEY_CACHE_MAX),
        }
    }

    pub(crate) fn tenant(&self, slug: &TenantSlug) -> Option<TenantId> {
        let (id, read) = self.tenants.get(slug)?;
        self.feed.untouched(ChangeRef::Tenant(id), read).then_some(id)
    }

    pub(crate) fn keep_tenant(&self, slug: TenantSlug, id: TenantId, read: Mark) {
        self.tenants.insert(slug, (id, read));
    }

    pub(crate) fn token(&self, key_id: &KeyId) -> Option<Arc<TokenRecord>> {
        let record = self.tokens.get(key_id)?;
        let (tenant, read) = (record.token.tenant_id, record.read);
        let current = self.feed.untouched(ChangeRef::Token(tenant, record.token.id), read)
            && self.feed.untouched(ChangeRef::Principal(tenant, record.principal.id), read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), read);
        current.then_some(record)
    }

    pub(crate) fn keep_token(&self, record: Arc<TokenRecord>) {
        self.tokens.insert(record.token.key_id, record);
    }

    pub(crate) fn live(&self, tenant: TenantId, id: SecretId) -> Option<Arc<Live>> {
        let live = self.live.get(&(tenant, id))?;
        let current = self.feed.untouched(ChangeRef::Secret(tenant, id), live.read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), live.read);
        current.then_some(live)
    }

    pub(crate) fn keep_live(&self, live: Arc<Live>) {
        self.live.insert((live.secret.tenant_id, live.secret.id), live);
    }

    pub(crate) fn keys(&self, tenant: TenantId) -> Option<Arc<TenantKeys>> {
        let (keys, read) = self.keys.get(&tenant)?;
        let current = self.feed.untouched(ChangeRef::TenantKeys(tenant), read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), read);
        current.then_some(keys)
    }

    pub(crate) fn keep_keys(&self, tenant: TenantId, keys: Arc<TenantKeys>, read: Mark) {
        self.keys.insert(tenant, (keys, read));
    }

    /// Lets go of what was evicted or dropped, so that key bytes do not wait in a queue. Called every second.
    pub(crate) fn settle(&self) {
        self.keys.run_pending_tasks();
        self.live.run_pending_tasks();
    }
}

impl Live {
    fn weight(&self) -> u32 {
        let value = self.revision.as_ref().and_then(|revision| revision.sealed.as_ref());
        let bytes = value.map_or(0, |sealed| sealed.value.len() + sealed.wrap.block.len());
        let text = self.secret.description.as_ref().map_or(0, |text| text.len());
        // The structs themselves, the map's own entry and the allocator's rounding come to about this much.
        u32::try_from(bytes + text + 768).unwrap_or(u32::MAX)
    }
}

impl ChangeListener for Caches {
    fn changed(&self, changes: &[ChangeRef]) {
        self.feed.touch(changes);
        // Stale rows may wait to be overwritten; unwrapped keys must not.
        for change in changes {
            if let ChangeRef::Tenant(tenant) | ChangeRef::TenantKeys(tenant) = change {
                self.keys.invalidate(tenant);
            }
        }
    }
}
