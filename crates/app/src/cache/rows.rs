//! What is kept: tenants by slug, token records, live secrets (still sealed), and unwrapped tenant keys.
//!
//! No plaintext value and no revision key is ever kept. Rows enter only after their seals were checked.

use super::{
    feed::{Feed, Mark},
    kept::Kept,
};
use crate::{ledger::Used, limits};
use foldhash::quality::RandomState as Folded;
use std::sync::Arc;
use subrosa_crypto::TenantKeys;
use subrosa_domain::{
    ChangeRef, Group, GroupId, Identity, KeyId, KeyName, Principal, PrincipalId, Revision, Secret,
    SecretId, SigningKeyId, Tenant, TenantId, TenantSlug, Timestamp, Token, TokenId,
    policy::Caller,
};
use subrosa_plant::planted;
use subrosa_store::ChangeListener;

/// Everything kept in memory.
pub(crate) struct Caches {
    pub(crate) feed: Feed,
    tenants: Kept<TenantSlug, (TenantId, Mark)>,
    tokens: ById<KeyId, Arc<TokenRecord>>,
    live: ById<(TenantId, SecretId), Arc<Live>>,
    keys: ById<TenantId, (Arc<TenantKeys>, Mark)>,
    rows: ById<TenantId, (Arc<Tenant>, Mark)>,
    groups: ById<(TenantId, GroupId), (Arc<Group>, Mark)>,
    principals: ById<(TenantId, PrincipalId), (Arc<Principal>, Mark)>,
    /// Which secret a key means. A hint: whoever uses it looks whether the secret still says so.
    names: Kept<(GroupId, KeyName), SecretId>,
    /// Public keys never change; a token's own row tells whether its tenant lives.
    signing: ById<SigningKeyId, (TenantId, [u8; 32])>,
    signed: ById<TokenId, Arc<TokenRecord>>,
    identities: Kept<(TenantId, Identity), PrincipalId>,
    /// How many have read a secret, and when that was counted. It decides nothing.
    readers: ById<SecretId, (u64, Timestamp)>,
    /// Who has read a secret, and of when the store knows it. It decides nothing either.
    read_by: ById<(SecretId, Arc<str>), Timestamp>,
}

/// By a key that we made, of random bytes: nobody can choose many that are hashed alike, so a quick hash will do.
type ById<K, V> = Kept<K, V, Folded>;

/// A token with the principal it speaks for, and the caller the two amount to.
pub(crate) struct TokenRecord {
    pub(crate) token: Token,
    pub(crate) principal: Principal,
    pub(crate) caller: Arc<Caller>,
    pub(crate) read: Mark,
    pub(crate) used: Arc<Used>,
}

/// A secret with its live revision, sealed.
pub(crate) struct Live {
    pub(crate) secret: Secret,
    pub(crate) revision: Option<Revision>,
    pub(crate) read: Mark,
    pub(crate) used: Arc<Used>,
}

impl Caches {
    /// Caches that keep sealed rows of so many bytes.
    pub(crate) fn new(row_bytes: u64) -> Self {
        Self {
            feed: Feed::new(),
            tenants: Kept::new(limits::KEY_CACHE_MAX),
            tokens: Kept::new(limits::TOKEN_CACHE_MAX),
            live: Kept::new(row_bytes),
            keys: Kept::new(limits::KEY_CACHE_MAX),
            rows: Kept::new(limits::KEY_CACHE_MAX),
            groups: Kept::new(limits::GROUP_CACHE_MAX),
            principals: Kept::new(limits::PRINCIPAL_CACHE_MAX),
            names: Kept::new(limits::NAME_CACHE_MAX),
            signing: Kept::new(limits::KEY_CACHE_MAX),
            signed: Kept::new(limits::TOKEN_CACHE_MAX),
            identities: Kept::new(limits::PRINCIPAL_CACHE_MAX),
            readers: Kept::new(limits::NAME_CACHE_MAX),
            read_by: Kept::new(limits::READER_CACHE_MAX),
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
        self.tokens.get(key_id).filter(|record| self.is_current(record))
    }

    pub(crate) fn keep_token(&self, record: Arc<TokenRecord>) {
        self.tokens.insert(record.token.key_id, record);
    }

    /// The record of a token that is proved by a signature.
    pub(crate) fn signed_token(&self, id: TokenId) -> Option<Arc<TokenRecord>> {
        self.signed.get(&id).filter(|record| self.is_current(record))
    }

    pub(crate) fn keep_signed_token(&self, record: Arc<TokenRecord>) {
        self.signed.insert(record.token.id, record);
    }

    fn is_current(&self, record: &TokenRecord) -> bool {
        let (tenant, read) = (record.token.tenant_id, record.read);
        self.feed.untouched(ChangeRef::Token(tenant, record.token.id), read)
            && self.feed.untouched(ChangeRef::Principal(tenant, record.principal.id), read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), read)
    }

    pub(crate) fn signing_key(&self, id: SigningKeyId) -> Option<(TenantId, [u8; 32])> {
        self.signing.get(&id)
    }

    pub(crate) fn keep_signing_key(&self, id: SigningKeyId, key: (TenantId, [u8; 32])) {
        self.signing.insert(id, key);
    }

    /// Whom an issuer's identity is, as a hint: the principal's row says whether it still is.
    pub(crate) fn identified(&self, tenant: TenantId, identity: &Identity) -> Option<PrincipalId> {
        self.identities.get(&(tenant, identity.clone()))
    }

    pub(crate) fn keep_identity(&self, tenant: TenantId, identity: Identity, id: PrincipalId) {
        self.identities.insert((tenant, identity), id);
    }

    pub(crate) fn live(&self, tenant: TenantId, id: SecretId) -> Option<Arc<Live>> {
        let live = self.live.get(&(tenant, id))?;
        let current = self.feed.untouched(ChangeRef::Secret(tenant, id), live.read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), live.read);
        current.then_some(live)
    }

    pub(crate) fn keep_live(&self, live: Arc<Live>) {
        let (key, weight) = ((live.secret.tenant_id, live.secret.id), live.weight());
        self.live.insert_weighing(key, live, weight);
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

    pub(crate) fn tenant_row(&self, id: TenantId) -> Option<Arc<Tenant>> {
        let (tenant, read) = self.rows.get(&id)?;
        self.feed.untouched(ChangeRef::Tenant(id), read).then_some(tenant)
    }

    pub(crate) fn keep_tenant_row(&self, tenant: Arc<Tenant>, read: Mark) {
        self.rows.insert(tenant.id, (tenant, read));
    }

    pub(crate) fn group(&self, tenant: TenantId, id: GroupId) -> Option<Arc<Group>> {
        let (group, read) = self.groups.get(&(tenant, id))?;
        let current = self.feed.untouched(ChangeRef::Group(tenant, id), read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), read);
        current.then_some(group)
    }

    pub(crate) fn keep_group(&self, group: Arc<Group>, read: Mark) {
        self.groups.insert((group.tenant_id, group.id), (group, read));
    }

    pub(crate) fn principal(&self, tenant: TenantId, id: PrincipalId) -> Option<Arc<Principal>> {
        let (principal, read) = self.principals.get(&(tenant, id))?;
        let current = self.feed.untouched(ChangeRef::Principal(tenant, id), read)
            && self.feed.untouched(ChangeRef::Tenant(tenant), read);
        current.then_some(principal)
    }

    pub(crate) fn keep_principal(&self, principal: Arc<Principal>, read: Mark) {
        self.principals.insert((principal.tenant_id, principal.id), (principal, read));
    }

    pub(crate) fn named(&self, group: GroupId, key: &KeyName) -> Option<SecretId> {
        self.names.get(&(group, key.clone()))
    }

    pub(crate) fn keep_name(&self, group: GroupId, key: KeyName, id: SecretId) {
        self.names.insert((group, key), id);
    }

    /// How many have read a secret, if nobody has since it was counted and that was not long ago.
    pub(crate) fn readers(&self, id: SecretId, now: Timestamp) -> Option<u64> {
        let (count, counted) = self.readers.get(&id)?;
        (now.since(counted) < limits::READERS_KEPT).then_some(count)
    }

    pub(crate) fn keep_readers(&self, id: SecretId, count: u64, now: Timestamp) {
        self.readers.insert(id, (count, now));
    }

    /// Whether the store knows of a reader, as of an hour ago or later.
    pub(crate) fn knows_reader(&self, id: SecretId, actor: &Arc<str>, at: Timestamp) -> bool {
        let known = self.read_by.get(&(id, Arc::clone(actor)));
        known.is_some_and(|known| at.since(known) < limits::READERS_KEPT)
    }

    /// The store was told of a reader: how many there are is counted anew.
    pub(crate) fn keep_reader(&self, id: SecretId, actor: Arc<str>, at: Timestamp) {
        self.read_by.insert((id, actor), at);
        self.readers.remove(&id);
    }
}

impl Live {
    fn weight(&self) -> u64 {
        let value = self.revision.as_ref().and_then(|revision| revision.sealed.as_ref());
        let bytes = value.map_or(0, |sealed| sealed.value.len() + sealed.wrap.block.len());
        let text = self.secret.description.as_ref().map_or(0, |text| text.len());
        // The structs themselves, the map's own entry and the allocator's rounding come to about this much.
        u64::try_from(bytes + text + 768).unwrap_or(u64::MAX)
    }
}

impl ChangeListener for Caches {
    fn changed(&self, changes: &[ChangeRef]) {
        if planted!("cache-kept-after-erase") {
            return;
        }
        self.feed.touch(changes);
        // Stale rows may wait to be overwritten; unwrapped keys must not.
        for change in changes {
            if let ChangeRef::Tenant(tenant) | ChangeRef::TenantKeys(tenant) = change {
                self.keys.remove(tenant);
            }
        }
    }
}
