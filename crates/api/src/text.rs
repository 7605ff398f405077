//! Domain names and ids as JSON strings: written as their text, read with `FromStr`, and refused with a fixed sentence
//! that says what was expected and never what was sent.

use crate::IsoTime;
use serde::{Deserializer, Serializer, de};
use std::{borrow::Cow, fmt, marker::PhantomData, str::FromStr};
use subrosa_domain::{KeyName, RevisionId, SecretId, TenantSlug, audit::Reason};

/// A domain type that a request carries as a string.
pub trait WireText: FromStr {
    /// What it must look like, as it completes "must be …".
    const EXPECTED: &'static str;

    /// As it goes on the wire.
    fn text(&self) -> Cow<'_, str>;
}

macro_rules! wire_text {
    ($($type:ident $expected:literal |$self:ident| $text:expr;)+) => {$(
        impl WireText for $type {
            const EXPECTED: &'static str = $expected;

            fn text(&self) -> Cow<'_, str> {
                let $self = self;
                $text.into()
            }
        }
    )+};
}

wire_text! {
    KeyName "1 to 127 letters, digits, '-' or '_'" |key| key.as_str();
    TenantSlug "1 to 63 lower-case letters, digits or '-', not starting with '-', and not reserved"
        |slug| slug.as_str();
    SecretId "a UUID with hyphens" |id| id.to_string();
    RevisionId "a UUID with hyphens" |id| id.to_string();
    Reason "1 to 256 characters without control characters" |reason| reason.as_str();
    IsoTime "a date and time with its offset, like 2027-01-01T00:00:00Z" |time| time.to_string();
}

/// For `#[serde(with = "text")]` on a field.
///
/// # Errors
/// The serializer's own.
pub fn serialize<T: WireText, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.text())
}

/// For `#[serde(with = "text")]` on a field.
///
/// # Errors
/// When it is no string, or not one that `T` accepts.
pub fn deserialize<'de, T: WireText, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_str(Parse(PhantomData))
}

struct Parse<T>(PhantomData<T>);

impl<T: WireText> de::Visitor<'_> for Parse<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Other("text"), &self))
    }
}

/// The same for fields that may be absent or null.
pub mod optional {
    use super::{Parse, WireText};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::marker::PhantomData;

    struct Text<T>(T);

    impl<'de, T: WireText> Deserialize<'de> for Text<T> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_str(Parse(PhantomData)).map(Self)
        }
    }

    /// For `#[serde(with = "text::optional")]` on a field.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<T: WireText, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(WireText::text).serialize(to)
    }

    /// For `#[serde(with = "text::optional", default)]` on a field.
    ///
    /// # Errors
    /// When it is neither null nor a string that `T` accepts.
    pub fn deserialize<'de, T: WireText, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        Option::<Text<T>>::deserialize(from).map(|text| text.map(|Text(text)| text))
    }
}
