//! Finds floats that JSON cannot hold, and names their place.
//!
//! `serde_json` writes them as `null`; this serializer walks the same value first and writes nothing.

use std::fmt;

use serde::{Serialize, ser};

/// Names the place of a float that JSON cannot hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotFinite {
    /// The places from the inside out, each with its separator.
    path: Vec<String>,
    found: String,
}

impl NotFinite {
    /// The place, such as `$.findings[0].figures[1].value`.
    #[must_use]
    pub fn at(&self) -> String {
        self.path.iter().rev().fold(String::from("$"), |path, place| path + place)
    }

    fn new(found: impl fmt::Display) -> Self {
        Self { path: Vec::new(), found: format!("expected a finite number, found {found}") }
    }

    pub(crate) fn other(error: &dyn fmt::Display) -> Self {
        Self { path: Vec::new(), found: error.to_string() }
    }

    fn within(mut self, place: impl FnOnce() -> String) -> Self {
        self.path.push(place());
        self
    }

    fn in_field(self, name: &str) -> Self {
        self.within(|| format!(".{name}"))
    }
}

impl fmt::Display for NotFinite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.at(), self.found)
    }
}

impl std::error::Error for NotFinite {}

impl ser::Error for NotFinite {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::other(&message)
    }
}

pub(crate) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), NotFinite> {
    value.serialize(Finite)
}

struct Finite;

/// A list or an object that is walked; keeps the place of what comes next.
struct Walk {
    index: usize,
    key: String,
    variant: Option<&'static str>,
}

impl Walk {
    const fn new(variant: Option<&'static str>) -> Self {
        Self { index: 0, key: String::new(), variant }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotFinite> {
        let index = self.index;
        self.index = index.saturating_add(1);
        check(value).map_err(|error| self.enclose(error.within(|| format!("[{index}]"))))
    }

    fn field<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<(), NotFinite> {
        check(value).map_err(|error| self.enclose(error.in_field(name)))
    }

    fn enclose(&self, error: NotFinite) -> NotFinite {
        match self.variant {
            Some(variant) => error.in_field(variant),
            None => error,
        }
    }
}

macro_rules! nothing_to_find {
    ($($method:ident: $type:ty,)*) => {$(
        fn $method(self, _: $type) -> Result<(), NotFinite> {
            Ok(())
        }
    )*};
}

impl ser::Serializer for Finite {
    type Ok = ();
    type Error = NotFinite;
    type SerializeSeq = Walk;
    type SerializeTuple = Walk;
    type SerializeTupleStruct = Walk;
    type SerializeTupleVariant = Walk;
    type SerializeMap = Walk;
    type SerializeStruct = Walk;
    type SerializeStructVariant = Walk;

    nothing_to_find! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_f32(self, value: f32) -> Result<(), NotFinite> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), NotFinite> {
        if value.is_finite() { Ok(()) } else { Err(NotFinite::new(value)) }
    }

    fn serialize_none(self) -> Result<(), NotFinite> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NotFinite> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), NotFinite> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), NotFinite> {
        check(value).map_err(|error| error.in_field(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Walk, NotFinite> {
        Ok(Walk::new(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Walk, NotFinite> {
        Ok(Walk::new(None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Walk, NotFinite> {
        Ok(Walk::new(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Walk, NotFinite> {
        Ok(Walk::new(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Walk, NotFinite> {
        Ok(Walk::new(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Walk, NotFinite> {
        Ok(Walk::new(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Walk, NotFinite> {
        Ok(Walk::new(Some(variant)))
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident,)*) => {$(
        impl ser::$trait for Walk {
            type Ok = ();
            type Error = NotFinite;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotFinite> {
                self.element(value)
            }

            fn end(self) -> Result<(), NotFinite> {
                Ok(())
            }
        }
    )*};
}

lists! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

macro_rules! structs {
    ($($trait:ident,)*) => {$(
        impl ser::$trait for Walk {
            type Ok = ();
            type Error = NotFinite;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), NotFinite> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), NotFinite> {
                Ok(())
            }
        }
    )*};
}

structs! {
    SerializeStruct,
    SerializeStructVariant,
}

impl ser::SerializeMap for Walk {
    type Ok = ();
    type Error = NotFinite;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotFinite> {
        self.key = serde_json::to_string(key).unwrap_or_default();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotFinite> {
        self.field(self.key.trim_matches('"'), value)
    }

    fn end(self) -> Result<(), NotFinite> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(f64),
        Tuple(f64, f64),
        Struct { inner: Option<f64> },
    }

    fn place(value: &impl Serialize) -> String {
        check(value).unwrap_err().at()
    }

    #[test]
    fn every_kind_of_place_is_named() {
        assert_eq!(place(&f64::NAN), "$");
        assert_eq!(place(&f32::INFINITY), "$");
        assert_eq!(place(&[0.0, f64::NEG_INFINITY]), "$[1]");
        assert_eq!(place(&(1, f64::NAN)), "$[1]");
        assert_eq!(place(&Shape::Newtype(f64::NAN)), "$.Newtype");
        assert_eq!(place(&Shape::Tuple(0.5, f64::NAN)), "$.Tuple[1]");
        assert_eq!(place(&Shape::Struct { inner: Some(f64::NAN) }), "$.Struct.inner");
        assert_eq!(place(&BTreeMap::from([("errors", vec![f64::NAN])])), "$.errors[0]");
        assert_eq!(place(&BTreeMap::from([(7, f64::NAN)])), "$.7");
    }

    #[test]
    fn finite_values_are_let_through() {
        let shapes =
            [Shape::Unit, Shape::Newtype(-0.0), Shape::Tuple(f64::MIN, f64::MAX), Shape::Struct { inner: None }];
        assert_eq!(check(&(shapes, "text", BTreeMap::from([(1_u8, f64::MIN_POSITIVE)]))), Ok(()));
    }
}
