//! The port for the shred salts.

use crate::{error::KmsError, key::KeyBytes};
use subrosa_domain::TenantId;

/// Keeps one 32-byte salt per tenant, apart from the data and its backups. The salt is mixed into the wrap of every
/// tenant key, so destroying it erases the tenant wherever a copy of the data may be.
pub trait Keystore: Send + Sync {
    /// Makes a tenant's salt. It is durable when this returns.
    ///
    /// # Errors
    /// [`KmsError::SaltExists`] when the tenant has one: a salt is never replaced, for that would erase the tenant.
    fn create(&self, tenant: TenantId) -> Result<KeyBytes, KmsError>;

    /// A tenant's salt; `None` when it has none or had it destroyed.
    ///
    /// # Errors
    /// When it is there and cannot be read or trusted.
    fn read(&self, tenant: TenantId) -> Result<Option<KeyBytes>, KmsError>;

    /// Destroys a tenant's salt for good; durable when this returns. Destroying what is not there succeeds.
    ///
    /// # Errors
    /// When it may still be there.
    fn destroy(&self, tenant: TenantId) -> Result<(), KmsError>;

    /// Every tenant that has a salt, in no order.
    ///
    /// # Errors
    /// When the list cannot be read.
    fn tenants(&self) -> Result<Vec<TenantId>, KmsError>;
}
