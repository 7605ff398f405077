//! The actions a permit can be for: one for each scope that opens a route, and one for holding any credential at all.

use crate::{group::Role, scope::Scope};

mod sealed {
    pub trait Sealed {}
}

/// Something a permit is for. Closed: the actions are those of this file.
pub trait Action: sealed::Sealed + Send + Sync + 'static {
    /// The scope it takes; `None` when any valid credential of the tenant will do.
    const SCOPE: Option<Scope>;
}

/// An action on what groups hold. In the group `default` its scope decides; in any other a role does, and the scope is
/// the ceiling.
pub trait GroupAction: Action {
    /// The least role it takes.
    const ROLE: Role;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $scope:expr),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Action for $name {
            const SCOPE: Option<Scope> = $scope;
        }
    )+};
}

actions! {
    /// See what concerns oneself: the catalogue, one's own token.
    Authenticated = None,
    /// List and show secrets, revisions and grants.
    ReadSecrets = Some(Scope::SECRETS_READ),
    /// Create, change, publish, roll back and delete secrets.
    WriteSecrets = Some(Scope::SECRETS_WRITE),
    /// Read values.
    RevealSecrets = Some(Scope::SECRETS_REVEAL),
    /// Grant secrets to agents.
    WriteGrants = Some(Scope::GRANTS_WRITE),
    /// List tokens and service accounts.
    ReadTokens = Some(Scope::KEYS_READ),
    /// Mint, rotate and revoke tokens and service accounts.
    WriteTokens = Some(Scope::KEYS_WRITE),
    /// Read and verify the audit log.
    ReadAudit = Some(Scope::AUDIT_READ),
    /// Delete a group, and decide who has which role in it.
    AdminGroups = Some(Scope::SECRETS_WRITE),
    /// Rotate the tenant's keys; act on every group and for every user.
    AdminTenant = Some(Scope::TENANT_ADMIN),
}

impl GroupAction for ReadSecrets {
    const ROLE: Role = Role::Viewer;
}

impl GroupAction for WriteSecrets {
    const ROLE: Role = Role::Editor;
}

impl GroupAction for RevealSecrets {
    const ROLE: Role = Role::Editor;
}

impl GroupAction for WriteGrants {
    const ROLE: Role = Role::Admin;
}

impl GroupAction for AdminGroups {
    const ROLE: Role = Role::Admin;
}
