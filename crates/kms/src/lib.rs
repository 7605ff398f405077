//! Custody of the keys above the tenant keys: who holds the root key, and where the shred salts are.
//!
//! Two ports. A [`KeyWrapper`] wraps and unwraps 32-byte keys and never says how; a [`Keystore`] keeps one salt per
//! tenant, apart from the data, so that destroying it erases the tenant from every backup. [`local`] implements both
//! with files, for one machine.
//!
//! This room must never see a value, decide who may have a key, or hand the root key out: a root key only wraps, as the
//! key of a hardware module can do no more.

mod error;
mod key;
mod keystore;
pub mod local;
mod locked;
pub mod random;
pub mod stack;
mod wrapper;

pub use error::{CustodyError, KmsError};
pub use key::KeyBytes;
pub use keystore::Keystore;
pub use wrapper::KeyWrapper;
