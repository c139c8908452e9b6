use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::fmt;

use serde::{Deserialize, Deserializer, de};

/// Holds what a provider answered to one measurement.
///
/// # Example: what a query may give
///
/// ```
/// use bellwether_analysis::argo::Measured;
///
/// let vector: Measured = serde_json::from_str(r#"[0.99, "NaN"]"#)?;
/// let failed: Measured = serde_json::from_str(r#"{"error": "time-out"}"#)?;
/// assert_eq!(failed, Measured::Error("time-out".into()));
/// assert!(matches!(vector, Measured::List(values) if values.len() == 2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a result is what JSON can say, or none")]
pub enum Measured {
    /// No value.
    Nil,
    /// True or false.
    Flag(bool),
    /// A number, which may be none.
    Number(f64),
    /// A text.
    Text(String),
    /// Several values, as Prometheus gives them.
    List(Vec<Measured>),
    /// Values with names, as a web metric gives them.
    Map(BTreeMap<String, Measured>),
    /// The provider did not answer: an object with the one field `error`.
    Error(String),
}

impl<'de> Deserialize<'de> for Measured {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> de::Visitor<'de> for Values {
    type Value = Measured;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number, a list of numbers, or a map with `error`")
    }

    fn visit_unit<E>(self) -> Result<Measured, E> {
        Ok(Measured::Nil)
    }

    fn visit_none<E>(self) -> Result<Measured, E> {
        Ok(Measured::Nil)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Measured, E> {
        Ok(Measured::Flag(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Measured, E> {
        Ok(Measured::Number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Measured, E> {
        Ok(Measured::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Measured, E> {
        Ok(Measured::Number(value))
    }

    /// Words that JSON has no number for are numbers, as in Prometheus' own answers.
    fn visit_str<E>(self, text: &str) -> Result<Measured, E> {
        Ok(match text {
            "NaN" => Measured::Number(f64::NAN),
            "+Inf" | "Inf" | "Infinity" => Measured::Number(f64::INFINITY),
            "-Inf" | "-Infinity" => Measured::Number(f64::NEG_INFINITY),
            other => Measured::Text(other.into()),
        })
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Measured, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Measured::List(values))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Measured, A::Error> {
        let mut values: BTreeMap<String, Measured> = BTreeMap::new();
        while let Some((name, value)) = access.next_entry()? {
            values.insert(name, value);
        }
        match values.get("error") {
            Some(Measured::Text(error)) if values.len() == 1 => Ok(Measured::Error(error.clone())),
            Some(_) | None => Ok(Measured::Map(values)),
        }
    }
}
