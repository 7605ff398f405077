//! The one door between serde and what must not be seen: values and tokens enter from JSON here and leave into it here.
//!
//! A string is read straight into [`Plaintext`], without a second copy when the reader hands over an owned one. Nothing
//! in this file has `Debug`, `Display` or `Clone`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::fmt;
use subrosa_plaintext::{PlainToken, Plaintext};
use utoipa::ToSchema;

/// A value that is UTF-8, as a JSON string.
#[derive(ToSchema)]
#[schema(value_type = String, format = Password)]
pub struct SecretValue(Plaintext);

/// A value of any bytes, as a JSON string in base64: the standard alphabet, padded.
#[derive(ToSchema)]
#[schema(value_type = String, format = Byte)]
pub struct SecretBase64(Plaintext);

/// A token in the one answer that shows it.
#[derive(ToSchema)]
#[schema(value_type = String, format = Password)]
pub struct ShownToken(PlainToken);

/// A value that is the whole of a body, byte for byte.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct BareValue(Plaintext);

/// A value sorted by the member that can carry it.
pub enum WireValue {
    /// For `value`.
    Text(SecretValue),
    /// For `valueBase64`.
    Bytes(SecretBase64),
}

/// A request named a value twice, or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotOneValue {
    /// Neither member is there.
    #[error("one of value and valueBase64 must be given")]
    None,
    /// Both are.
    #[error("only one of value and valueBase64 may be given")]
    Both,
}

/// The value of a request that must have one.
///
/// # Errors
/// Unless exactly one of the two is there.
pub fn one_value(
    text: Option<SecretValue>,
    bytes: Option<SecretBase64>,
) -> Result<Plaintext, NotOneValue> {
    at_most_one_value(text, bytes)?.ok_or(NotOneValue::None)
}

/// The value of a request that may have one.
///
/// # Errors
/// When both are there.
pub fn at_most_one_value(
    text: Option<SecretValue>,
    bytes: Option<SecretBase64>,
) -> Result<Option<Plaintext>, NotOneValue> {
    match (text, bytes) {
        (Some(_), Some(_)) => Err(NotOneValue::Both),
        (text, bytes) => {
            Ok(text.map(SecretValue::into_plaintext).or(bytes.map(SecretBase64::into_plaintext)))
        }
    }
}

impl SecretValue {
    /// The value.
    #[must_use]
    pub fn into_plaintext(self) -> Plaintext {
        self.0
    }
}

impl SecretBase64 {
    /// The value.
    #[must_use]
    pub fn into_plaintext(self) -> Plaintext {
        self.0
    }
}

impl BareValue {
    /// The body. It is sent at once: a copy that nobody wipes but the allocator.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "EXIT-7: a value becomes the whole of a body")]
    pub fn into_body(self) -> Vec<u8> {
        self.0.expose().to_vec()
    }
}

impl From<Plaintext> for BareValue {
    fn from(value: Plaintext) -> Self {
        Self(value)
    }
}

impl ShownToken {
    /// The token.
    #[must_use]
    pub fn into_token(self) -> PlainToken {
        self.0
    }
}

impl From<PlainToken> for ShownToken {
    fn from(token: PlainToken) -> Self {
        Self(token)
    }
}

impl From<Plaintext> for WireValue {
    fn from(value: Plaintext) -> Self {
        if std::str::from_utf8(exit(&value)).is_ok() {
            Self::Text(SecretValue(value))
        } else {
            Self::Bytes(SecretBase64(value))
        }
    }
}

impl WireValue {
    /// As the two members of a body, one of them there.
    #[must_use]
    pub fn into_members(self) -> (Option<SecretValue>, Option<SecretBase64>) {
        match self {
            Self::Text(text) => (Some(text), None),
            Self::Bytes(bytes) => (None, Some(bytes)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "EXIT-1: a value becomes a member of a JSON body")]
fn exit(value: &Plaintext) -> &[u8] {
    value.expose()
}

impl Serialize for SecretValue {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(exit(&self.0));
        to.serialize_str(text.map_err(|_| ser::Error::custom("the value is not UTF-8"))?)
    }
}

impl Serialize for SecretBase64 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // By way of the heap, which is wiped when it is freed: base64's `Display` leaves its text on the stack.
        to.serialize_str(&STANDARD.encode(exit(&self.0)))
    }
}

impl Serialize for ShownToken {
    #[expect(
        clippy::disallowed_methods,
        reason = "EXIT-2: a new token becomes a member of a JSON body"
    )]
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for SecretValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_string(TextVisitor).map(Plaintext::from_string).map(Self)
    }
}

impl<'de> Deserialize<'de> for ShownToken {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_string(TextVisitor).map(PlainToken::new).map(Self)
    }
}

impl<'de> Deserialize<'de> for SecretBase64 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Base64Visitor).map(Plaintext::from_vec).map(Self)
    }
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }
}

struct Base64Visitor;

impl de::Visitor<'_> for Base64Visitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64 in the standard alphabet, padded")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        // The decoder's own error says which byte was bad, so it is dropped.
        STANDARD.decode(text).map_err(|_| E::invalid_value(de::Unexpected::Other("text"), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: impl Into<Plaintext>) -> String {
        match WireValue::from(value.into()) {
            WireValue::Text(text) => serde_json::to_string(&text),
            WireValue::Bytes(bytes) => serde_json::to_string(&bytes),
        }
        .unwrap()
    }

    #[test]
    fn a_value_goes_out_as_text_when_it_is_utf_8_and_as_base64_when_not() {
        assert_eq!(json(Plaintext::from_string("a\"\n\0ü".into())), r#""a\"\n\u0000ü""#);
        assert_eq!(json(Plaintext::from_vec(vec![0xff, 0, 1])), r#""/wAB""#);
        assert_eq!(json(Plaintext::from_vec(vec![])), r#""""#);
    }

    #[test]
    fn a_value_comes_in_as_it_went_out() {
        for bytes in [b"plain".to_vec(), vec![0xff, 0xfe, 0], "\u{1f339}".into()] {
            let value: Plaintext = match WireValue::from(Plaintext::from_vec(bytes.clone())) {
                WireValue::Text(text) => {
                    let text = serde_json::to_vec(&text).unwrap();
                    serde_json::from_slice::<SecretValue>(&text).unwrap().into_plaintext()
                }
                WireValue::Bytes(other) => {
                    let text = serde_json::to_vec(&other).unwrap();
                    serde_json::from_slice::<SecretBase64>(&text).unwrap().into_plaintext()
                }
            };
            assert_eq!(exit(&value), bytes);
        }
    }

    #[test]
    fn only_padded_standard_base64_is_read() {
        for bad in [r#""_wAB""#, r#""/wA""#, r#""/w""#, r#"" /wAB""#, r#""/wAB\n""#, "7"] {
            assert!(serde_json::from_str::<SecretBase64>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_request_has_exactly_one_value() {
        let text = || Some(SecretValue(Plaintext::from_string("v".into())));
        let bytes = || Some(SecretBase64(Plaintext::from_vec(vec![1])));
        assert!(one_value(text(), None).is_ok());
        assert!(one_value(None, bytes()).is_ok());
        assert_eq!(one_value(None, None).err(), Some(NotOneValue::None));
        assert_eq!(one_value(text(), bytes()).err(), Some(NotOneValue::Both));
        assert!(at_most_one_value(None, None).is_ok_and(|value| value.is_none()));
    }
}
