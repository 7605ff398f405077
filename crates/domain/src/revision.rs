//! Revisions and publications: what a secret's value was, and when which one was live.

use crate::{
    ids::{RevisionId, SecretId, TenantId},
    sealed::Sealed,
    sensitivity::Sensitivity,
    time::Timestamp,
};

/// One immutable revision of a secret. Its number and tier are authenticated together with its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revision {
    /// Never reused.
    pub id: RevisionId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its secret.
    pub secret_id: SecretId,
    /// From 1, without gaps.
    pub version: u64,
    /// The secret's tier when the revision was made.
    pub sensitivity: Sensitivity,
    /// Why, in the publisher's words.
    pub note: Option<Box<str>>,
    /// Who published it.
    pub created_by: Box<str>,
    /// When.
    pub created_at: Timestamp,
    /// The value, encrypted. `None` when only the metadata was asked for.
    pub sealed: Option<Sealed>,
}

/// A moment at which a revision became the live one. The list only grows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publication {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The secret.
    pub secret_id: SecretId,
    /// The secret's `row_version` with which it took effect: unique and rising within the secret.
    pub row_version: u64,
    /// What became live.
    pub revision_id: RevisionId,
    /// Its number.
    pub version: u64,
    /// Who made it live.
    pub published_by: Box<str>,
    /// When.
    pub published_at: Timestamp,
}
