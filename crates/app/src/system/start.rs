//! Starting on a store: the first time it is initialised, later it is recognised, and a wrong key changes nothing.

use crate::{
    app::{App, Parts},
    context::{Op, Origin},
    error::AppError,
    sign_in::Issuers,
};
use std::sync::Arc;
use subrosa_crypto::{Custody, KeyError, Keyring};
use subrosa_domain::{
    Clock, DeploymentId, Ids, TenantId, TenantSlug, TenantState, audit::ChainSealer, policy::Caller,
};
use subrosa_store::{Deployment, Store, StoreError};

/// The tenant that exists from the first start.
const DEFAULT_TENANT: &str = "default";

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
    /// The default tenant could not be made, or what is left of erased ones not swept.
    #[error("the deployment could not be completed")]
    Incomplete(#[from] AppError),
}

/// Starts the application.
///
/// # Errors
/// See [`StartError`].
pub async fn start(
    store: Arc<dyn Store>,
    custody: impl FnOnce(DeploymentId) -> Result<Custody, KeyError>,
    root_fingerprint: [u8; 32],
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    issuers: Option<Arc<dyn Issuers>>,
) -> Result<Started, StartError> {
    let known = store.deployment().await?;
    let first = known.is_none();
    let keyring = match known {
        Some(deployment) if deployment.root_fingerprint != root_fingerprint => {
            return Err(StartError::WrongRootKey);
        }
        Some(deployment) => {
            let rows = store.service_keys().await?;
            Keyring::open(deployment.id, custody(deployment.id)?, &rows).await?
        }
        None => {
            let (id, created_at) = (DeploymentId::fresh(&*ids), clock.now());
            let (keyring, row) = Keyring::create(id, custody(id)?, created_at).await?;
            store.initialise(&Deployment { id, root_fingerprint, created_at }, &row).await?;
            keyring
        }
    };
    let keyring = Arc::new(keyring);
    store.seal_with(Arc::clone(&keyring) as Arc<dyn ChainSealer>).await?;
    let app = App::new(Parts { store, keyring, clock, ids, issuers });
    app.complete().await?;
    Ok(Started { app, first })
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
        for tenant in self.keyring.salted_tenants()? {
            let Some(row) = self.tenant(tenant).tenant().await? else { continue };
            // A row that is not believed deletes nothing, and keeps nobody else from being served.
            let Ok(row) = self.verified(row) else { continue };
            if row.state == TenantState::Deleted {
                self.keyring.shred(tenant)?;
            }
        }
        Ok(())
    }
}
