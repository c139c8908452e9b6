use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::parse::parse;
use super::result::Measured;

/// Holds a condition on a result, such as `result[0] <= 0.05` or `len(result) > 0 && all(result, # < 500)`.
///
/// It understands comparisons, `+ - * / **`, `&&`, `||`, `!`, `??`, `? :`, `in`, indices and names, `len`, `isNaN`,
/// `isInf`, `isNil`, `default`, `asFloat`, `asInt`, `abs`, `max`, `min`, and `all`, `any`, `none`, `one`, `count` with
/// `#`. Anything else of the expression language is refused when it is read.
///
/// # Example: what holds, and what cannot be said
///
/// ```
/// use bellwether_analysis::argo::{Condition, Measured};
///
/// let condition: Condition = "result[0] >= 0.95".parse()?;
/// assert_eq!(condition.holds(&Measured::List(vec![Measured::Number(0.99)])), Ok(true));
/// assert!(condition.holds(&Measured::List(vec![])).is_err(), "an empty vector has no first value");
/// assert!("result.map(x => x)".parse::<Condition>().is_err());
/// # Ok::<(), bellwether_analysis::argo::ConditionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    expression: Expression,
}

/// Tells why a text is not a [`Condition`], or why one cannot be answered for a result.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected {expected} at character {at} of the condition, found {found}")]
#[non_exhaustive]
pub struct ConditionError {
    /// Where, in characters from 1.
    pub at: usize,
    /// What would have been understood.
    pub expected: &'static str,
    /// What was there.
    pub found: String,
}

/// What a condition is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Value(Measured),
    /// The whole result.
    Result,
    /// The value that `all` and its like are looking at.
    Each,
    Unary {
        sign: Unary,
        of: Box<Self>,
    },
    Binary {
        sign: Binary,
        sides: Box<[Self; 2]>,
    },
    Choice(Box<[Self; 3]>),
    Index(Box<[Self; 2]>),
    Call {
        function: Function,
        arguments: Vec<Self>,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unary {
    Not,
    Minus,
    Plus,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Binary {
    Or,
    And,
    OrElse,
    Equal,
    Different,
    Below,
    AtMost,
    Above,
    AtLeast,
    In,
    Plus,
    Minus,
    Times,
    Over,
    Power,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Function {
    Length,
    IsNan,
    IsInfinite,
    IsNil,
    Default,
    AsFloat,
    AsInteger,
    Absolute,
    Largest,
    Smallest,
    All,
    Any,
    None,
    One,
    Count,
}

impl Condition {
    /// Whether it holds for a result.
    ///
    /// # Errors
    ///
    /// What Argo Rollouts takes for an error of the measurement: an index that is not there, values that cannot be
    /// compared, an answer that is neither true nor false.
    pub fn holds(&self, result: &Measured) -> Result<bool, String> {
        let answer = self.expression.value(result, None)?;
        let Measured::Flag(holds) = answer else {
            return Err(format!("expected true or false, found {}", answer.kind()));
        };
        Ok(holds)
    }

    /// The condition as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl ConditionError {
    pub(super) fn new(at: usize, expected: &'static str, found: &str) -> Self {
        Self { at: at + 1, expected, found: format!("{found:?}") }
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        Ok(Self { text: text.into(), expression: parse(text)? })
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
