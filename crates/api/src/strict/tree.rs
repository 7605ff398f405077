//! A body as a tree of nodes. Text stays where it was sent, or is moved once; nothing here can be printed.

use super::{MAX_DEPTH, MAX_TOKENS, fault::BodyFault};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::{borrow::Cow, cell::Cell, fmt};
use subrosa_plant::planted;

/// A JSON value.
pub(super) enum Node<'de> {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    /// A number that is no integer of 64 bits.
    Fraction(f64),
    Text(Cow<'de, str>),
    Array(Vec<Node<'de>>),
    /// Members in the order they were sent, duplicates included: only the reader knows which names may be spoken.
    Object(Vec<(Cow<'de, str>, Node<'de>)>),
}

/// Parses a whole body.
pub(super) fn parse(text: &str) -> Result<Node<'_>, BodyFault> {
    let limits = Limits { tokens: Cell::new(0), hit: Cell::new(None) };
    let mut parser = serde_json::Deserializer::from_str(text);
    let node = Grow { limits: &limits, depth: 0 }
        .deserialize(&mut parser)
        .and_then(|node| parser.end().map(|()| node));
    // Of its error only this is kept: that there was one, and which limit was hit if it was one of ours.
    node.map_err(|_| limits.hit.take().unwrap_or(BodyFault::NotJson))
}

struct Limits {
    tokens: Cell<usize>,
    hit: Cell<Option<BodyFault>>,
}

impl Limits {
    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        self.tokens.set(self.tokens.get() + 1);
        self.refuse_if(self.tokens.get() > MAX_TOKENS, BodyFault::TooManyTokens)
    }

    fn refuse_if<E: serde::de::Error>(&self, over: bool, fault: BodyFault) -> Result<(), E> {
        if !over {
            return Ok(());
        }
        self.hit.set(Some(fault));
        Err(E::custom("limit"))
    }
}

#[derive(Clone, Copy)]
struct Grow<'l> {
    limits: &'l Limits,
    /// How many arrays and objects are around it.
    depth: usize,
}

impl Grow<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        self.limits
            .refuse_if(depth > MAX_DEPTH && !planted!("body-any-depth"), BodyFault::TooDeep)?;
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Node<'de>, D::Error> {
        self.limits.count()?;
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Grow<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Signed(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Fraction(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node<'de>, A::Error> {
        let grow = self.deeper()?;
        let mut nodes = Vec::new();
        while let Some(node) = from.next_element_seed(grow)? {
            nodes.push(node);
        }
        Ok(Node::Array(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node<'de>, A::Error> {
        let grow = self.deeper()?;
        let mut members = Vec::new();
        while let Some(name) = from.next_key_seed(grow)? {
            let Node::Text(name) = name else { return Err(A::Error::custom("name")) };
            if planted!("duplicate-key-wins-last") {
                members.retain(|(earlier, _)| *earlier != name);
            }
            members.push((name, from.next_value_seed(grow)?));
        }
        Ok(Node::Object(members))
    }
}
