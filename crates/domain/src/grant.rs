//! Grants: an agent may use a secret.

use crate::{
    audit::{Resource, ResourceKind},
    ids::{GrantId, SecretId, TenantId},
    name::AgentId,
    row::{RowSeal, SealedRow},
    time::Timestamp,
    tlv::Tlv,
};
use subrosa_plant::planted;

/// An agent's grant on a secret. Made once, never changed, taken back by erasing it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Never reused.
    pub id: GrantId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The secret it is on.
    pub secret_id: SecretId,
    /// The agent it is for.
    pub agent_id: AgentId,
    /// Who granted it.
    pub created_by: Box<str>,
    /// When.
    pub created_at: Timestamp,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

impl SealedRow for Grant {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        let agent = if planted!("grant-seal-without-agent") { "" } else { self.agent_id.as_str() };
        Tlv::new("subrosa/1/row/grant")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .bytes(3, self.secret_id.as_bytes())
            .text(4, agent)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::Grant, self.secret_id.as_bytes(), self.agent_id.as_str())
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}
