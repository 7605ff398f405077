//! The walletcrew surface, one file a noun: what The Wallet Crew's own callers send and read.
//!
//! Bodies refuse members they do not know. Dates are [`IsoTime`](crate::IsoTime), and the names of those members are
//! read in any case. A request that carries a value has no `Debug`.

pub mod api_keys;
pub mod permissions;
pub mod secrets;
