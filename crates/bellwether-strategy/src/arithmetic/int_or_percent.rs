use alloc::{borrow::ToOwned, format, string::String};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{ArithmeticError, number};

const EXPECTED: &str = "a whole number or a percentage such as \"25%\"";

/// A number of pods, or a text that should be a percentage of them: Kubernetes' `IntOrString`.
///
/// The text is only understood when it is resolved, because the systems understand it differently and some ignore
/// one that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IntOrPercent {
    /// So many pods.
    Count(i32),
    /// A text as it was written, such as `25%`.
    Text(String),
}

/// Whether a share of the pods is rounded up or down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rounding {
    Up,
    Down,
}

impl IntOrPercent {
    /// The percentage with that many hundredths.
    #[must_use]
    pub fn percent(percent: i32) -> Self {
        Self::Text(format!("{percent}%"))
    }

    /// The number of pods out of a total, by the rules of `GetScaledValueFromIntOrPercent`: a text must be a whole
    /// number before one `%`.
    pub(super) fn scaled(&self, field: &'static str, total: i32, rounding: Rounding) -> Result<i32, ArithmeticError> {
        self.resolve(|text| text.strip_suffix('%')?.parse().ok(), |percent| share(percent, total, rounding), field)
    }

    /// The number of pods out of a total, by the rules of the older `GetValueFromIntOrPercent`: every `%` in a text is
    /// passed over, and the rest is a percentage even where there was none, so that `25` is 25 %.
    pub(super) fn lenient(&self, field: &'static str, total: i32, rounding: Rounding) -> Result<i32, ArithmeticError> {
        self.resolve(|text| text.replace('%', "").parse().ok(), |percent| share(percent, total, rounding), field)
    }

    fn resolve(
        &self,
        parse: impl FnOnce(&str) -> Option<i64>,
        share: impl FnOnce(i64) -> i32,
        field: &'static str,
    ) -> Result<i32, ArithmeticError> {
        match self {
            Self::Count(count) => Ok(*count),
            Self::Text(text) => {
                parse(text).map(share).ok_or_else(|| ArithmeticError::new(field, EXPECTED, format_args!("{text:?}")))
            }
        }
    }
}

/// `percent` hundredths of `total`, in the original's order of operations: `int32(int(math.Ceil(p * t / 100)))`.
fn share(percent: i64, total: i32, rounding: Rounding) -> i32 {
    let exact = percent as f64 * f64::from(total) / 100.0;
    number::wrap(match rounding {
        Rounding::Up => number::ceil(exact),
        Rounding::Down => number::floor(exact),
    })
}

impl fmt::Display for IntOrPercent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl Serialize for IntOrPercent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_i32(*count),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrPercent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = IntOrPercent;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<IntOrPercent, E> {
        let count = i32::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))?;
        Ok(IntOrPercent::Count(count))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<IntOrPercent, E> {
        let count = i32::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))?;
        Ok(IntOrPercent::Count(count))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<IntOrPercent, E> {
        Ok(IntOrPercent::Text(text.to_owned()))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for IntOrPercent {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "IntOrPercent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number of pods, or a percentage of them as a text such as \"25%\".",
            "type": ["integer", "string"],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scaled(text: &str) -> Option<i32> {
        IntOrPercent::Text(text.into()).scaled("x", 10, Rounding::Up).ok()
    }

    fn lenient(text: &str) -> Option<i32> {
        IntOrPercent::Text(text.into()).lenient("x", 10, Rounding::Up).ok()
    }

    /// By reading `getIntOrPercentValueSafely`, `getIntOrPercentValue` and Go's `strconv.Atoi`.
    #[test]
    fn a_text_is_understood_as_each_reader_does() {
        for (text, safely, loosely) in [
            ("25%", Some(3), Some(3)),
            ("+25%", Some(3), Some(3)),
            ("-25%", Some(-2), Some(-2)),
            ("250%", Some(25), Some(25)),
            ("025%", Some(3), Some(3)),
            ("25", None, Some(3)),
            ("2%5", None, Some(3)),
            ("25%%", None, Some(3)),
            ("%25", None, Some(3)),
            (" 25%", None, None),
            ("2.5%", None, None),
            ("1_0%", None, None),
            ("%", None, None),
            ("-%", None, None),
            ("", None, None),
            ("oops", None, None),
            ("9223372036854775808%", None, None),
        ] {
            assert_eq!((scaled(text), lenient(text)), (safely, loosely), "{text:?}");
        }
    }

    #[test]
    fn a_text_that_is_no_percentage_is_named_and_shown() {
        let error = IntOrPercent::Text("oops".into()).scaled("max_surge", 10, Rounding::Up).unwrap_err();
        assert_eq!(
            alloc::string::ToString::to_string(&error),
            "max_surge: expected a whole number or a percentage such as \"25%\", found \"oops\""
        );
        assert_eq!((error.field(), error.found()), ("max_surge", "\"oops\""));
    }

    proptest! {
        /// Checked against exact integers wherever the original's `float64` is exact: below 2^53.
        #[test]
        fn a_share_is_the_exact_one_rounded(percent in -10_000_i64..10_000, total in any::<i32>()) {
            let exact = percent * i64::from(total);
            let (down, up) = (exact.div_euclid(100), -(-exact).div_euclid(100));
            prop_assert_eq!(share(percent, total, Rounding::Down), number::wrap(down));
            prop_assert_eq!(share(percent, total, Rounding::Up), number::wrap(up));
        }

        #[test]
        fn any_text_and_total_resolve_or_are_refused(text in "[0-9+%-]{0,24}|.{0,6}", total in any::<i32>()) {
            let value = IntOrPercent::Text(text.clone());
            let safely = value.scaled("x", total, Rounding::Up);
            prop_assert!(safely.is_err() || value.lenient("x", total, Rounding::Up) == safely, "what is strict is also lenient: {}", text);
        }
    }
}
