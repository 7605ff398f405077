//! The audit log: one event for each thing that happened, in its order.

use super::{Caller, Scopes, Secret, Tier};

/// Something that happened.
#[derive(Clone, Default, Debug)]
pub(crate) struct Event {
    /// By which door.
    pub(crate) surface: &'static str,
    /// What kind of actor.
    pub(crate) actor_kind: &'static str,
    /// Which one: a name the server gives it.
    pub(crate) actor: String,
    /// With which token.
    pub(crate) token: Option<u32>,
    /// What.
    pub(crate) action: &'static str,
    /// What kind of thing it was done to.
    pub(crate) kind: &'static str,
    /// Which one.
    pub(crate) id: Option<String>,
    /// What that is called.
    pub(crate) name: Option<String>,
    /// Which revision.
    pub(crate) revision: Option<usize>,
    /// The secret's tier then.
    pub(crate) tier: Option<Tier>,
    /// ALLOWED or DENIED.
    pub(crate) decision: &'static str,
    /// Why.
    pub(crate) reason: Option<String>,
    /// The scopes that a minted token got.
    pub(crate) scopes: Option<Scopes>,
    /// The scope that was missing.
    pub(crate) required: Option<String>,
    /// Whether it is written when there is time, at the latest before the log is read: refusals, and reveals of
    /// STANDARD secrets, which are gathered. Its place among the others is then not known.
    pub(crate) gathered: bool,
}

impl Event {
    pub(crate) fn new(by: &Caller, action: &'static str, kind: &'static str) -> Self {
        Self {
            surface: by.surface,
            actor_kind: by.kind,
            actor: by.id.clone(),
            token: by.token,
            action,
            kind,
            decision: "ALLOWED",
            ..Self::default()
        }
    }

    /// An event about a secret as it is now.
    pub(crate) fn about(by: &Caller, action: &'static str, secret: &Secret) -> Self {
        let mut event = Self::new(by, action, "secret").of(secret.name(), &secret.key);
        event.revision = Some(secret.live());
        event.tier = Some(secret.tier);
        event
    }

    /// Of this thing.
    pub(crate) fn of(mut self, id: String, name: &str) -> Self {
        self.id = Some(id);
        self.name = Some(name.to_owned());
        self
    }

    /// Refused, for this reason.
    pub(crate) fn denied(mut self, reason: &str) -> Self {
        self.decision = "DENIED";
        self.reason = Some(reason.to_owned());
        self.revision = None;
        self.gathered = true;
        self
    }
}
