use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A measured value, or the bound that it is compared with.
///
/// Written as plain JSON: `0.004`, `412` or `true`. `null` reads as a number that is none (NaN), because that is what
/// JSON makes of one, and no condition ever passes or fails on it.
///
/// # Example: the three kinds
/// ```
/// use bellwether_gate::Reading;
///
/// let readings: Vec<Reading> = serde_json::from_str("[0.004, 412, true]")?;
/// assert_eq!(readings, [Reading::Number(0.004), Reading::Count(412), Reading::Flag(true)]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A number.
    Number(f64),
    /// How many.
    Count(u64),
    /// Whether it holds.
    Flag(bool),
}

impl Reading {
    /// The reading as a number; a flag is none.
    #[must_use]
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Count(count) => Some(count as f64),
            Self::Flag(_) => None,
        }
    }

    /// Whether it can be compared: everything but NaN and the infinities.
    #[must_use]
    pub const fn is_finite(self) -> bool {
        match self {
            Self::Number(number) => number.is_finite(),
            Self::Count(_) | Self::Flag(_) => true,
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Flag(flag) => write!(formatter, "{flag}"),
        }
    }
}

impl From<f64> for Reading {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Reading {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<bool> for Reading {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Number(number) if !number.is_finite() => serializer.serialize_unit(),
            Self::Number(number) => serializer.serialize_f64(number),
            Self::Count(count) => serializer.serialize_u64(count),
            Self::Flag(flag) => serializer.serialize_bool(flag),
        }
    }
}

impl<'de> Deserialize<'de> for Reading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

/// Takes the kind that the document wrote; nothing is tried in turn.
struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Reading;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number, a count, true, false or null")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Reading, E> {
        Ok(Reading::Flag(flag))
    }

    fn visit_u64<E>(self, count: u64) -> Result<Reading, E> {
        Ok(Reading::Count(count))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Reading, E> {
        Ok(u64::try_from(number).map_or(Reading::Number(number as f64), Reading::Count))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Reading, E> {
        Ok(Reading::Number(number))
    }

    fn visit_unit<E>(self) -> Result<Reading, E> {
        Ok(Reading::Number(f64::NAN))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Reading {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Reading".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["number", "boolean", "null"], "description": "A number, a count or a flag; null is no number at all."
        })
    }
}
