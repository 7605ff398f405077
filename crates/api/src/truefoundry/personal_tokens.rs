//! Personal access tokens: asked for here, listed in the shape of virtual accounts, as the published API does.

use crate::secret_value::ShownToken;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new personal access token of one's own.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePersonalToken {
    /// Its name: 3 to 36 lower-case letters, digits and hyphens.
    pub name: String,
    /// When it ends: a date, whose whole day still counts, or a moment.
    #[serde(default)]
    pub expiration_date: Option<String>,
    /// `opaque`: there is no other kind.
    #[serde(default)]
    pub token_type: Option<String>,
    /// Teams are not known here.
    #[serde(default)]
    pub team_name: Option<String>,
}

/// A new personal access token for somebody else.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePersonalTokenFor {
    /// Its name.
    pub name: String,
    /// Whose.
    pub user_email: String,
    /// When it ends.
    #[serde(default)]
    pub expiration_date: Option<String>,
    /// Teams are not known here.
    #[serde(default)]
    pub team_name: Option<String>,
}

/// Whose personal access tokens are all to be revoked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct RevokeAll {
    /// Their address.
    pub email: String,
}

/// A token in the one answer that shows it.
#[derive(Serialize, ToSchema)]
pub struct TokenShown {
    /// The token.
    pub token: ShownToken,
}
