//! Request bodies: what the strict reader takes has one reading, and what it refuses it does not repeat.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::{collections::BTreeSet, fmt};
use subrosa_api::strict;

/// Reads a body as a `T`, and checks what came of it against a reader of its own.
///
/// # Panics
/// When the strict reader took what has two readings, or said what it was sent.
pub fn body<T: DeserializeOwned>(json: &[u8]) {
    match strict::from_slice::<T>(json) {
        Ok(_) => {
            assert!(serde_json::from_slice::<Once>(json).is_ok(), "a name twice, or no JSON");
            let value: Value = serde_json::from_slice(json).unwrap_or_default();
            assert!(depth(&value) <= strict::MAX_DEPTH, "too deep");
        }
        Err(fault) => {
            let place = fault.place().map(|(pointer, said)| pointer + &said).unwrap_or_default();
            let said = fault.to_string() + &place;
            let ours = said.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            assert!(ours && said.len() < 2_048, "the fault has words of the body in it");
        }
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(depth).max().unwrap_or_default(),
        Value::Object(all) => 1 + all.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// JSON without a name twice in any object.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self, A::Error> {
        while from.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = from.next_key::<String>()? {
            if !seen.insert(name) {
                from.next_value::<IgnoredAny>()?;
                return Err(serde::de::Error::custom("twice"));
            }
            from.next_value::<Self>()?;
        }
        Ok(self)
    }
}
