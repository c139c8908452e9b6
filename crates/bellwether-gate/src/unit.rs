use core::fmt;

use serde::{Deserialize, Serialize};

/// What a number is measured in.
///
/// A bound and a measurement of the same kind are compared even when one is in percent and the other a fraction;
/// anything else is not guessed. "0.1" of an error rate is two very different things.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A fraction of one: 0.01 is one percent.
    Ratio,
    /// Hundredths: 1 is one percent.
    Percent,
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Events a second.
    PerSecond,
    /// Events a minute.
    PerMinute,
}

/// What a unit measures; only units of one dimension are comparable.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Dimension {
    Fraction,
    Time,
    Rate,
}

impl Unit {
    /// Whether numbers in the two units can be compared.
    #[must_use]
    pub fn is_comparable(self, other: Self) -> bool {
        self.dimension() == other.dimension()
    }

    /// The number in the largest unit of its dimension.
    ///
    /// Division, because 7 / 100 is the float that somebody means who writes 0.07, and 0.07 · 100 is not 7.
    pub(crate) fn in_largest(self, number: f64) -> f64 {
        number / self.divisor()
    }

    /// The number, given in the largest unit of the dimension, in this unit.
    pub(crate) fn out_of_largest(self, number: f64) -> f64 {
        number * self.divisor()
    }

    const fn divisor(self) -> f64 {
        match self {
            Self::Ratio | Self::Seconds | Self::PerSecond => 1.0,
            Self::Percent => 100.0,
            Self::Milliseconds => 1_000.0,
            Self::PerMinute => 60.0,
        }
    }

    const fn dimension(self) -> Dimension {
        match self {
            Self::Ratio | Self::Percent => Dimension::Fraction,
            Self::Milliseconds | Self::Seconds => Dimension::Time,
            Self::PerSecond | Self::PerMinute => Dimension::Rate,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Ratio => "fraction of one",
            Self::Percent => "%",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::PerSecond => "/s",
            Self::PerMinute => "/min",
        })
    }
}
