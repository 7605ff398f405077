//! What a value is bound to: the facts about a revision that never change, authenticated with its bytes. Other things
//! that are sealed like a value have a binding too, and say in it that they are no value.

use crate::format;
use subrosa_domain::{
    DeploymentId, RevisionId, SecretId, Sensitivity, SigningKeyId, TenantId, tlv::Tlv,
};
use subrosa_plant::planted;

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

/// What an envelope holds. Authenticated with it, so that nothing of one kind ever passes for another; each verb of
/// this room names its own, and no caller can choose one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// A secret's value.
    SecretValue,
    /// The seed of a tenant's signing key.
    SigningSeed,
}

impl Content {
    /// The code in the AAD. Never renumbered.
    const fn code(self) -> u64 {
        match self {
            Self::SecretValue => 1,
            Self::SigningSeed => 2,
        }
    }
}

impl Binding {
    /// Where the seed of a signing key is sealed: there is no secret and no revision, so the key's id stands for both.
    pub(crate) const fn of_seed(tenant_id: TenantId, key: SigningKeyId) -> Self {
        Self {
            tenant_id,
            secret_id: SecretId::from_uuid(key.uuid()),
            revision_id: RevisionId::from_uuid(key.uuid()),
            version: 1,
            sensitivity: Sensitivity::Regulated,
        }
    }

    /// What the value block is authenticated with, and what its key is derived for.
    pub(crate) fn value_aad(&self, deployment: DeploymentId, content: Content) -> Vec<u8> {
        let tier = if planted!("value-aad-without-tier") { 0 } else { self.sensitivity.code() };
        Tlv::new("subrosa/1/value")
            .uint(1, format::FORMAT.into())
            .uint(2, format::SUITE.into())
            .bytes(3, deployment.as_bytes())
            .bytes(4, self.tenant_id.as_bytes())
            .bytes(5, self.secret_id.as_bytes())
            .bytes(6, self.revision_id.as_bytes())
            .uint(7, self.version)
            .uint(8, tier.into())
            .uint(9, content.code())
            .finish()
    }

    /// What the wrap block is authenticated with. The key version is here and not above, so that rotating a tenant's
    /// key rewrites the wrap and leaves the value alone.
    pub(crate) fn wrap_aad(&self, deployment: DeploymentId, key_version: u32) -> Vec<u8> {
        let unbound = planted!("wrap-aad-without-revision");
        let revision = if unbound { &[0; 16] } else { self.revision_id.as_bytes() };
        Tlv::new("subrosa/1/wrap")
            .bytes(1, deployment.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .bytes(3, self.secret_id.as_bytes())
            .bytes(4, revision)
            .uint(5, key_version.into())
            .finish()
    }
}
