//! What can go wrong in a store, in the store's own terms.

/// What an insert collided with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noun {
    /// An agent already holds a grant on the secret.
    Grant,
    /// The tenant has a group of that name.
    Group,
    /// A principal of that name and kind lives in the tenant, or one has that identity.
    Principal,
    /// The secret has a revision of that number.
    Revision,
    /// The tenant has a role binding of that name.
    RoleBinding,
    /// The group has a secret of that key.
    Secret,
    /// A signing key has that id.
    SigningKey,
    /// A living tenant has that slug.
    Tenant,
    /// The tenant has that key version, or an active one.
    TenantKey,
    /// A token has that id or key id, or a living one has that name: an API key in its tenant, a personal token of its
    /// principal.
    Token,
}

/// Why a read or a commit did not happen. Unless it says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row changed since it was read, is gone, or its key version is no longer active. Read again and retry.
    #[error("the row changed since it was read")]
    Conflict,
    /// An insert collided.
    #[error("{0:?} exists already")]
    Exists(Noun),
    /// The commit queue is full, or the store is shutting down. Retry later.
    #[error("the store is busy")]
    Busy,
    /// The engine failed: disk full, locked, input/output. Nothing is half done; later calls may succeed.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be understood: written by a newer build, or damaged.
    #[error("a stored {0} cannot be understood")]
    Corrupt(&'static str),
}
