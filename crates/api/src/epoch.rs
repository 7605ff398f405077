//! Time on the wire: whole milliseconds since the Unix epoch.

use serde::{Deserialize, Serialize};
use subrosa_domain::Timestamp;
use utoipa::ToSchema;

/// A moment in UTC as v1 writes it: an integer, milliseconds since the Unix epoch. What is finer is cut off, downwards.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = i64)]
pub struct EpochMillis(pub i64);

impl From<Timestamp> for EpochMillis {
    fn from(time: Timestamp) -> Self {
        Self(time.as_millis())
    }
}

impl From<EpochMillis> for Timestamp {
    fn from(time: EpochMillis) -> Self {
        Self::from_millis(time.0)
    }
}
