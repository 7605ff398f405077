//! What a value is bound to: the facts about a revision that never change, authenticated with its bytes.

use crate::format;
use subrosa_domain::{DeploymentId, RevisionId, SecretId, Sensitivity, TenantId, tlv::Tlv};

/// The place of one revision's value. It opens here and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Binding {
    /// The revision's tenant.
    pub tenant_id: TenantId,
    /// The revision's secret.
    pub secret_id: SecretId,
    /// The revision.
    pub revision_id: RevisionId,
    /// Its number.
    pub version: u64,
    /// The secret's tier when the revision was made, whatever it is now.
    pub sensitivity: Sensitivity,
}

/// The only kind of content there is today. A field all the same: a value must never pass for something else.
const SECRET_VALUE: u64 = 1;

impl Binding {
    /// What the value block is authenticated with, and what its key is derived for.
    pub(crate) fn value_aad(&self, deployment: DeploymentId) -> Vec<u8> {
        Tlv::new("subrosa/1/value")
            .uint(1, format::FORMAT.into())
            .uint(2, format::SUITE.into())
            .bytes(3, deployment.as_bytes())
            .bytes(4, self.tenant_id.as_bytes())
            .bytes(5, self.secret_id.as_bytes())
            .bytes(6, self.revision_id.as_bytes())
            .uint(7, self.version)
            .uint(8, self.sensitivity.code().into())
            .uint(9, SECRET_VALUE)
            .finish()
    }

    /// What the wrap block is authenticated with. The key version is here and not above, so that rotating a tenant's
    /// key rewrites the wrap and leaves the value alone.
    pub(crate) fn wrap_aad(&self, deployment: DeploymentId, key_version: u32) -> Vec<u8> {
        Tlv::new("subrosa/1/wrap")
            .bytes(1, deployment.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .bytes(3, self.secret_id.as_bytes())
            .bytes(4, self.revision_id.as_bytes())
            .uint(5, key_version.into())
            .finish()
    }
}
