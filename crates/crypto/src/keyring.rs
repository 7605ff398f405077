//! The keyring: the deployment's service key, and the way from custody to a tenant's keys.

use crate::{
    error::KeyError,
    hazmat::Refused,
    key_rows::Place,
    service_keys::{self, ServiceKeys},
    tenant_keys::{self, Opened, TenantKeys},
};
use std::sync::Arc;
use subrosa_domain::{DeploymentId, KeyState, ServiceKey, TenantId, TenantKey, Timestamp};
use subrosa_kms::{KeyBytes, KeyWrapper, Keystore, KmsError, random, stack};
use subrosa_plant::planted;

/// Who holds the root key, and where the shred salts are.
#[derive(Clone)]
pub struct Custody {
    /// Wraps and unwraps keys with the root key.
    pub wrapper: Arc<dyn KeyWrapper>,
    /// Keeps the shred salts.
    pub keystore: Arc<dyn Keystore>,
}

/// The deployment's keys. Tenant keys are unlocked by it and not kept in it.
pub struct Keyring {
    pub(crate) deployment: DeploymentId,
    pub(crate) custody: Custody,
    pub(crate) service: ServiceKeys,
    pub(crate) opened: Arc<Opened>,
}

impl Keyring {
    /// A new deployment's keyring, and the row its service key is kept as.
    ///
    /// # Errors
    /// [`KeyError::Custody`] when the root key's holder does not wrap.
    pub async fn create(
        deployment: DeploymentId,
        custody: Custody,
        now: Timestamp,
    ) -> Result<(Self, ServiceKey), KeyError> {
        let key = KeyBytes::generate();
        let place = Place { deployment, tenant: None, version: 1 };
        let wrapped = place.wrap(&*custody.wrapper, &key).await?;
        let row = ServiceKey { version: 1, state: KeyState::Active, wrapped, created_at: now };
        let active = service_keys::Version::new(1, &key);
        let service = ServiceKeys { active, retired: Vec::new() };
        Ok((Self { deployment, custody, service, opened: Arc::default() }, row))
    }

    /// The keyring of a deployment that was created before, from every row of its service key.
    ///
    /// # Errors
    /// [`KeyError::NotOneActive`], [`KeyError::Integrity`], or [`KeyError::Custody`].
    pub async fn open(
        deployment: DeploymentId,
        custody: Custody,
        rows: &[ServiceKey],
    ) -> Result<Self, KeyError> {
        let mut versions = Split::new();
        for row in rows.iter().filter(|row| row.state != KeyState::Destroyed) {
            let place = Place { deployment, tenant: None, version: row.version };
            let key = place.unwrap(&*custody.wrapper, &row.wrapped).await?;
            versions.push(row.state, service_keys::Version::new(row.version, &key));
        }
        let (active, retired) = versions.finish()?;
        let service = ServiceKeys { active, retired };
        Ok(Self { deployment, custody, service, opened: Arc::default() })
    }

    /// A new version of a tenant's key, active, as the row it is kept as. The first version makes the tenant's shred
    /// salt when there is none; a later one takes the salt to be there, or the versions before it could not be read.
    ///
    /// # Errors
    /// [`KeyError::Shredded`] for a later version without a salt; [`KeyError::Custody`] when the root key's holder or
    /// the keystore does not do its part.
    pub async fn create_tenant_key(
        &self,
        tenant: TenantId,
        version: u32,
        now: Timestamp,
    ) -> Result<TenantKey, KeyError> {
        let salt = self.salt(tenant, version == 1)?;
        let place = Place { deployment: self.deployment, tenant: Some(tenant), version };
        let key = KeyBytes::generate();
        let inner = self.custody.wrapper.wrap(&place.context(), &key).await?;
        let mut iv = [0; 12];
        random::fill(&mut iv);
        let wrapped = stack::wiped(|| place.seal_under_salt(&salt, &iv, &inner))
            .map_err(|Refused| KeyError::Integrity)?;
        Ok(TenantKey {
            tenant_id: tenant,
            version,
            state: KeyState::Active,
            wrapped,
            created_at: now,
            retired_at: None,
        })
    }

    /// Unlocks a tenant's keys from every row of them. Destroyed versions are skipped.
    ///
    /// # Errors
    /// [`KeyError::NotOneActive`]; [`KeyError::Shredded`] without a salt; [`KeyError::Integrity`] for a row that is
    /// another tenant's or was changed; [`KeyError::Custody`].
    pub async fn unlock(
        &self,
        tenant: TenantId,
        rows: &[TenantKey],
    ) -> Result<TenantKeys, KeyError> {
        let salt = self.custody.keystore.read(tenant)?.ok_or(KeyError::Shredded(tenant))?;
        let mut versions = Split::new();
        for row in rows.iter().filter(|row| row.state != KeyState::Destroyed) {
            let place =
                Place { deployment: self.deployment, tenant: Some(tenant), version: row.version };
            let inner = stack::wiped(|| place.open_under_salt(&salt, &row.wrapped))
                .map_err(|Refused| KeyError::Integrity)?;
            let key = self.custody.wrapper.unwrap(&place.context(), &inner).await?;
            versions.push(row.state, tenant_keys::Version::new(row.version, &key));
        }
        let (active, retired) = versions.finish()?;
        // A rotation makes the newest version active. Another that is was brought back by something without the key.
        let newer = |version: &tenant_keys::Version| version.number > active.number;
        if retired.iter().any(newer) && !planted!("older-key-active") {
            return Err(KeyError::Integrity);
        }
        let opened = Arc::clone(&self.opened);
        Ok(TenantKeys { deployment: self.deployment, tenant, active, retired, opened })
    }

    /// Destroys a tenant's shred salt, and with it every wrap of its keys in every copy of the data. Doing it twice
    /// succeeds. Call it after the commit that erases the tenant.
    ///
    /// # Errors
    /// [`KeyError::Custody`] when the salt may still be there.
    pub fn shred(&self, tenant: TenantId) -> Result<(), KeyError> {
        Ok(self.custody.keystore.destroy(tenant)?)
    }

    /// Every tenant that has a shred salt: those among them that are deleted, or were never committed, are to be shred.
    ///
    /// # Errors
    /// [`KeyError::Custody`] when the keystore cannot be read.
    pub fn salted_tenants(&self) -> Result<Vec<TenantId>, KeyError> {
        Ok(self.custody.keystore.tenants()?)
    }

    /// How many values this keyring's tenants' keys have decrypted so far. Seeds of signing keys are none.
    #[must_use]
    pub fn values_opened(&self) -> u64 {
        self.opened.count()
    }

    fn salt(&self, tenant: TenantId, make: bool) -> Result<KeyBytes, KeyError> {
        let keystore = &self.custody.keystore;
        if let Some(salt) = keystore.read(tenant)? {
            return Ok(salt);
        }
        if !make {
            return Err(KeyError::Shredded(tenant));
        }
        match keystore.create(tenant) {
            // Another caller was quicker; its salt is the tenant's.
            Err(KmsError::SaltExists(_)) => {
                keystore.read(tenant)?.ok_or(KeyError::Shredded(tenant))
            }
            made => Ok(made?),
        }
    }
}

/// Sorts a key's versions into the active one and the rest.
struct Split<V> {
    active: Vec<V>,
    retired: Vec<V>,
}

impl<V> Split<V> {
    const fn new() -> Self {
        Self { active: Vec::new(), retired: Vec::new() }
    }

    fn push(&mut self, state: KeyState, version: V) {
        if state == KeyState::Active { &mut self.active } else { &mut self.retired }.push(version);
    }

    fn finish(mut self) -> Result<(V, Vec<V>), KeyError> {
        let count = self.active.len();
        match (self.active.pop(), count) {
            (Some(active), 1) => Ok((active, self.retired)),
            _ => Err(KeyError::NotOneActive(count)),
        }
    }
}
