//! Going through the arrays and objects of a tree, and adding each step to the errors that come up.

use super::{
    error::{Error, Step},
    read::Reader,
    tree::Node,
};
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
};
use std::{borrow::Cow, vec};

/// An array, element by element.
pub(super) struct Elements<'de> {
    nodes: std::iter::Enumerate<vec::IntoIter<Node<'de>>>,
}

impl<'de> Elements<'de> {
    pub(super) fn new(nodes: Vec<Node<'de>>) -> Self {
        Self { nodes: nodes.into_iter().enumerate() }
    }
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some((index, node)) = self.nodes.next() else { return Ok(None) };
        let below = |error: Error| error.below(Step::Index(index));
        seed.deserialize(Reader(node)).map(Some).map_err(below)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.nodes.len())
    }
}

/// An object, member by member.
pub(super) struct Members<'de> {
    members: vec::IntoIter<(Cow<'de, str>, Node<'de>)>,
    /// The names that may be spoken.
    known: &'static [&'static str],
    value: Option<(Option<&'static str>, Node<'de>)>,
}

impl<'de> Members<'de> {
    pub(super) fn new(
        members: Vec<(Cow<'de, str>, Node<'de>)>,
        known: &'static [&'static str],
    ) -> Self {
        Self { members: members.into_iter(), known, value: None }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, node)) = self.members.next() else { return Ok(None) };
        // In any case: a type that reads its names so has its faults placed under the name it knows.
        let known = self.known.iter().copied().find(|known| known.eq_ignore_ascii_case(&name));
        self.value = Some((known, node));
        seed.deserialize(Reader(Node::Text(name))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, node) = self.value.take().unwrap_or((None, Node::Null));
        let value = seed.deserialize(Reader(node));
        match name {
            Some(name) => value.map_err(|error| error.below(Step::Member(name))),
            None => value,
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

/// A word, as a variant without data. Variants with data are no shape of any request here.
pub(super) struct Word<'de>(pub(super) Cow<'de, str>);

impl<'de> EnumAccess<'de> for Word<'de> {
    type Error = Error;
    type Variant = Bare;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Bare), Error> {
        let word: serde::de::value::CowStrDeserializer<'de, Error> = self.0.into_deserializer();
        seed.deserialize(word).map(|variant| (variant, Bare))
    }
}

/// The nothing that follows a word.
pub(super) struct Bare;

impl<'de> VariantAccess<'de> for Bare {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _seed: T) -> Result<T::Value, Error> {
        Err(serde::de::Error::custom("data"))
    }

    fn tuple_variant<V: serde::de::Visitor<'de>>(
        self,
        _length: usize,
        _visitor: V,
    ) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("data"))
    }

    fn struct_variant<V: serde::de::Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("data"))
    }
}
