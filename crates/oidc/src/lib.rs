//! Other people's tokens: which issuers are believed, about whom, and what their word is worth here.
//!
//! A token of a configured issuer goes in; what it says goes out as an [`Assertion`](subrosa_domain::Assertion), in the
//! words of our own domain. Everything a token says of itself, who signed it with what and where the key is to be had,
//! is compared with the configuration and never followed.
//!
//! This room must never take a key from a token, fetch from an address that a token names, believe an algorithm
//! because a token says so, follow a redirect, log or quote a token, or decide what anybody may do: it says what was
//! asserted, and policy decides. It reads no clock; time is passed in.

mod address;
mod algorithm;
mod cache;
mod claims;
mod config;
mod discovery;
mod fault;
mod fetch;
mod header;
mod https;
mod issuer;
mod issuers;
mod json;
mod jwk;
mod key_set;
mod limits;
mod mapping;
mod refusal;
mod token;

pub use address::{Address, InvalidAddress};
pub use algorithm::Algorithm;
pub use config::{ClaimValue, IssuerConfig, RoleRule, ScopeRule};
pub use fault::ConfigFault;
pub use fetch::{Fetch, FetchFault};
pub use https::HttpsFetch;
pub use issuers::Issuers;
pub use refusal::{NotAccepted, Refusal};
