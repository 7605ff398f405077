//! Signing in by device code: begun by a command line, approved by a person.

use crate::secret_value::ShownToken;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A sign-in begins. What the device says of itself is a claim, shown to whoever approves.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartDevice {
    /// What it asks for: `observer`, `operator`, `developer`, `maintainer` or `admin`, or a preset of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// What kind of client it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_type: Option<String>,
    /// Which client it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Which installation of it; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Which machine it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_label: Option<String>,
    /// In which tenant; unsaid, it is the approver's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// What the device shows, and what it keeps.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceStarted {
    /// For the device alone.
    pub device_code: ShownToken,
    /// For the person: eight letters.
    pub user_code: String,
    /// Where the person goes.
    pub verification_uri: String,
    /// The same with the code in it.
    pub verification_uri_complete: String,
    /// For how long.
    pub expires_in_seconds: u64,
    /// How long to wait between two questions.
    pub poll_interval_seconds: u64,
}

/// Nobody decided yet.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct DevicePending {}

/// The device's token, in the one answer that shows it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceApproved {
    /// The token.
    pub api_key: ShownToken,
    /// Its one tenant.
    pub tenant_id: Uuid,
    /// The tenant's name in paths.
    pub tenant_slug: String,
    /// The tenant's name for people.
    pub tenant_name: String,
}

/// A sign-in as whoever is to approve it sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceAsked {
    /// What the device says it is. A claim.
    pub label: String,
    /// What it asks for; it gets no more of it than its approver has.
    pub scopes: Vec<String>,
    /// The tenant it is for, if it said.
    pub tenant: Option<String>,
}
