//! Keys as rows: how a tenant key and a service key are wrapped. The root key wraps both; a tenant key is then sealed
//! once more under the tenant's shred salt, so that destroying the salt erases what any backup still holds.
//!
//! ```text
//! service-key row   format = 1 ‖ what the root key's holder made of the key
//! tenant-key row    format = 1 ‖ iv[12] ‖ ciphertext of what the root key's holder made of the key ‖ tag[16]
//! ```

use crate::{
    error::KeyError,
    hazmat::{Refused, gcm, hkdf},
};
use subrosa_domain::{DeploymentId, TenantId, tlv::Tlv};
use subrosa_kms::{KeyBytes, KeyWrapper};

const FORMAT: u8 = 1;

/// One key's row: what its wrap is bound to.
pub(crate) struct Place {
    pub(crate) deployment: DeploymentId,
    /// `None` for the service key.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) version: u32,
}

impl Place {
    /// The context the root key wraps with, and the AAD of the outer seal.
    pub(crate) fn context(&self) -> Vec<u8> {
        let purpose = if self.tenant.is_some() { "tenant" } else { "service" };
        Tlv::new("subrosa/1/key")
            .bytes(1, self.deployment.as_bytes())
            .text(2, purpose)
            .maybe(3, self.tenant, |tlv, tag, tenant| tlv.bytes(tag, tenant.as_bytes()))
            .uint(4, self.version.into())
            .finish()
    }

    /// The wrapped bytes of a service key's row.
    pub(crate) async fn wrap(
        &self,
        root: &dyn KeyWrapper,
        key: &KeyBytes,
    ) -> Result<Box<[u8]>, KeyError> {
        let wrapped = root.wrap(&self.context(), key).await?;
        Ok([&[FORMAT], &wrapped[..]].concat().into())
    }

    /// The key in a service key's row.
    pub(crate) async fn unwrap(
        &self,
        root: &dyn KeyWrapper,
        row: &[u8],
    ) -> Result<KeyBytes, KeyError> {
        match row.split_first() {
            Some((&FORMAT, wrapped)) => Ok(root.unwrap(&self.context(), wrapped).await?),
            _ => Err(KeyError::Integrity),
        }
    }

    /// The wrapped bytes of a tenant key's row, from what the root key's holder made of the key.
    pub(crate) fn seal_under_salt(
        &self,
        salt: &KeyBytes,
        iv: &[u8; gcm::IV_LEN],
        wrapped: &[u8],
    ) -> Result<Box<[u8]>, Refused> {
        let mut body = wrapped.to_vec();
        let keys = self.salt_key(salt)?;
        let [key] = &*keys;
        let tag = gcm::seal(key, iv, &self.context(), &mut body)?;
        Ok([&[FORMAT], &iv[..], &body, &tag].concat().into())
    }

    /// What the root key's holder made of the key, from a tenant key's row.
    pub(crate) fn open_under_salt(&self, salt: &KeyBytes, row: &[u8]) -> Result<Vec<u8>, Refused> {
        let Some((&FORMAT, rest)) = row.split_first() else { return Err(Refused) };
        let (iv, rest) = rest.split_first_chunk().ok_or(Refused)?;
        let (body, tag) = rest.split_last_chunk().ok_or(Refused)?;
        let mut wrapped = vec![0; body.len()];
        let keys = self.salt_key(salt)?;
        let [key] = &*keys;
        gcm::open(key, iv, &self.context(), body, tag, &mut wrapped)?;
        Ok(wrapped)
    }

    fn salt_key(&self, salt: &KeyBytes) -> Result<zeroize::Zeroizing<[[u8; 32]; 1]>, Refused> {
        let info = Tlv::new("subrosa/1/shred")
            .maybe(1, self.tenant, |tlv, tag, tenant| tlv.bytes(tag, tenant.as_bytes()))
            .uint(2, self.version.into())
            .finish();
        hkdf::derive(salt.expose(), &hkdf::NO_SALT, &[&info])
    }
}
