//! The room where plaintext and keys meet.
//!
//! It seals values, opens and compares them, wraps tenant keys, seals rows, weighs what they amount to, makes and
//! checks tokens, signs for a tenant, links audit events, signs where their chains stand, and checks chains and exports
//! of them. Each verb has its own file; [`key_hierarchy`] shows every key and what protects it;
//! docs/reference/key-format.md has the bytes. Primitives are in `hazmat`, which nothing outside this crate can reach.
//!
//! It must never open a value without proof that the opening is on record, take an IV or a salt from a caller, try one
//! key after another, tell which of several things was wrong with a ciphertext, let a token choose how it is checked,
//! or write a key or a value anywhere.

mod binding;
mod chain;
pub mod checkpoint;
mod checkpoint_key;
mod clock;
mod committed;
mod device;
mod envelope;
mod error;
pub mod export;
pub mod export_lines;
mod format;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod hazmat;
mod holds;
mod ids;
mod jwt;
mod jwt_claims;
mod key_rows;
mod keyring;
mod open;
mod rewrap;
mod row_seal;
mod seal;
mod service_keys;
mod signing;
mod state;
mod tenant_keys;
mod token;
pub mod verify;

#[doc = include_str!("../KEY_HIERARCHY.md")]
pub mod key_hierarchy {}

pub use binding::Binding;
pub use chain::link;
pub use clock::SystemClock;
pub use device::DeviceCodes;
pub use error::{KeyError, OpenError, SealError};
pub use ids::SystemIds;
pub use jwt::{AccountClaims, PresentedJwt, VerifiedAccount, looks_like_jwt};
pub use keyring::{Custody, Keyring};
pub use signing::verify_signature;
pub use tenant_keys::TenantKeys;
pub use token::{NewToken, PresentedToken, TokenPrefix};

#[cfg(test)]
mod tests;
