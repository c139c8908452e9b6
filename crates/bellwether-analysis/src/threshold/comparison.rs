use core::fmt;

use serde::{Deserialize, Serialize};

use crate::SpecError;

/// Compares a number with a limit. What is not a number is on no side of any limit.
///
/// # Example: as it is written
///
/// ```
/// use bellwether_analysis::threshold::Comparison;
///
/// let comparison: Comparison = serde_json::from_str(r#"{"at_most": 0.01}"#)?;
/// assert!(comparison.holds(0.01) && !comparison.holds(0.02) && !comparison.holds(f64::NAN));
/// assert_eq!(comparison.to_string(), "at most 0.01");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a number is on one side of a limit, on the other, or on it")]
pub enum Comparison {
    /// Less than the limit.
    Below(f64),
    /// The limit or less.
    AtMost(f64),
    /// More than the limit.
    Above(f64),
    /// The limit or more.
    AtLeast(f64),
}

impl Comparison {
    /// Whether it holds for a number.
    #[must_use]
    pub fn holds(self, number: f64) -> bool {
        match self {
            Self::Below(limit) => number < limit,
            Self::AtMost(limit) => number <= limit,
            Self::Above(limit) => number > limit,
            Self::AtLeast(limit) => number >= limit,
        }
    }

    /// What the number is compared with.
    #[must_use]
    pub const fn limit(self) -> f64 {
        match self {
            Self::Below(limit) | Self::AtMost(limit) | Self::Above(limit) | Self::AtLeast(limit) => limit,
        }
    }

    pub(crate) fn check(self, field: &str) -> Result<(), SpecError> {
        if self.limit().is_finite() {
            return Ok(());
        }
        Err(SpecError::number(field, "a finite number", self.limit()))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Below(_) => "below",
            Self::AtMost(_) => "at most",
            Self::Above(_) => "above",
            Self::AtLeast(_) => "at least",
        };
        write!(formatter, "{words} {}", self.limit())
    }
}
