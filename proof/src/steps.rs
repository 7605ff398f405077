//! What somebody may do: one variant for each route, with what is said in it.
//!
//! It is the vocabulary of what is drawn, of what is sent and of what the model is asked. It must not know what is
//! allowed, or what comes of anything.

use crate::model::Scopes;

/// Somebody does something.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Its number in its sequence: what it makes is known by it.
    pub(crate) serial: u32,
    /// Who.
    pub(crate) by: Who,
    /// What.
    pub(crate) act: Act,
    /// How many milliseconds later than the one before, beside the one that each takes.
    pub(crate) wait: i64,
}

/// Whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Who {
    /// The operator, over the socket.
    Operator,
    /// Whoever has a token, as it was after so many rotations.
    Holder(u32, u32),
    /// Nobody.
    Nobody,
}

/// A value: a small number that stands for a text, or from 8 on for bytes that are no text.
pub(crate) type Value = u8;

/// The text that a small number stands for.
pub(crate) fn text(value: Value) -> String {
    format!("value-{value}")
}

/// The bytes that a number from 8 on stands for, which no text has, in base64.
pub(crate) fn base64(value: Value) -> String {
    (if value == 8 { "/wg=" } else { "/wk=" }).to_owned()
}

/// From when and until when, in milliseconds since 1970.
pub(crate) type Window = (Option<i64>, Option<i64>);

/// For how many days a token is to work: nothing said, for ever, or so many.
pub(crate) type Days = Option<Option<i64>>;

/// What a token is for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Kind {
    /// Nothing said.
    #[default]
    User,
    /// A command line.
    Cli,
    /// The system: takes `tenant:admin`.
    System,
    /// A service account's; never asked for.
    ServiceAccount,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Cli => "CLI",
            Self::System => "SYSTEM",
            Self::ServiceAccount => "SERVICE_ACCOUNT",
        }
    }
}

/// How strictly a secret is handled; it only rises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) enum Tier {
    /// Nothing said.
    #[default]
    Unspecified,
    Standard,
    Pii,
    Phi,
    Financial,
    Regulated,
}

impl Tier {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "UNSPECIFIED",
            Self::Standard => "STANDARD",
            Self::Pii => "PII",
            Self::Phi => "PHI",
            Self::Financial => "FINANCIAL",
            Self::Regulated => "REGULATED",
        }
    }
}

/// What somebody may do in one group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Role {
    Viewer,
    Editor,
    Admin,
}

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "secret-group-viewer",
            Self::Editor => "secret-group-editor",
            Self::Admin => "secret-group-admin",
        }
    }
}

/// A change of a secret: what is not said stays.
#[derive(Clone, Default, Debug)]
pub(crate) struct Patch {
    /// For people; empty clears it.
    pub(crate) description: Option<&'static str>,
    /// How strictly it is handled.
    pub(crate) tier: Option<Tier>,
    /// Whether its value may be read.
    pub(crate) readable: Option<bool>,
    /// From when on, or no such bound.
    pub(crate) not_before: Option<Option<i64>>,
    /// Until when, or no such bound.
    pub(crate) expires_on: Option<Option<i64>>,
    /// A new value.
    pub(crate) value: Option<Value>,
}

/// One secret of a batch.
#[derive(Clone, Debug)]
pub(crate) enum Pick {
    /// By its id.
    Secret(u32),
    /// By its key.
    Key(String),
}

/// A group's secrets as somebody lists them: key and value, or that it stays.
pub(crate) type Listed = Vec<(String, Option<Value>)>;

/// A group's roles as a manifest lists them: `user:<e-mail>` or `serviceaccount:<name>`, and which role.
pub(crate) type Manifest = Vec<(String, Role)>;

/// Names that groups are given here.
pub(crate) const GROUPS: [&str; 3] = ["payments", "search", "a-b"];

/// What is done. Secrets, tokens and accounts are known by the step that made them.
/// Each is the route that [`Act::route`] gives for it.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Stranger,
    Create { key: String, value: Value, tier: Option<Tier>, readable: Option<bool>, window: Window },
    Secrets { key: Option<String> },
    Secret { secret: u32 },
    Patch { secret: u32, patch: Patch },
    Publish { secret: u32, value: Value, note: Option<String> },
    Rollback { secret: u32, of: u32, number: usize },
    Delete { secret: u32 },
    Revisions { secret: u32 },
    Revision { secret: u32, of: u32, number: usize },
    Publications { secret: u32 },
    Reveal { secret: u32, reason: Option<String> },
    RevealBatch { items: Vec<Pick> },
    Grants { secret: u32 },
    Grant { secret: u32, agent: String },
    Ungrant { secret: u32, agent: String },
    Mint { name: Option<String>, days: Days, kind: Kind, scopes: Scopes },
    Tokens,
    Token { token: u32 },
    Rotate { token: u32, name: Option<String>, days: Days, scopes: Option<Scopes> },
    Revoke { token: u32 },
    TokenEvents { token: u32 },
    Current,
    RevokeCurrent,
    Health,
    Account { name: String, scopes: Scopes },
    EndAccount { account: u32 },
    RotateKeys,
    Audit,
    WalletKeys,
    WalletGet { key: String },
    WalletPut { key: String, value: Value, window: Window },
    WalletDelete { key: String },
    ApiKeys,
    ApiKey { name: String },
    MakeApiKey { name: String, enabled: bool, permissions: Scopes },
    ChangeApiKey { name: String, enabled: Option<bool>, permissions: Option<Scopes> },
    EndApiKey { name: String },
    MakeGroup { name: String, secrets: Vec<(String, Value)> },
    Manifest { name: String, manifest: Option<Manifest> },
    Groups,
    Group { group: String },
    ReplaceGroup { group: String, secrets: Listed },
    EndGroup { group: String },
    GroupSecrets { with_value: bool },
    GroupSecret { secret: u32 },
    EndGroupSecret { secret: u32 },
    Versions { secret: u32 },
    Personal { name: String },
    PersonalFor { name: String, user: String },
    Personals,
    EndPersonal { token: u32 },
}

impl Act {
    /// Its method and path, as the documents and refusals name it.
    pub(crate) const fn route(&self) -> (&'static str, &'static str) {
        match self {
            Self::Stranger => ("GET", "/v1/tenants/{tenant}/secrets"),
            Self::Create { .. } => ("POST", "/v1/tenants/{tenant}/secrets"),
            Self::Secrets { .. } => ("GET", "/v1/tenants/{tenant}/secrets"),
            Self::Secret { .. } => ("GET", "/v1/tenants/{tenant}/secrets/{secret}"),
            Self::Patch { .. } => ("PATCH", "/v1/tenants/{tenant}/secrets/{secret}"),
            Self::Publish { .. } => ("POST", "/v1/tenants/{tenant}/secrets/{secret}:publish"),
            Self::Rollback { .. } => ("POST", "/v1/tenants/{tenant}/secrets/{secret}:rollback"),
            Self::Delete { .. } => ("DELETE", "/v1/tenants/{tenant}/secrets/{secret}"),
            Self::Revisions { .. } => ("GET", "/v1/tenants/{tenant}/secrets/{secret}/revisions"),
            Self::Revision { .. } => {
                ("GET", "/v1/tenants/{tenant}/secrets/{secret}/revisions/{revision}")
            }
            Self::Publications { .. } => {
                ("GET", "/v1/tenants/{tenant}/secrets/{secret}/publications")
            }
            Self::Reveal { .. } => ("POST", "/v1/tenants/{tenant}/secrets/{secret}:reveal"),
            Self::RevealBatch { .. } => ("POST", "/v1/tenants/{tenant}/secrets:reveal"),
            Self::Grants { .. } => ("GET", "/v1/tenants/{tenant}/secrets/{secret}/grants"),
            Self::Grant { .. } => ("PUT", "/v1/tenants/{tenant}/secrets/{secret}/grants/{agent}"),
            Self::Ungrant { .. } => {
                ("DELETE", "/v1/tenants/{tenant}/secrets/{secret}/grants/{agent}")
            }
            Self::Mint { .. } => ("POST", "/v1/tenants/{tenant}/tokens:generate"),
            Self::Tokens => ("GET", "/v1/tenants/{tenant}/tokens"),
            Self::Token { .. } => ("GET", "/v1/tenants/{tenant}/tokens/{token}"),
            Self::Rotate { .. } => ("POST", "/v1/tenants/{tenant}/tokens/{token}:rotate"),
            Self::Revoke { .. } => ("DELETE", "/v1/tenants/{tenant}/tokens/{token}"),
            Self::TokenEvents { .. } => ("GET", "/v1/tenants/{tenant}/tokens/{token}/auditEvents"),
            Self::Current => ("GET", "/v1/tenants/{tenant}/tokens/current"),
            Self::RevokeCurrent => ("DELETE", "/v1/tenants/{tenant}/tokens/current"),
            Self::Health => ("GET", "/v1/tenants/{tenant}/auth/health"),
            Self::Account { .. } => ("POST", "/v1/tenants/{tenant}/serviceAccounts"),
            Self::EndAccount { .. } => ("DELETE", "/v1/tenants/{tenant}/serviceAccounts/{account}"),
            Self::RotateKeys => ("POST", "/v1/tenants/{tenant}/keys:rotate"),
            Self::Audit => ("GET", "/v1/tenants/{tenant}/auditEvents"),
            Self::WalletKeys => ("GET", "/api/{tenant}/secrets"),
            Self::WalletGet { .. } => ("GET", "/api/{tenant}/secrets/{key}"),
            Self::WalletPut { .. } => ("PUT", "/api/{tenant}/secrets/{key}"),
            Self::WalletDelete { .. } => ("DELETE", "/api/{tenant}/secrets/{key}"),
            Self::ApiKeys => ("GET", "/api/{tenant}/admin/apiKeys"),
            Self::ApiKey { .. } => ("GET", "/api/{tenant}/admin/apiKeys/{keyName}"),
            Self::MakeApiKey { .. } => ("POST", "/api/{tenant}/admin/apiKeys"),
            Self::ChangeApiKey { .. } => ("PATCH", "/api/{tenant}/admin/apiKeys/{keyName}"),
            Self::EndApiKey { .. } => ("DELETE", "/api/{tenant}/admin/apiKeys/{keyName}"),
            Self::MakeGroup { .. } => ("POST", "/api/svc/v1/secret-groups"),
            Self::Manifest { .. } => ("PUT", "/api/svc/v1/secret-groups"),
            Self::Groups => ("GET", "/api/svc/v1/secret-groups"),
            Self::Group { .. } => ("GET", "/api/svc/v1/secret-groups/{group}"),
            Self::ReplaceGroup { .. } => ("PUT", "/api/svc/v1/secret-groups/{group}"),
            Self::EndGroup { .. } => ("DELETE", "/api/svc/v1/secret-groups/{group}"),
            Self::GroupSecrets { .. } => ("POST", "/api/svc/v1/secrets"),
            Self::GroupSecret { .. } => ("GET", "/api/svc/v1/secrets/{secret}"),
            Self::EndGroupSecret { .. } => ("DELETE", "/api/svc/v1/secrets/{secret}"),
            Self::Versions { .. } => ("GET", "/api/svc/v1/secrets/{secret}/versions"),
            Self::Personal { .. } => ("POST", "/api/svc/v1/personal-access-tokens"),
            Self::PersonalFor { .. } => ("POST", "/api/svc/v1/personal-access-tokens/for-user"),
            Self::Personals => ("GET", "/api/svc/v1/personal-access-tokens"),
            Self::EndPersonal { .. } => ("DELETE", "/api/svc/v1/personal-access-tokens/{token}"),
        }
    }

    /// The door it comes by.
    pub(crate) fn surface(&self) -> &'static str {
        match self.route().1 {
            path if path.starts_with("/v1/") => "v1",
            path if path.starts_with("/api/svc/") => "truefoundry",
            _ => "walletcrew",
        }
    }
}
