//! The truefoundry surface on the wire: `{data, pagination}`, ISO times, manifests with their own spelling of names.
//!
//! Shapes are those of the published API and of its clients: what a client's model requires is always there. Requests
//! may have members that are not described here, since clients send such; null in a request is as good as nothing.

pub mod audit_logs;
pub mod bootstrap;
pub mod groups;
pub mod integrations;
pub mod manifests;
pub mod oauth;
pub mod page;
pub mod personal_tokens;
pub mod reference;
pub mod roles;
pub mod secrets;
pub mod subject;
pub mod virtual_accounts;
