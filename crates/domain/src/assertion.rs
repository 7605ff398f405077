//! What a configured issuer of tokens says of somebody, once its signature was checked.

use crate::{
    group::Role,
    name::{Email, GroupName, TenantSlug},
    principal::Identity,
    scope::ScopeSet,
    time::Timestamp,
};

/// A checked token of an issuer, in our own terms. Made by the room that checks such tokens, and by nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assertion {
    /// The tenant that the issuer is configured for.
    pub tenant: TenantSlug,
    /// What the configuration calls the issuer: a short word, unique in it.
    pub issuer_name: Box<str>,
    /// Who it is.
    pub identity: Identity,
    /// Their address, if the issuer says that it is verified and the configuration says that this issuer may speak for
    /// its domain. By it a user who was named before is recognised once; from then on the identity counts.
    pub email: Option<Email>,
    /// What they may do, by the configuration's mapping.
    pub scopes: ScopeSet,
    /// Their roles in groups, by the configuration's mapping.
    pub roles: Vec<(GroupName, Role)>,
    /// When the token ends.
    pub expires_at: Timestamp,
}
