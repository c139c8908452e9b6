use core::fmt;

use serde::{Deserialize, Serialize};

use crate::counted::Counted;

/// Says which number of an interval is compared.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the candidate alone, and the ways to compare it with stable")]
pub enum Quantity {
    /// The candidate's error rate.
    #[default]
    Rate,
    /// The candidate's error rate in parts of stable's.
    Ratio,
    /// The candidate's error rate less stable's.
    Difference,
}

impl Quantity {
    /// The number; nothing where an arm that it needs had no request, or where both rates of a ratio are zero.
    pub(crate) fn of(self, interval: &Counted) -> Option<f64> {
        let candidate = interval.candidate.rate()?;
        let number = match self {
            Self::Rate => candidate,
            Self::Ratio => candidate / interval.stable.rate()?,
            Self::Difference => candidate - interval.stable.rate()?,
        };
        (!number.is_nan()).then_some(number)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Rate => "rate",
            Self::Ratio => "ratio to stable",
            Self::Difference => "difference to stable",
        })
    }
}
