//! The truefoundry surface by route: who does what, and sees what.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod account_permissions;
mod account_refusals;
mod account_renewal;
mod account_seals;
mod account_sync;
mod account_tokens;
mod audit_logs;
mod bindings;
mod bootstrap;
mod cast;
mod concurrency;
mod device_guesses;
mod device_page;
mod group_default;
mod group_lists;
mod group_manifests;
mod group_names;
mod group_replacement;
mod group_retries;
mod groups;
mod holders;
mod issued_callers;
mod issued_users;
mod issuer;
mod manifests;
mod matrix;
mod on_record;
mod personal_token_ends;
mod personal_tokens;
mod personal_tokens_for_users;
mod readers;
mod role_lists;
mod roles;
mod secret_lists;
mod sight;
mod sign_in;
mod sign_in_tfy;
mod sign_ins;
mod surfaces;
mod values;
mod virtual_accounts;

/// Where groups are.
const GROUPS: &str = "/api/svc/v1/secret-groups";

/// Where secrets are.
const SECRETS: &str = "/api/svc/v1/secrets";

/// Where role bindings are.
const BINDINGS: &str = "/api/svc/v1/role-bindings";

/// Where virtual accounts are.
const ACCOUNTS: &str = "/api/svc/v1/virtual-accounts";

/// An id that nothing has.
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

/// The store of values in the tenant `default`, by its full name.
const STORE: &str = "default:truefoundry:subrosa:secret-store:built-in";
