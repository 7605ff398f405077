//! Who the server thinks a caller is.

use crate::EpochMillis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a caller was known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthenticationSource {
    /// By one of our tokens.
    ApiKey,
    /// By a token of a configured issuer.
    Jwt,
    /// By the server's own socket.
    Operator,
}

/// The answer of `auth/health`. Having it is having access to the tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthHealth {
    /// How.
    pub authentication_source: AuthenticationSource,
    /// In which tenant.
    pub tenant_id: Uuid,
    /// As whom.
    pub user_id: Option<String>,
    /// Their address, where one is known.
    pub email: Option<String>,
    /// The token's name.
    pub api_key_name: Option<String>,
    /// The same, under the name newer clients read.
    pub token_name: Option<String>,
    /// What they may do.
    pub scopes: Vec<String>,
    /// When the token ends.
    pub api_key_expires_at: Option<EpochMillis>,
    /// The same, under the name newer clients read.
    pub token_expires_at: Option<EpochMillis>,
}
