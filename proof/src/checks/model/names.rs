//! What the server calls things: learned from its answers, where the model has names for them, and held to from then
//! on.

use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// An id that nothing has.
const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

/// The model's names and the server's words for them.
pub(super) struct Names {
    bound: HashMap<String, Value>,
    taken: HashSet<String>,
}

impl Names {
    pub(super) fn new() -> Self {
        let nothing = ["$s0", "$t0", "$r0.1"].map(|name| (name.to_owned(), NOTHING.into()));
        Self { bound: HashMap::from(nothing), taken: HashSet::new() }
    }

    /// The server's word for a name, once it is known.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.bound.get(name)?.as_str()
    }

    /// The same for what may be a name or no name at all.
    pub(super) fn plain<'a>(&'a self, text: &'a str) -> &'a str {
        if text.starts_with(['$', '~']) { self.word(text).unwrap_or(text) } else { text }
    }

    /// Whether an answer is what was expected; says what differs where.
    pub(super) fn fits(&mut self, expected: &Value, actual: &Value) -> Result<(), String> {
        match expected {
            Value::String(name) if name.starts_with(['$', '~']) => self.bind(name, actual),
            Value::Object(expected) => self.members(expected, actual),
            Value::Array(expected) => {
                let actual = actual.as_array().ok_or_else(|| format!("is {actual}, no list"))?;
                if expected.len() != actual.len() {
                    return Err(format!("has {} elements, not {}", actual.len(), expected.len()));
                }
                for (at, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                    self.fits(expected, actual).map_err(|how| format!("/{at}{how}"))?;
                }
                Ok(())
            }
            plain if plain == actual => Ok(()),
            plain => Err(format!(" is {actual}, not {plain}")),
        }
    }

    fn members(&mut self, expected: &Map<String, Value>, actual: &Value) -> Result<(), String> {
        if let Some(list) = expected.get("#set").or_else(|| expected.get("#has")) {
            return self.holds(list, actual, expected.contains_key("#set"));
        }
        for (member, expected) in expected {
            let actual = actual.get(member).unwrap_or(&Value::Null);
            self.fits(expected, actual).map_err(|how| format!("/{member}{how}"))?;
        }
        Ok(())
    }

    /// Whether a list holds these in any order, and only these if it is to be `exact`.
    fn holds(&mut self, expected: &Value, actual: &Value, exact: bool) -> Result<(), String> {
        let mut left = actual.as_array().cloned().unwrap_or_default();
        for one in expected.as_array().into_iter().flatten() {
            let at = left.iter().position(|other| self.fits(one, other).is_ok());
            left.remove(at.ok_or_else(|| format!(" lacks {one} in {actual}"))?);
        }
        if exact && !left.is_empty() {
            return Err(format!(" also holds {}", Value::Array(left)));
        }
        Ok(())
    }

    fn bind(&mut self, name: &str, actual: &Value) -> Result<(), String> {
        if let Some(bound) = self.bound.get(name) {
            return if bound == actual {
                Ok(())
            } else {
                Err(format!(" is {actual}; {name} was {bound}"))
            };
        }
        if actual.is_null() {
            return Err(format!(" is missing where {name} is to be"));
        }
        if let (true, Some(id)) = (name.starts_with('$'), actual.as_str())
            && !self.taken.insert(id.to_owned())
        {
            return Err(format!(" is {actual}, which is not new as {name} has to be"));
        }
        self.bound.insert(name.to_owned(), actual.clone());
        Ok(())
    }
}
