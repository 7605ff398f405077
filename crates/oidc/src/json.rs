//! JSON with one reading: no name twice in an object, at any depth, however it is written. Two readers of such a text
//! could see two different tokens.

use crate::limits::{MAX_DEPTH, MAX_TOKENS};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::{cell::Cell, collections::BTreeMap, fmt};

/// A JSON value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number written without fraction and exponent, within 64 bits.
    Integer(i64),
    /// Any other number. What it is never matters here.
    Number,
    Text(String),
    Array(Vec<Json>),
    Object(Object),
}

/// A JSON object.
pub(crate) type Object = BTreeMap<String, Json>;

/// Why a text was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum JsonFault {
    /// Not JSON, not UTF-8, not an object, or beyond a limit.
    Malformed,
    /// A name twice.
    Duplicate,
}

impl Json {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a whole text as one object.
pub(crate) fn object(bytes: &[u8]) -> Result<Object, JsonFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonFault::Malformed)?;
    let reading = Reading { tokens: Cell::new(0), duplicate: Cell::new(false) };
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = Grow { reading: &reading, depth: 0 }
        .deserialize(&mut parser)
        .and_then(|json| parser.end().map(|()| json));
    match read {
        Ok(Json::Object(object)) => Ok(object),
        Err(_) if reading.duplicate.get() => Err(JsonFault::Duplicate),
        // serde_json's own error quotes what it read, so it is dropped.
        Ok(_) | Err(_) => Err(JsonFault::Malformed),
    }
}

struct Reading {
    tokens: Cell<usize>,
    duplicate: Cell<bool>,
}

#[derive(Clone, Copy)]
struct Grow<'r> {
    reading: &'r Reading,
    /// How many arrays and objects are around it.
    depth: usize,
}

impl Grow<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH { Err(E::custom("depth")) } else { Ok(Self { depth, ..self }) }
    }
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        self.reading.tokens.set(self.reading.tokens.get() + 1);
        if self.reading.tokens.get() > MAX_TOKENS {
            return Err(D::Error::custom("size"));
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Grow<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Number, Json::Integer))
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let grow = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(grow)? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let grow = self.deeper()?;
        let mut members = Object::new();
        while let Some(name) = from.next_key::<String>()? {
            let value = from.next_value_seed(grow)?;
            if members.insert(name, value).is_some() {
                self.reading.duplicate.set(true);
                return Err(A::Error::custom("duplicate"));
            }
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_twice_is_found_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":[{"c":1,"c":2}]}}"#,
            r#"{"a":null,"b":2,"a":null}"#,
        ] {
            assert_eq!(object(text.as_bytes()), Err(JsonFault::Duplicate), "{text}");
        }
        assert!(object(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn whatever_is_no_single_object_in_utf_8_is_refused() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        let many = format!("{{\"a\":[{}1]}}", "1,".repeat(MAX_TOKENS));
        for text in [
            "",
            "1",
            "[]",
            "null",
            "\"a\"",
            "{",
            "{}{}",
            "{} x",
            "\u{feff}{}",
            "{a:1}",
            "{'a':1}",
            "{\"a\":NaN}",
            "{\"a\":1,}",
            "{\"a\":01}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":1/**/}",
            &deep,
            &many,
        ] {
            assert_eq!(object(text.as_bytes()), Err(JsonFault::Malformed), "{text:.40}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), Err(JsonFault::Malformed));
        let fits = format!("{{\"a\":{}1{}}}", "[".repeat(MAX_DEPTH - 1), "]".repeat(MAX_DEPTH - 1));
        assert!(object(fits.as_bytes()).is_ok());
    }

    #[test]
    fn only_a_whole_number_written_as_one_is_an_integer() {
        let read =
            |number: &str| object(format!("{{\"n\":{number}}}").as_bytes()).unwrap()["n"].clone();
        assert_eq!(read("-7"), Json::Integer(-7));
        for other in ["7.0", "7e0", "1e400000000", "-0", "9223372036854775808", "0.5"] {
            assert!(
                !matches!(object(format!("{{\"n\":{other}}}").as_bytes()),
                Ok(object) if matches!(object["n"], Json::Integer(_))),
                "{other}"
            );
        }
    }
}
