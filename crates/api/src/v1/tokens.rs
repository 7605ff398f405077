//! Tokens: minted, shown once, listed without their secret.

use super::double_option;
use crate::{EpochMillis, ShownToken};
use serde::{Deserialize, Serialize};
use subrosa_domain::{self as domain, PrincipalKind, Scope, ScopeSet, TokenKind};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a token is for. It opens nothing by itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenType {
    /// In a request alone: the same as USER.
    Unspecified,
    /// A person's.
    User,
    /// A command line's.
    Cli,
    /// The platform's.
    System,
    /// A service account's.
    ServiceAccount,
}

impl From<TokenKind> for TokenType {
    fn from(kind: TokenKind) -> Self {
        match kind {
            TokenKind::User | TokenKind::Personal | TokenKind::ApiKey | TokenKind::Member => {
                Self::User
            }
            TokenKind::Cli => Self::Cli,
            TokenKind::System => Self::System,
            TokenKind::ServiceAccount | TokenKind::VirtualAccount => Self::ServiceAccount,
        }
    }
}

impl From<TokenType> for TokenKind {
    fn from(kind: TokenType) -> Self {
        match kind {
            TokenType::Unspecified | TokenType::User => Self::User,
            TokenType::Cli => Self::Cli,
            TokenType::System => Self::System,
            TokenType::ServiceAccount => Self::ServiceAccount,
        }
    }
}

/// A token as lists show it. It works while `revokedAt` is null and `expiresAt` is not past.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Stays the same when it is rotated.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// The first characters of the secret.
    pub key_prefix: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: TokenType,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Who minted it.
    pub created_by: String,
    /// When.
    pub created_at: EpochMillis,
    /// When it last changed.
    pub modified_at: EpochMillis,
    /// From when on it no longer works.
    pub expires_at: Option<EpochMillis>,
    /// When it was revoked, for good.
    pub revoked_at: Option<EpochMillis>,
    /// When it was last presented.
    pub last_used_at: Option<EpochMillis>,
    /// What it is bound to; always null here.
    pub binding: Option<Binding>,
}

/// What a token is bound to, on platforms that bind them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// What kind of thing.
    pub kind: String,
    /// That, for people.
    pub kind_label: String,
    /// Which one.
    pub resource_id: String,
    /// That, for people.
    pub resource_label: String,
}

impl From<&domain::Token> for Token {
    fn from(token: &domain::Token) -> Self {
        Self {
            id: token.id.uuid(),
            name: token.name.to_string(),
            key_prefix: token.key_prefix.to_string(),
            kind: token.kind.into(),
            scopes: names(token.scopes),
            created_by: token.created_by.to_string(),
            created_at: token.created_at.into(),
            modified_at: token.modified_at.into(),
            expires_at: token.expires_at.map(Into::into),
            revoked_at: token.revoked_at.map(Into::into),
            last_used_at: token.last_used_at.map(Into::into),
            binding: None,
        }
    }
}

/// The names of scopes, in catalogue order.
#[must_use]
pub fn names(scopes: ScopeSet) -> Vec<String> {
    scopes.iter().map(Scope::name).map(str::to_owned).collect()
}

/// Whose a token is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OwnerType {
    /// A person's.
    User,
    /// A service account's.
    ServiceAccount,
    /// An agent's.
    Agent,
    /// A virtual account's.
    VirtualAccount,
}

impl From<PrincipalKind> for OwnerType {
    fn from(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User => Self::User,
            PrincipalKind::ServiceAccount => Self::ServiceAccount,
            PrincipalKind::Agent => Self::Agent,
            PrincipalKind::VirtualAccount => Self::VirtualAccount,
        }
    }
}

/// The answer of `tokens/current`: the token that asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentToken {
    /// Its id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// What kind of principal it speaks for.
    pub owner_type: OwnerType,
    /// Which one.
    pub owner_id: String,
    /// Who minted it.
    pub created_by: String,
    /// The first characters of the secret.
    pub key_prefix: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: TokenType,
    /// What it may do.
    pub scopes: Vec<String>,
    /// From when on it no longer works.
    pub expires_at: Option<EpochMillis>,
    /// When it was revoked.
    pub revoked_at: Option<EpochMillis>,
    /// When it was last presented.
    pub last_used_at: Option<EpochMillis>,
    /// When it was minted.
    pub created_at: EpochMillis,
    /// When it last changed.
    pub modified_at: EpochMillis,
    /// The one tenant it works for.
    pub tenant_id: Uuid,
}

impl CurrentToken {
    /// A token together with the kind of its principal.
    #[must_use]
    pub fn new(token: &domain::Token, owner: PrincipalKind) -> Self {
        Self {
            id: token.id.uuid(),
            name: token.name.to_string(),
            owner_type: owner.into(),
            owner_id: token.principal_id.to_string(),
            created_by: token.created_by.to_string(),
            key_prefix: token.key_prefix.to_string(),
            kind: token.kind.into(),
            scopes: names(token.scopes),
            expires_at: token.expires_at.map(Into::into),
            revoked_at: token.revoked_at.map(Into::into),
            last_used_at: token.last_used_at.map(Into::into),
            created_at: token.created_at.into(),
            modified_at: token.modified_at.into(),
            tenant_id: token.tenant_id.uuid(),
        }
    }
}

/// The body of `tokens:generate`. `{}` mints a token that may do nothing. `scopes` and `preset` count together.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenerateToken {
    /// For people; made up unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many days it works. Null is for ever; absent is for ever too, unless the minter's own end is nearer.
    #[serde(with = "double_option", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>)]
    pub expiration_days: Option<Option<i32>>,
    /// USER unless said.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<TokenType>,
    /// Names from the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// A preset's id, expanded now and not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

/// The body of `tokens/{id}:rotate`; may be left out. What is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateToken {
    /// A new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many days the new secret works; null is for ever; absent keeps the length it had.
    #[serde(with = "double_option", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>)]
    pub expiration_days: Option<Option<i32>>,
    /// A new set of scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// A preset's id, counted together with `scopes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

/// The answer of `tokens:generate` and `:rotate`: the only one that has the token itself.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenGenerated {
    /// The token's id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// The token, shown this once.
    pub token: ShownToken,
    /// Its first characters, shown ever after.
    pub key_prefix: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was minted.
    pub created_at: EpochMillis,
    /// From when on it no longer works.
    pub expires_at: Option<EpochMillis>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: TokenType,
    /// Who minted it.
    pub created_by: String,
}

impl TokenGenerated {
    /// A token's row together with its secret.
    #[must_use]
    pub fn new(row: &domain::Token, token: ShownToken) -> Self {
        Self {
            id: row.id.uuid(),
            name: row.name.to_string(),
            token,
            key_prefix: row.key_prefix.to_string(),
            scopes: names(row.scopes),
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Into::into),
            kind: row.kind.into(),
            created_by: row.created_by.to_string(),
        }
    }
}

/// Something that happened to a token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenAuditEvent {
    /// The event's id.
    pub id: Uuid,
    /// The token's.
    pub token_id: Uuid,
    /// The first characters its secret had.
    pub key_prefix: Option<String>,
    /// What happened.
    pub event_type: TokenEventType,
    /// When.
    pub created_at: EpochMillis,
    /// Who did it.
    pub user_id: Option<String>,
    /// The tool they said they used.
    pub actor: Option<String>,
    /// More, as JSON in a string: `scopes`, `replacementPrefix`, `reason` or `remoteIp`.
    pub details: Option<String>,
    /// In which tenant.
    pub tenant_id: Uuid,
}

/// What can happen to a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenEventType {
    /// It was minted.
    Minted,
    /// It got a new secret.
    Rotated,
    /// It was revoked.
    Revoked,
    /// It was presented after that.
    UsedWhileRevoked,
}

/// One request made with a token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The request's id.
    pub id: Uuid,
    /// In which tenant.
    pub tenant_id: Uuid,
    /// Which token.
    pub token_id: Uuid,
    /// The first characters of its secret.
    pub key_prefix: String,
    /// When.
    pub created_at: EpochMillis,
    /// `GET`, `POST`, …
    pub method: String,
    /// The route, with its parameters' names in place of their values.
    pub path: String,
    /// What was answered.
    pub status_code: u16,
    /// How long it took.
    pub latency_ms: u32,
    /// From where, as far as the server can tell.
    pub remote_ip: Option<String>,
    /// The tool the caller said it was.
    pub actor: Option<String>,
}

impl Activity {
    /// A request together with the prefix of the token that made it.
    #[must_use]
    pub fn new(activity: &domain::Activity, key_prefix: &str) -> Self {
        Self {
            id: activity.id.uuid(),
            tenant_id: activity.tenant_id.uuid(),
            token_id: activity.token_id.uuid(),
            key_prefix: key_prefix.to_owned(),
            created_at: activity.time.into(),
            method: activity.method.to_string(),
            path: activity.path.to_string(),
            status_code: activity.status,
            latency_ms: activity.latency_ms,
            remote_ip: activity.remote_ip.as_deref().map(str::to_owned),
            actor: activity.tool.as_ref().map(domain::ToolName::to_string),
        }
    }
}
