//! Where rows live. One port, [`Store`], and an engine behind it for each kind of database.
//!
//! A store keeps sealed values, sealed rows and chained events; it answers reads and applies commits, all or nothing.
//! It must never name a plaintext value or hold a key: this crate does not depend on the room that has them, so it
//! cannot leak what it cannot name. Rows leave it as [`Unverified`](subrosa_domain::Unverified), because whoever can
//! write the database could have written them.

#[cfg(test)]
#[path = "../tests/conformance/mod.rs"]
mod conformance;
mod error;
mod port;
mod sqlite;

pub use error::{Noun, StoreError};
pub use port::{
    AuditCursor, ChangeListener, Committed, Counted, Deployment, KeptCheckpoint, RewrapItem,
    RowsWeighed, Store, StoredEvent, TenantStore,
};
pub use sqlite::{SqliteOptions, SqliteStore};
