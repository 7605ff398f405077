//! The wire: what the surfaces say and hear, byte for byte.
//!
//! The types of [`v1`] and [`walletcrew`] are the one description of their surface: the server answers with them, the
//! client reads them, and `/openapi.json` is generated from them. [`problem`] is the one error body, [`strict`] the one
//! reader of request bodies, [`secret_value`] the one place where a value meets serde.
//!
//! This room must never decide anything (rules live in `domain`, use-cases in `app`), and no type of it that holds a
//! value or a token has `Debug`, `Display` or `Clone`.

#[cfg(feature = "client")]
pub mod client;
pub mod epoch;
pub mod iso;
pub mod problem;
pub mod secret_value;
pub mod strict;
pub mod text;
pub mod truefoundry;
pub mod v1;
pub mod walletcrew;

pub use epoch::EpochMillis;
pub use iso::IsoTime;
pub use problem::{Code, Problem};
pub use secret_value::{BareValue, SecretBase64, SecretValue, ShownToken, WireValue};

// What these types are made of, for rooms that know this one alone.
pub use subrosa_domain::{KeyName, RevisionId, SecretId, TenantSlug, audit::Reason};
pub use subrosa_plaintext::{PlainToken, Plaintext};

/// The most bytes a value may have, after decoding: 64 KiB, which holds any key or certificate chain in use and keeps
/// a revision one row.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;

/// The most bytes a request body may have: a value at the limit fits in base64 with room for its metadata, and so does
/// a batch of 1,000 ids.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most secrets one batch may name.
pub const MAX_BATCH_ITEMS: usize = 1_000;

/// The most bytes of values one batch answers.
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;
