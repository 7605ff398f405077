//! The truefoundry surface, one file a noun: parse, call one use-case, shape the answer. Its paths name no tenant: the
//! caller's own is the one.

pub(super) mod apply;
pub(super) mod audit_logs;
pub(super) mod bootstrap;
pub(super) mod groups;
pub(super) mod integrations;
pub(super) mod oauth;
pub(super) mod parse;
pub(super) mod personal_tokens;
pub(super) mod roles;
pub(super) mod secrets;
mod views;
pub(super) mod virtual_accounts;
