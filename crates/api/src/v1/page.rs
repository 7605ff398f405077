//! A page of a list.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page. Lists that are bare arrays become pages when `pageSize` or `pageToken` is in the query.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// Newest first.
    pub items: Vec<T>,
    /// What to send as `pageToken` for the next page; null on the last.
    pub next_page_token: Option<String>,
    /// How many there are in all; null when a filtered list has more than 10,000.
    pub total_count: Option<u64>,
}
