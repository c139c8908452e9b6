use core::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};

/// How a measured number must stand to its bound.
///
/// Whether the bound itself is good enough is part of the operator, so it is always said.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Below the bound; the bound itself fails.
    Lt,
    /// At most the bound.
    Le,
    /// Above the bound; the bound itself fails.
    Gt,
    /// At least the bound.
    Ge,
    /// Exactly the bound: for counts and flags.
    Eq,
}

impl Operator {
    /// Whether a number that compares so with the bound is good enough.
    #[must_use]
    pub const fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
            Self::Eq => ordering.is_eq(),
        }
    }

    /// How far a number is on the good side of the bound; negative on the bad side.
    pub(crate) const fn margin(self, number: f64, bound: f64) -> f64 {
        match self {
            Self::Lt | Self::Le => bound - number,
            Self::Gt | Self::Ge => number - bound,
            // From zero, so that a number on the bound is not a negative zero away from it.
            Self::Eq => 0.0 - (number - bound).abs(),
        }
    }

    /// The name in rule names and in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Eq => "eq",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Eq => "=",
        })
    }
}
