//! Signing in by device code, as the command line of this surface does it.

use crate::secret_value::ShownToken;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A sign-in begins.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceAuthorize {
    /// In which tenant.
    pub tenant_name: String,
}

/// What the command line shows, and what it keeps.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceAuthorized {
    /// For the person.
    pub user_code: String,
    /// For the command line.
    pub device_code: ShownToken,
    /// Where the person goes.
    #[serde(rename = "verificationURI")]
    pub verification_uri: String,
    /// The same with the code in it.
    #[serde(rename = "verificationURIComplete")]
    pub verification_uri_complete: String,
    /// For how long.
    pub expires_in_seconds: u64,
    /// How long to wait between two questions.
    pub interval_in_seconds: u64,
}

/// Has anybody approved it?
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenRequest {
    /// In which tenant.
    pub tenant_name: String,
    /// `device_code`, or `refresh_token`, of which there are none.
    pub grant_type: String,
    /// The command line's own code.
    #[serde(default)]
    pub device_code: Option<ShownToken>,
}

/// Somebody has.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenAnswer {
    /// The token.
    pub access_token: ShownToken,
    /// There is none: the token lives as long as it may.
    pub refresh_token: Option<String>,
}
