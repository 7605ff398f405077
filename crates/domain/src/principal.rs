//! Principals: who a token speaks for.

use crate::{
    audit::{Resource, ResourceKind},
    ids::{PrincipalId, TenantId},
    row::{RowSeal, SealedRow},
    scope::ScopeSet,
    time::Timestamp,
    tlv::Tlv,
};
use subrosa_plant::planted;

/// What kind of principal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PrincipalKind {
    /// A person, or the tenant's built-in user `operator`.
    User,
    /// A machine's own account.
    ServiceAccount,
    /// An AI agent.
    Agent,
    /// A truefoundry virtual account.
    VirtualAccount,
}

impl PrincipalKind {
    /// The code in rows, seals and events. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::User => 1,
            Self::ServiceAccount => 2,
            Self::Agent => 3,
            Self::VirtualAccount => 4,
        }
    }

    /// The kind with this code, if this build knows it.
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            1 => Self::User,
            2 => Self::ServiceAccount,
            3 => Self::Agent,
            4 => Self::VirtualAccount,
            _ => return None,
        })
    }
}

/// Whether a principal may act. Its state is the source of truth: its tokens follow it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrincipalState {
    /// May act.
    Active,
    /// Ended for good.
    Revoked,
}

/// Who somebody is to an issuer of tokens. The pair is the identity; an e-mail address, which can change hands, is not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity {
    /// `iss`: the issuer's address.
    pub issuer: Box<str>,
    /// `sub`: whom it means, unique at that issuer.
    pub subject: Box<str>,
}

/// A principal of one tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// Never reused.
    pub id: PrincipalId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// What kind.
    pub kind: PrincipalKind,
    /// Its name: an e-mail for a person, a chosen name otherwise. Unique among a tenant's living principals of a kind.
    pub name: Box<str>,
    /// A description, or empty.
    pub description: Box<str>,
    /// The most any token of a service account may hold. Unused for other kinds.
    pub scopes: ScopeSet,
    /// Whom an issuer's tokens call this principal; `None` until it signed in by one.
    pub identity: Option<Identity>,
    /// What a surface that made it wants to tell again, in that surface's own words. Where a token is kept and when it
    /// is to end are read from it, so it is sealed.
    pub manifest: Option<Box<str>>,
    /// Whether it may act.
    pub state: PrincipalState,
    /// Who made it.
    pub created_by: Box<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Rises by one with every change.
    pub row_version: u64,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

impl Principal {
    /// The built-in user that operator-minted tokens belong to.
    pub const OPERATOR: &'static str = "operator";
}

impl PrincipalState {
    /// The code in rows and seals. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::Revoked => 2,
        }
    }

    /// The state with this code; what this build does not know may not act.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Active,
            _ => Self::Revoked,
        }
    }
}

impl SealedRow for Principal {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        let state = if planted!("principal-seal-without-state") { 0 } else { self.state.code() };
        Tlv::new("subrosa/1/row/principal")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .uint(3, self.kind.code().into())
            .text(4, &self.name)
            .text(5, &self.scopes.to_text())
            .uint(6, state.into())
            .uint(7, self.row_version)
            .maybe(8, self.identity.as_ref(), |tlv, tag, identity| {
                tlv.text(tag, &identity.issuer).text(9, &identity.subject)
            })
            .maybe(10, self.manifest.as_deref(), Tlv::text)
            .finish()
    }

    fn resource(&self) -> Resource {
        let kind = match self.kind {
            PrincipalKind::ServiceAccount => ResourceKind::ServiceAccount,
            PrincipalKind::User | PrincipalKind::Agent | PrincipalKind::VirtualAccount => {
                ResourceKind::Principal
            }
        };
        Resource::named(kind, self.id.as_bytes(), &self.name)
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}
