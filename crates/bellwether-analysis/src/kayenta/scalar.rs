//! What Kayenta's configuration may hold where one value is expected: its own reader turns every value into a text and
//! that text into what it wants.

use alloc::string::{String, ToString};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};

/// A word; a number or a flag becomes its text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Word(pub(super) String);

/// A number, or a text that is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number(pub(super) f64);

/// True or false, or a text that is one of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar { expecting: "a word" }).map(Self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number: f64 = parsed(deserializer, "a number")?;
        if number.is_finite() {
            return Ok(Self(number));
        }
        Err(de::Error::invalid_value(de::Unexpected::Float(number), &"a finite number"))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "true or false").map(Self)
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D, expecting: &'static str) -> Result<T, D::Error> {
    let text = deserializer.deserialize_any(Scalar { expecting })?;
    let unread = || de::Error::invalid_value(de::Unexpected::Str(&text), &expecting);
    text.to_lowercase().parse().map_err(|_| unread())
}

struct Scalar {
    expecting: &'static str,
}

impl de::Visitor<'_> for Scalar {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expecting)
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_string())
    }

    fn visit_bool<E>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }
}
