//! The application: its parts, and the few reads that every use-case shares.

use crate::{
    cache::{Caches, Live},
    devices::Devices,
    error::AppError,
    ledger::Ledger,
    sign_in::Issuers,
    system::{Checkpoints, Keeper, SetBack},
};
use std::{
    fmt,
    sync::{Arc, Weak},
};
use subrosa_crypto::{Keyring, TenantKeys};
use subrosa_domain::{
    Change, Clock, Commit, Ids, Sealed, SealedRow, SecretId, TenantId, Unverified,
    audit::AuditEvent,
};
use subrosa_plant::planted;
use subrosa_store::{Committed, Store, TenantStore};
use tokio::sync::{Mutex, MutexGuard, Notify};

/// What an application is made of.
pub struct Parts {
    /// Where rows live.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Who checks the tokens of configured issuers; `None` when none is configured.
    pub issuers: Option<Arc<dyn Issuers>>,
    /// Where the last checkpoint is kept.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// How the store does not go with its last checkpoint.
    pub set_back: Option<SetBack>,
    /// Sealed rows kept in memory, in bytes.
    pub row_cache_bytes: u64,
}

/// The application. One for a server, shared by all its requests.
pub struct App {
    /// For work that must be finished even if the request that asked for it goes away.
    own: Weak<Self>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) caches: Arc<Caches>,
    pub(crate) ledger: Ledger,
    pub(crate) issuers: Option<Arc<dyn Issuers>>,
    pub(crate) devices: Devices,
    pub(crate) keeper: Keeper,
    pub(crate) set_back: Option<SetBack>,
    pub(crate) rewrap_wanted: Notify,
    turns: Box<[Mutex<()>]>,
}

/// Stripes of the per-row queues; two rows in one stripe wait for each other needlessly, which costs one commit.
const TURNS: usize = 256;

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App")
    }
}

impl App {
    /// Puts an application together and follows the store's changes.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let caches = Arc::new(Caches::new(parts.row_cache_bytes));
        parts.store.listen(Arc::clone(&caches) as Arc<dyn subrosa_store::ChangeListener>);
        Arc::new_cyclic(|own| Self {
            own: Weak::clone(own),
            store: parts.store,
            keyring: parts.keyring,
            clock: parts.clock,
            ids: parts.ids,
            caches,
            ledger: Ledger::default(),
            issuers: parts.issuers,
            devices: Devices::default(),
            keeper: Keeper::new(parts.checkpoints),
            set_back: parts.set_back,
            rewrap_wanted: Notify::new(),
            turns: (0..TURNS).map(|_| Mutex::new(())).collect(),
        })
    }

    /// The clock, for whoever stamps a request's arrival.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Fresh ids, for whoever names a request.
    #[must_use]
    pub fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    /// The application itself, for a task of its own.
    pub(crate) fn owned(&self) -> Result<Arc<Self>, AppError> {
        self.own.upgrade().ok_or(AppError::Internal("the application is gone"))
    }

    /// Whether the store answers, and is the latest.
    pub async fn is_ready(&self) -> bool {
        self.set_back.is_none() && matches!(self.store.deployment().await, Ok(Some(_)))
    }

    /// How many values were decrypted since the start.
    #[must_use]
    pub fn values_opened(&self) -> u64 {
        self.keyring.values_opened()
    }

    /// One tenant's rows.
    pub(crate) fn tenant(&self, tenant: TenantId) -> Arc<dyn TenantStore> {
        self.store.tenant(tenant)
    }

    /// Checks a row's seal. A broken one is on record before it is reported.
    pub(crate) fn verified<R: SealedRow>(&self, row: Unverified<R>) -> Result<R, AppError> {
        self.keyring.verify(row).map_err(|broken| {
            if !planted!("broken-seal-unrecorded") {
                self.record_row(broken.tenant_id, broken.resource);
            }
            AppError::Integrity
        })
    }

    /// Checks the seals of many rows: all of them, or the list is not believed.
    pub(crate) fn all_verified<R: SealedRow>(
        &self,
        rows: Vec<Unverified<R>>,
    ) -> Result<Vec<R>, AppError> {
        rows.into_iter().map(|row| self.verified(row)).collect()
    }

    /// The keyed work that a secret out of the caller's sight takes, its own row and that of its group, for one that is
    /// not there.
    pub(crate) fn no_secret(&self, tenant: TenantId) -> AppError {
        self.keyring.verify_none(tenant);
        self.keyring.verify_none(tenant);
        AppError::NOT_FOUND
    }

    /// Seals a row in passing.
    pub(crate) fn sealed<R: SealedRow>(&self, mut row: R) -> R {
        self.keyring.seal_row(&mut row);
        row
    }

    /// Commits changes of one tenant with their events.
    pub(crate) async fn commit(
        &self,
        tenant_id: TenantId,
        changes: Vec<Change>,
        events: Vec<AuditEvent>,
    ) -> Result<Committed, AppError> {
        self.check_current()?;
        Ok(self.store.commit(Commit { tenant_id, changes, events }).await?)
    }

    /// A secret with its live revision, from memory if the feed says it is current.
    pub(crate) async fn live(
        &self,
        tenant: TenantId,
        id: SecretId,
    ) -> Result<Option<Arc<Live>>, AppError> {
        Ok(self.live_known(tenant, id).await?.map(|(live, _)| live))
    }

    /// The same, and whether it was in memory.
    pub(crate) async fn live_known(
        &self,
        tenant: TenantId,
        id: SecretId,
    ) -> Result<Option<(Arc<Live>, bool)>, AppError> {
        match self.caches.live(tenant, id) {
            Some(live) => Ok(Some((live, true))),
            None => Ok(self.read_live(tenant, id).await?.map(|live| (live, false))),
        }
    }

    /// The same from the store, whatever is in memory.
    pub(crate) async fn read_live(
        &self,
        tenant: TenantId,
        id: SecretId,
    ) -> Result<Option<Arc<Live>>, AppError> {
        let read = self.caches.feed.mark();
        let Some((secret, revision)) = self.tenant(tenant).live(id).await? else {
            self.no_secret(tenant);
            return Ok(None);
        };
        let live = Arc::new(self.whole(secret, revision, read)?);
        self.caches.keep_live(Arc::clone(&live));
        Ok(Some(live))
    }

    /// A tenant's unwrapped keys, from memory if the feed says they are current.
    pub(crate) async fn keys(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, AppError> {
        self.check_current()?;
        if let Some(keys) = self.caches.keys(tenant) {
            return Ok(keys);
        }
        let read = self.caches.feed.mark();
        let rows = self.tenant(tenant).keys().await?;
        let keys = self.keyring.unlock(tenant, &rows).await;
        let keys = Arc::new(keys.map_err(|error| self.locked(tenant, &rows, error))?);
        self.caches.keep_keys(tenant, Arc::clone(&keys), read);
        Ok(keys)
    }

    /// Waits for the caller's turn at a row, so that writers of one row queue instead of colliding.
    pub(crate) async fn turn(&self, id: &[u8; 16]) -> Result<MutexGuard<'_, ()>, AppError> {
        let stripe = id.last().map_or(0, |byte| usize::from(*byte)) % TURNS;
        let turn = self.turns.get(stripe).ok_or(AppError::Internal("no such stripe"))?;
        Ok(turn.lock().await)
    }
}

/// The sealed value of a revision that was read with it.
pub(crate) fn value_of(revision: &subrosa_domain::Revision) -> Result<&Sealed, AppError> {
    revision.sealed.as_ref().ok_or(AppError::Internal("a revision was read without its value"))
}
