//! Gives a checked document to any type that serde can read.

use serde::{
    Deserializer,
    de::{
        Error, IntoDeserializer, Unexpected, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};

use super::Node;
use crate::fault::Fault;

impl<'de> IntoDeserializer<'de, Fault> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(text) => visitor.visit_string(text),
            Self::List(list) => {
                let mut access = SeqDeserializer::new(list.into_iter());
                let value = visitor.visit_seq(&mut access)?;
                access.end()?;
                Ok(value)
            }
            Self::Map(map) => {
                let mut access = MapDeserializer::new(map.into_iter());
                let value = visitor.visit_map(&mut access)?;
                access.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self == Self::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// Fields have names: a list of their values would say something else after the next release.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Self::List(_) => Err(Fault::invalid_type(Unexpected::Seq, &"a map")),
            Self::Null
            | Self::Bool(_)
            | Self::Signed(_)
            | Self::Unsigned(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Map(_) => self.deserialize_any(visitor),
        }
    }

    /// An enum is its variant's name, or a map with that name as its one key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let one_key = "a name or a map with one key";
        match self {
            Self::Text(name) => visitor.visit_enum(StringDeserializer::<Fault>::new(name)),
            Self::Map(map) if map.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(map.into_iter())))
            }
            Self::Null => Err(Fault::invalid_type(Unexpected::Unit, &one_key)),
            Self::Bool(value) => Err(Fault::invalid_type(Unexpected::Bool(value), &one_key)),
            Self::Signed(value) => Err(Fault::invalid_type(Unexpected::Signed(value), &one_key)),
            Self::Unsigned(value) => Err(Fault::invalid_type(Unexpected::Unsigned(value), &one_key)),
            Self::Float(value) => Err(Fault::invalid_type(Unexpected::Float(value), &one_key)),
            Self::List(_) => Err(Fault::invalid_type(Unexpected::Seq, &one_key)),
            Self::Map(map) => {
                Err(Fault::invalid_type(Unexpected::Other(&format!("a map with {} keys", map.len())), &one_key))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
