//! Who may do what: a pure function from a caller and an action to a permit or a refusal.
//!
//! A [`Permit`] is a value one has to hold. It cannot be forged (its fields are private), copied, or used for another
//! action than the one it names, so a use-case that takes `&Permit<RevealSecrets>` cannot be reached unchecked.

mod action;
mod caller;
mod permit;

pub use action::{
    Action, AdminGroups, AdminTenant, Authenticated, GroupAction, ReadAudit, ReadSecrets,
    ReadTokens, RevealSecrets, WriteGrants, WriteSecrets, WriteTokens,
};
pub use caller::{Caller, CallerKind, Claimed};
pub use permit::{
    Denied, Limited, Permit, Receipt, Recorded, RevealPermit, authorize, authorize_by_role,
};
