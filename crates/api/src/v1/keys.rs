//! A tenant's encryption keys.

use crate::EpochMillis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer of `keys:rotate`: a new version of the tenant's key wraps from now on. Older revisions are re-wrapped in
/// the background; no value is decrypted for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyRotated {
    /// The new version.
    pub version: u32,
    /// When it was made.
    pub created_at: EpochMillis,
}
