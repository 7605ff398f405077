//! The walletcrew surface, one file a noun: parse, call one use-case, shape the answer.
//!
//! Its secrets are those of the group `default`, its API keys tokens known by name; other surfaces show them as well.

pub(super) mod accept;
pub(super) mod api_keys;
pub(super) mod secrets;

#[cfg(feature = "fuzz")]
pub(super) use accept::prefers_text;
