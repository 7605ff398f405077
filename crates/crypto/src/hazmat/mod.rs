//! The six primitives everything here is made of, with the sharp edges still on: the caller answers for IVs, salts,
//! labels and framing. One cipher, one hash, a signature and a second one for what has to last, and no algorithm
//! parameter.
//!
//! Nothing outside this crate can reach them, and nothing here knows what it protects.

pub(crate) mod ed25519;
pub(crate) mod gcm;
pub(crate) mod hkdf;
pub(crate) mod hmac;
pub(crate) mod kdf108;
pub(crate) mod ml_dsa;
#[cfg(test)]
mod rfc8032;
#[cfg(test)]
mod wycheproof;

/// What does not belong together, or is longer than a primitive can take. There is nothing more to know about it.
#[derive(Debug)]
pub(crate) struct Refused;
