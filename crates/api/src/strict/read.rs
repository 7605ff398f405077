//! Deserializing from a tree. Every type has its own method here, so that a wrong one is refused before a visitor,
//! and with it a message that quotes, gets to see it.

use super::{
    access::{Elements, Members, Word},
    error::{Error, Step, What},
    tree::Node,
};
use serde::de::{Deserializer, Visitor};
use std::{borrow::Cow, collections::HashSet};

/// A node about to be read.
pub(super) struct Reader<'de>(pub(super) Node<'de>);

const fn wrong<T>(expected: &'static str) -> Result<T, Error> {
    Err(Error::new(What::WrongType(expected)))
}

impl<'de> Reader<'de> {
    fn integer<T: TryFrom<i64> + TryFrom<u64>>(self, range: &'static str) -> Result<T, Error> {
        let number = match self.0 {
            Node::Signed(number) => T::try_from(number).ok(),
            Node::Unsigned(number) => T::try_from(number).ok(),
            _ => return wrong("an integer"),
        };
        number.ok_or_else(|| Error::new(What::Invalid(range.to_owned())))
    }

    fn text(self) -> Result<Cow<'de, str>, Error> {
        match self.0 {
            Node::Text(text) => Ok(text),
            _ => wrong("a string"),
        }
    }
}

/// Refuses an object with a member twice. Only a `known` name is spoken.
fn once(members: &[(Cow<'_, str>, Node<'_>)], known: &[&'static str]) -> Result<(), Error> {
    let mut seen = HashSet::with_capacity(members.len());
    for (name, _) in members {
        if !seen.insert(name.as_ref()) {
            let error = Error::new(What::Duplicate);
            return Err(match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                Some(known) => error.below(Step::Member(known)),
                None => error,
            });
        }
    }
    Ok(())
}

fn visit_text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, Error> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty, $range:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.integer::<$type>($range)?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    /// For what a surface passes over: it is walked, so that a duplicate inside it is still refused.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Signed(number) => visitor.visit_i64(number),
            Node::Unsigned(number) => visitor.visit_u64(number),
            Node::Fraction(number) => visitor.visit_f64(number),
            Node::Text(text) => visit_text(text, visitor),
            Node::Array(nodes) => visitor.visit_seq(Elements::new(nodes)),
            Node::Object(members) => {
                once(&members, &[])?;
                visitor.visit_map(Members::new(members, &[]))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Bool(value) => visitor.visit_bool(value),
            _ => wrong("true or false"),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8, "an integer of 8 bits";
        deserialize_i16 visit_i16 i16, "an integer of 16 bits";
        deserialize_i32 visit_i32 i32, "an integer of 32 bits";
        deserialize_i64 visit_i64 i64, "an integer of 64 bits";
        deserialize_u8 visit_u8 u8, "a positive integer of 8 bits, or 0";
        deserialize_u16 visit_u16 u16, "a positive integer of 16 bits, or 0";
        deserialize_u32 visit_u32 u32, "a positive integer of 32 bits, or 0";
        deserialize_u64 visit_u64 u64, "a positive integer of 64 bits, or 0";
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Fraction(number) => visitor.visit_f64(number),
            Node::Signed(number) => visitor.visit_i64(number),
            Node::Unsigned(number) => visitor.visit_u64(number),
            _ => wrong("a number"),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit_text(self.text()?, visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit_text(self.text()?, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit_text(self.text()?, visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit_text(self.text()?, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit_text(self.text()?, visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit_text(self.text()?, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Null => visitor.visit_unit(),
            _ => wrong("null"),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Array(nodes) => visitor.visit_seq(Elements::new(nodes)),
            _ => wrong("an array"),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Node::Object(members) => {
                once(&members, fields)?;
                visitor.visit_map(Members::new(members, fields))
            }
            _ => wrong("an object"),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(Word(self.text()?))
    }
}
