//! The port every engine implements, and the plain data that crosses it.
//!
//! Reads are scoped: [`TenantStore`] is a view of one tenant and has no way to name another's rows. [`Store`] itself,
//! which is not scoped, is for composition and for look-ups made before the tenant is known. The world changes by
//! [`Store::commit`] alone.

use crate::error::StoreError;
use async_trait::async_trait;
use std::sync::Arc;
use subrosa_domain::{
    Activity, AgentId, BindingId, BrokenSeal, ChangeRef, Commit, DeploymentId, Grant, Group,
    GroupId, GroupName, Identity, KeyId, KeyName, KeyState, Principal, PrincipalId, PrincipalKind,
    Publication, Revision, RevisionId, RoleBinding, Secret, SecretId, ServiceKey, SigningKey,
    SigningKeyId, Tenant, TenantId, TenantKey, TenantSlug, Timestamp, Token, TokenId, TokenKind,
    Unverified, Wrap,
    audit::{Anchor, AuditEvent, ChainHead, ChainSealer, Note, StateSealer, Weight},
    policy::Receipt,
};

/// A result of this room.
pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// The whole store.
#[async_trait]
pub trait Store: Send + Sync {
    /// Applies every change and appends every event, durably, or nothing at all. Returns after the commit is durable
    /// and the listener has been told. Many callers share one durable commit; one caller's failure is its own.
    ///
    /// Parents come before their children in the list. The rows of a tenant that is not living are not written
    /// ([`StoreError::Conflict`]); its events are. A commit with neither changes nor events makes the chain of its
    /// tenant ready to be read: should an earlier run have ended suddenly, the chain says so after it.
    async fn commit(&self, commit: Commit) -> Result<Committed>;

    /// The view of one tenant.
    fn tenant(&self, tenant: TenantId) -> Arc<dyn TenantStore>;

    /// Who is told of changes, before the commit that made them is answered. Replaces an earlier listener.
    fn listen(&self, listener: Arc<dyn ChangeListener>);

    /// Begins the run: from here on there can be commits, whose events and states `sealer` chains and weighs. Durably
    /// notes that the run is open, so that a sudden end is known to the next one. A second call is a
    /// [`StoreError::Conflict`], a commit before it [`StoreError::Unavailable`]. [`StoreError::Corrupt`] when the
    /// lane's anchor, or a head where there is none, is not one that the server wrote; that it is the latest is for the
    /// checkpoint kept elsewhere to show.
    async fn seal_with(&self, sealer: Arc<dyn ChainSealer>) -> Result<()>;

    /// Where the store's lane stands, its seal not checked; `None` before the first run that keeps an anchor.
    async fn anchor(&self) -> Result<Option<Anchor>>;

    /// The checkpoint of where the lane stands, and its position. It is made and durable when this answers. Before the
    /// run has begun it is [`StoreError::Unavailable`].
    async fn checkpoint(&self) -> Result<(u64, Note)>;

    /// The checkpoint that was made of the lane at a position.
    async fn checkpoint_at(&self, position: u64) -> Result<KeptCheckpoint>;

    /// Goes on from a later position than the lane stands at, as whoever accepts an older store does.
    async fn advance_to(&self, position: u64) -> Result<()>;

    /// What all heads of the lane weigh together, and the lane's anchor, as one snapshot.
    async fn weigh_heads(&self, sealer: Arc<dyn StateSealer>) -> Result<(Weight, Option<Anchor>)>;

    /// What this store was initialised as; `None` before the first start.
    async fn deployment(&self) -> Result<Option<Deployment>>;

    /// Initialises an empty store. Conflicts when it was initialised before.
    async fn initialise(&self, deployment: &Deployment, key: &ServiceKey) -> Result<()>;

    /// Every version of the service key, oldest first.
    async fn service_keys(&self) -> Result<Vec<ServiceKey>>;

    /// The living tenant with this slug.
    async fn tenant_by_slug(&self, slug: &TenantSlug) -> Result<Option<Unverified<Tenant>>>;

    /// Tenants that are not deleted, newest first, from before `before`.
    async fn tenants(
        &self,
        before: Option<TenantId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Tenant>>>;

    /// Ids of deleted tenants, oldest first, after `after`.
    async fn deleted_tenants(&self, after: Option<TenantId>, limit: u32) -> Result<Vec<TenantId>>;

    /// The token with this key id and the principal it speaks for.
    async fn token_by_key_id(
        &self,
        key_id: &KeyId,
    ) -> Result<Option<(Unverified<Token>, Unverified<Principal>)>>;

    /// The signing key with this id, of whichever living tenant.
    async fn signing_key(&self, id: SigningKeyId) -> Result<Option<Unverified<SigningKey>>>;

    /// Signing keys of living tenants, newest first.
    async fn all_signing_keys(&self, limit: u32) -> Result<Vec<Unverified<SigningKey>>>;

    /// Every tenant-key version in `state`, of living tenants, oldest first.
    async fn keys_in_state(&self, state: KeyState) -> Result<Vec<TenantKey>>;

    /// Entries of the `changes` sequence after `seq`, oldest first, and each one's place.
    async fn changes_after(&self, seq: u64, limit: u32) -> Result<Vec<(u64, ChangeRef)>>;

    /// Drops entries of the `changes` sequence, activities, and readers whose last use is from before `before`, and
    /// checkpoints of lanes from before `checkpoints_before`, but the last of each and what comes after one that stays.
    async fn prune(&self, before: Timestamp, checkpoints_before: Timestamp) -> Result<()>;

    /// Ends the run: answers what was accepted, records a clean end, closes. Later calls are [`StoreError::Busy`].
    async fn close(&self) -> Result<()>;
}

/// One tenant's rows. Every answer is this tenant's alone; another tenant's id is as good as absent.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// The tenant's own row, deleted or not.
    async fn tenant(&self) -> Result<Option<Unverified<Tenant>>>;
    /// Every version of the tenant's key, oldest first.
    async fn keys(&self) -> Result<Vec<TenantKey>>;
    /// Every signing key of the tenant, newest first.
    async fn signing_keys(&self) -> Result<Vec<Unverified<SigningKey>>>;
    /// How many rows there are of each counted noun, from counters kept in the commit.
    async fn counted(&self) -> Result<Counted>;

    /// A secret.
    async fn secret(&self, id: SecretId) -> Result<Option<Unverified<Secret>>>;
    /// The secret with this key in a group.
    async fn secret_by_key(
        &self,
        group: GroupId,
        key: &KeyName,
    ) -> Result<Option<Unverified<Secret>>>;
    /// A group's secrets, newest first, from before `before`.
    async fn secrets(
        &self,
        group: GroupId,
        before: Option<SecretId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Secret>>>;
    /// A secret together with its live revision, value included, as one snapshot.
    async fn live(&self, id: SecretId) -> Result<Option<(Unverified<Secret>, Option<Revision>)>>;

    /// A page of a group's secrets in key order, byte by byte, as one snapshot.
    async fn group_secrets(
        &self,
        group: GroupId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Unverified<Secret>>>;
    /// The same, each with its live revision, value included, all as one snapshot.
    async fn group_lives(
        &self,
        group: GroupId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<(Unverified<Secret>, Option<Revision>)>>;
    /// How many actors revealed or used each secret of a group at `since` or later, in the order of the secrets' ids;
    /// those that nobody did are left out.
    async fn readers(&self, group: GroupId, since: Timestamp) -> Result<Vec<(SecretId, u64)>>;
    /// How many actors revealed or used a secret at `since` or later.
    async fn readers_of(&self, secret: SecretId, since: Timestamp) -> Result<u64>;

    /// A group. The group `default` has no row.
    async fn group(&self, id: GroupId) -> Result<Option<Unverified<Group>>>;
    /// The group with this name.
    async fn group_by_name(&self, name: &GroupName) -> Result<Option<Unverified<Group>>>;
    /// Groups, oldest first, after `after`: those in which `of` has a role, or all. Which they are is believed no more
    /// than a filter is; the sealed row decides.
    async fn groups(
        &self,
        of: Option<PrincipalId>,
        after: Option<GroupId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Group>>>;
    /// Every group in which a role binding gives a role, oldest first.
    async fn groups_bound(&self, binding: BindingId) -> Result<Vec<Unverified<Group>>>;
    /// Every group, `default` included, that holds a secret whose key contains the text in either case, in id order.
    async fn groups_holding(&self, text: &str) -> Result<Vec<GroupId>>;
    /// How many secrets each group holds that holds any, `default` included, in id order.
    async fn secret_counts(&self) -> Result<Vec<(GroupId, u64)>>;

    /// A role binding.
    async fn binding(&self, id: BindingId) -> Result<Option<Unverified<RoleBinding>>>;
    /// The role binding with this name.
    async fn binding_by_name(&self, name: &str) -> Result<Option<Unverified<RoleBinding>>>;
    /// Role bindings, oldest first, after `after`.
    async fn bindings(
        &self,
        after: Option<BindingId>,
        limit: u32,
    ) -> Result<Vec<Unverified<RoleBinding>>>;

    /// One revision of a secret, without its value.
    async fn revision(&self, secret: SecretId, id: RevisionId) -> Result<Option<Revision>>;
    /// A secret's revisions, newest first, from below version `below`, without values.
    async fn revisions(
        &self,
        secret: SecretId,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Revision>>;
    /// A secret's publications, newest first, from below `row_version` `below`.
    async fn publications(
        &self,
        secret: SecretId,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Publication>>;
    /// Revisions whose wrap is under a key version below `key_version`, in an order of the store's own, after `after`.
    async fn to_rewrap(
        &self,
        key_version: u32,
        after: Option<(SecretId, u64)>,
        limit: u32,
    ) -> Result<Vec<RewrapItem>>;

    /// A secret's grants in agent order, after `after`.
    async fn grants(
        &self,
        secret: SecretId,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Grant>>>;
    /// One agent's grant on a secret.
    async fn grant(&self, secret: SecretId, agent: &AgentId) -> Result<Option<Unverified<Grant>>>;

    /// A principal.
    async fn principal(&self, id: PrincipalId) -> Result<Option<Unverified<Principal>>>;
    /// The living principal of this kind and name.
    async fn principal_by_name(
        &self,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<Option<Unverified<Principal>>>;
    /// The living principal that an issuer's tokens call this. A revoked one is not found, and its identity is nobody
    /// else's: an insert of it collides.
    async fn principal_by_identity(
        &self,
        identity: &Identity,
    ) -> Result<Option<Unverified<Principal>>>;
    /// Principals of a kind, newest first, from before `before`, revoked ones included.
    async fn principals(
        &self,
        kind: PrincipalKind,
        before: Option<PrincipalId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Principal>>>;

    /// A token.
    async fn token(&self, id: TokenId) -> Result<Option<Unverified<Token>>>;
    /// Tokens of any of `kinds`, newest first, from before `before`, revoked ones included.
    async fn tokens(
        &self,
        kinds: &[TokenKind],
        before: Option<TokenId>,
        limit: u32,
    ) -> Result<Vec<Unverified<Token>>>;
    /// The token of this kind and name that is not revoked; of several, which only kinds whose names need not be unique
    /// in the tenant can have, the newest.
    async fn token_by_name(&self, kind: TokenKind, name: &str)
    -> Result<Option<Unverified<Token>>>;
    /// Every token of a principal, newest first, revoked ones included.
    async fn tokens_of(&self, principal: PrincipalId) -> Result<Vec<Unverified<Token>>>;

    /// Activities of the given tokens, newest first, from before the entry `before`.
    async fn activities(
        &self,
        tokens: &[TokenId],
        before: Option<subrosa_domain::RequestId>,
        limit: u32,
    ) -> Result<Vec<Activity>>;

    /// Events, newest first, from before `before`.
    async fn events(&self, before: Option<AuditCursor>, limit: u32) -> Result<Vec<StoredEvent>>;
    /// Events about any of these things, newest first, from before `before`: those of actions that are
    /// [found by resource](subrosa_domain::audit::AuditAction::is_found_by_resource).
    async fn events_about(
        &self,
        resources: &[[u8; 16]],
        before: Option<AuditCursor>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>>;
    /// A lane's events in order, from `seq` on: what verification walks.
    async fn events_from(&self, lane: u32, seq: u64, limit: u32) -> Result<Vec<StoredEvent>>;
    /// The head of each lane.
    async fn heads(&self) -> Result<Vec<ChainHead>>;
    /// A lane's checkpoints after `seq`, in order, each with the place it is of.
    async fn checkpoints(&self, lane: u32, seq: u64, limit: u32) -> Result<Vec<(u64, Note)>>;
    /// How many checkpoints there are of a lane's places up to `seq`.
    async fn checkpoint_count(&self, lane: u32, seq: u64) -> Result<u64>;
    /// What all sealed rows of the tenant weigh together, those of them whose seals do not hold, and the head of each
    /// lane, as one snapshot. Reads every row.
    async fn weigh_rows(&self, sealer: Arc<dyn StateSealer>) -> Result<RowsWeighed>;
}

/// Told of every change, on the committer's thread, after the change is durable and before anyone is answered. It must
/// be quick and must not call the store.
pub trait ChangeListener: Send + Sync {
    /// These changed.
    fn changed(&self, changes: &[ChangeRef]);
}

/// What a store was initialised as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deployment {
    /// Bound into every key wrap.
    pub id: DeploymentId,
    /// A fingerprint of the root key, so that a wrong one is refused before it is used.
    pub root_fingerprint: [u8; 32],
    /// When.
    pub created_at: Timestamp,
}

/// All sealed rows of a tenant.
#[derive(Debug)]
pub struct RowsWeighed {
    /// What they weigh together.
    pub weight: Weight,
    /// Those whose seals do not hold, a hundred at most.
    pub broken: Vec<BrokenSeal>,
    /// The head of each lane.
    pub heads: Vec<ChainHead>,
}

/// What is kept of a lane's checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeptCheckpoint {
    /// It is there.
    Kept(Note),
    /// It is older than what is kept: nothing can be told.
    Forgotten,
    /// None was made of that position.
    Never,
}

/// A durable commit.
#[derive(Debug)]
pub struct Committed {
    /// The lane and seq each event got, in the order given.
    pub places: Vec<AuditCursor>,
}

impl Committed {
    /// The proof that the commit's events are durable.
    #[must_use]
    pub const fn receipt(&self) -> Receipt {
        Receipt::assert_durable()
    }
}

/// A place in a tenant's chains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditCursor {
    /// Which lane.
    pub lane: u32,
    /// Which event of it.
    pub seq: u64,
}

/// An event as it is stored: its canonical bytes and its link, neither believed yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEvent {
    /// Which lane.
    pub lane: u32,
    /// Its place in the lane.
    pub seq: u64,
    /// [`encode`](subrosa_domain::audit::encode) of the event.
    pub canonical: Box<[u8]>,
    /// Its link.
    pub hash: [u8; 32],
}

impl StoredEvent {
    /// The event, if its bytes can be understood.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when they cannot.
    pub fn event(&self) -> Result<AuditEvent> {
        subrosa_domain::audit::decode(&self.canonical)
            .map_err(|_| StoreError::Corrupt("audit event"))
    }
}

/// Row counts of one tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// Secrets of the group `default`, which alone is listed with a total.
    pub secrets: u64,
    /// Tokens, revoked ones included.
    pub tokens: u64,
    /// Service accounts, revoked ones included.
    pub service_accounts: u64,
    /// Events over all lanes.
    pub events: u64,
}

/// A wrap that an older key version made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RewrapItem {
    /// The revision's secret.
    pub secret_id: SecretId,
    /// Which revision.
    pub revision_id: RevisionId,
    /// Its number.
    pub version: u64,
    /// The wrap as it is.
    pub wrap: Wrap,
}
