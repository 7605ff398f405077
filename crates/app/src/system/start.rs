//! Starting on a store: the first time it is initialised, later it is recognised, a wrong key changes nothing, and one
//! that was set back is only looked at.

use super::standing::{self, Checkpoints, SetBack};
use crate::{
    app::{App, Parts},
    context::{Op, Origin},
    error::AppError,
    limits,
    sign_in::Issuers,
};
use std::{collections::HashSet, io, sync::Arc};
use subrosa_crypto::{Custody, KeyError, Keyring};
use subrosa_domain::{
    Clock, DeploymentId, Ids, TenantId, TenantSlug, TenantState, audit::ChainSealer, policy::Caller,
};
use subrosa_plant::planted;
use subrosa_store::{Deployment, Store, StoreError};

/// The tenant that exists from the first start.
const DEFAULT_TENANT: &str = "default";

/// Finds a deployment's custody, and where its last checkpoint is kept.
pub type OfDeployment =
    Box<dyn FnOnce(DeploymentId) -> Result<(Custody, Arc<dyn Checkpoints>), KeyError> + Send>;

/// What a start is given.
pub struct Setup {
    /// Where rows live.
    pub store: Arc<dyn Store>,
    /// What belongs to one deployment, which is known once the store is.
    pub of: OfDeployment,
    /// The fingerprint of the root key.
    pub root_fingerprint: [u8; 32],
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
}

/// A started application.
pub struct Started {
    /// The application.
    pub app: Arc<App>,
    /// Whether the store was initialised by this start.
    pub first: bool,
}

/// Why the server did not start. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The root key is not the one this store was made with.
    #[error("the root key is not the one this store was made with")]
    WrongRootKey,
    /// The store could not be read or initialised.
    #[error("the store could not be opened")]
    Store(#[from] StoreError),
    /// The keys could not be made or unwrapped.
    #[error("the keys could not be opened")]
    Keys(#[from] KeyError),
    /// The last checkpoint may be there and cannot be read, or a new one cannot be kept.
    #[error("the last checkpoint could not be read or kept")]
    Checkpoint(#[source] io::Error),
    /// The default tenant could not be made, or what is left of erased ones not swept.
    #[error("the deployment could not be completed")]
    Incomplete(#[from] AppError),
}

/// What is known of a deployment once its keys are open.
pub(super) struct Opened {
    pub(super) keyring: Arc<Keyring>,
    pub(super) checkpoints: Arc<dyn Checkpoints>,
    pub(super) first: bool,
    pub(super) set_back: Option<SetBack>,
    /// Whether there was a checkpoint to compare it with.
    pub(super) has_checkpoint: bool,
}

/// Starts the application.
///
/// # Errors
/// See [`StartError`].
pub async fn start(
    setup: Setup,
    issuers: Option<Arc<dyn Issuers>>,
    row_cache_bytes: u64,
) -> Result<Started, StartError> {
    let Setup { store, of, root_fingerprint, clock, ids } = setup;
    let opened = open(&*store, of, root_fingerprint, &*clock, &*ids).await?;
    let Opened { keyring, checkpoints, first, set_back, .. } = opened;
    if set_back.is_none() {
        store.seal_with(Arc::clone(&keyring) as Arc<dyn ChainSealer>).await?;
    }
    let app = App::new(Parts {
        store,
        keyring,
        clock,
        ids,
        issuers,
        checkpoints,
        set_back,
        row_cache_bytes,
    });
    match set_back {
        None => app.complete().await?,
        Some(set_back) => tracing::error!(%set_back, "the store was set back; nobody is served"),
    }
    Ok(Started { app, first })
}

/// Opens a deployment's keys, and looks where its store stands. The first time both are made.
pub(super) async fn open(
    store: &dyn Store,
    of: OfDeployment,
    root_fingerprint: [u8; 32],
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Opened, StartError> {
    let known = store.deployment().await?;
    let first = known.is_none();
    let (keyring, checkpoints) = match known {
        Some(deployment) if deployment.root_fingerprint != root_fingerprint => {
            return Err(StartError::WrongRootKey);
        }
        Some(deployment) => {
            let rows = store.service_keys().await?;
            let (custody, checkpoints) = of(deployment.id)?;
            (Keyring::open(deployment.id, custody, &rows).await?, checkpoints)
        }
        None => {
            let (id, created_at) = (DeploymentId::fresh(ids), clock.now());
            let (custody, checkpoints) = of(id)?;
            let (keyring, row) = Keyring::create(id, custody, created_at).await?;
            store.initialise(&Deployment { id, root_fingerprint, created_at }, &row).await?;
            (keyring, checkpoints)
        }
    };
    let last = checkpoints.last().map_err(StartError::Checkpoint)?;
    let set_back = standing::compare(store, &keyring, last.as_ref()).await?;
    let (keyring, has_checkpoint) = (Arc::new(keyring), last.is_some());
    Ok(Opened { keyring, checkpoints, first, set_back, has_checkpoint })
}

impl App {
    /// Finishes what an earlier start or erasure may have left undone.
    async fn complete(&self) -> Result<(), AppError> {
        self.sweep_salts().await?;
        let none_yet = self.store.tenants(None, 1).await?.is_empty()
            && self.store.deleted_tenants(None, 1).await?.is_empty();
        if none_yet {
            let op = Op {
                origin: Origin::system(&*self.ids, self.clock.now()),
                caller: Arc::new(Caller::system()),
                tenant_id: TenantId::SYSTEM,
            };
            let slug: TenantSlug = DEFAULT_TENANT
                .parse()
                .map_err(|_| AppError::Internal("the default tenant has no valid slug"))?;
            self.create_tenant(&op, slug, None).await?;
        }
        Ok(())
    }

    /// Destroys the salts of tenants that are deleted. A salt whose tenant is unknown stays: the store may be an older
    /// copy, put back for a look, and the tenant alive in the newer one.
    async fn sweep_salts(&self) -> Result<(), AppError> {
        if planted!("sweep-skipped") {
            return Ok(());
        }
        let salted: HashSet<TenantId> = self.keyring.salted_tenants()?.into_iter().collect();
        let mut last = None;
        // Through the deleted ones, a page at a time: of those that live there may be very many more.
        loop {
            let deleted = self.store.deleted_tenants(last, limits::PAGE_MAX).await?;
            for tenant in deleted.iter().filter(|tenant| salted.contains(tenant)) {
                let Some(row) = self.tenant(*tenant).tenant().await? else { continue };
                // A row that is not believed deletes nothing, and keeps nobody else from being served.
                let Ok(row) = self.verified(row) else { continue };
                if row.state == TenantState::Deleted {
                    self.keyring.shred(*tenant)?;
                }
            }
            last = deleted.last().copied();
            if last.is_none() {
                break;
            }
        }
        Ok(())
    }
}
