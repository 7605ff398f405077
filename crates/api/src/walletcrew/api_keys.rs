//! API keys: known by a name, switched on and off, their permissions replaced.

use super::permissions;
use crate::ShownToken;
use serde::{Deserialize, Serialize};
use subrosa_domain as domain;
use utoipa::ToSchema;

/// An API key as it is listed and shown. What it is checked by is in no answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyDefinition {
    /// Unique among the tenant's API keys.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What it may do.
    pub permissions: Vec<String>,
}

impl From<&domain::Token> for ApiKeyDefinition {
    fn from(key: &domain::Token) -> Self {
        Self {
            name: key.name.to_string(),
            enabled: key.disabled_at.is_none(),
            permissions: permissions::names(key.scopes),
        }
    }
}

/// The answer of POST `apiKeys`: the only one that has the token itself.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyCreated {
    /// Unique among the tenant's API keys.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What it may do.
    pub permissions: Vec<String>,
    /// What to send as `X-API-KEY`, shown this once.
    pub token: ShownToken,
}

impl ApiKeyCreated {
    /// A key's row together with its token.
    #[must_use]
    pub fn new(key: &domain::Token, token: ShownToken) -> Self {
        let ApiKeyDefinition { name, enabled, permissions } = key.into();
        Self { name, enabled, permissions, token }
    }
}

/// The body of POST `apiKeys`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateApiKey {
    /// Its name, for good.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,128}$")]
    pub name: String,
    /// Switched on unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// None unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}

/// The body of PUT `apiKeys/{keyName}`: all that can change, said whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceApiKey {
    /// Whether it is switched on.
    pub enabled: bool,
    /// What it may do.
    pub permissions: Vec<String>,
}

/// The body of PATCH `apiKeys/{keyName}`. What is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchApiKey {
    /// Whether it is switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}
