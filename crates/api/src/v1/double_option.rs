//! Members whose absence and whose null mean different things: absent leaves a thing as it is, null clears it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with = "double_option", default, skip_serializing_if = "Option::is_none")]`.
///
/// # Errors
/// Those of the member's own type.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The other half: `Some(None)` is written as null. `None` is skipped by the attribute and never gets here.
///
/// # Errors
/// The serializer's own.
pub fn serialize<T: Serialize, S: Serializer>(
    value: &Option<Option<T>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    value.as_ref().and_then(Option::as_ref).serialize(to)
}
