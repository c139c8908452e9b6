use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, de};

/// Holds one arm's values in the order of time. A missing one is not a number: `"NaN"` or null in Kayenta's documents.
///
/// Infinities are kept, because Kayenta's tests rank them like any other value.
///
/// # Example: a gap
///
/// ```
/// use bellwether_analysis::kayenta::Points;
///
/// let points: Points = serde_json::from_str(r#"[1.5, "NaN", null, 2]"#)?;
/// assert_eq!(points.0.iter().filter(|value| value.is_nan()).count(), 2);
/// assert!(serde_json::from_str::<Points>(r#"["much"]"#).is_err(), "a word is no missing value");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a list of values, whatever they are")]
pub struct Points(pub Vec<f64>);

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = Vec::<Point>::deserialize(deserializer)?;
        Ok(Self(points.into_iter().map(|point| point.0).collect()))
    }
}

struct Point(f64);

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Value).map(Self)
    }
}

struct Value;

impl de::Visitor<'_> for Value {
    type Value = f64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number, \"NaN\" or null")
    }

    fn visit_unit<E>(self) -> Result<f64, E> {
        Ok(f64::NAN)
    }

    fn visit_none<E>(self) -> Result<f64, E> {
        Ok(f64::NAN)
    }

    fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
        match text {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }
}
