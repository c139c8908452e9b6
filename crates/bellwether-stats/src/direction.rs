use serde::{Deserialize, Serialize};

/// Says which values are the worse ones.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "there are two directions")]
pub enum Direction {
    /// Large values, such as latencies.
    #[default]
    HigherIsWorse,
    /// Small values, such as a throughput.
    LowerIsWorse,
}

impl Direction {
    /// Turns a value so that a larger one is worse.
    pub(crate) fn badness(self, value: f64) -> f64 {
        match self {
            Self::HigherIsWorse => value,
            Self::LowerIsWorse => -value,
        }
    }

    /// Improves a value by a part of itself, which is what a tolerance on values does to the treatment's.
    pub(crate) fn improve(self, value: f64, tolerance: f64) -> f64 {
        match (self, value > 0.0) {
            (Self::HigherIsWorse, true) | (Self::LowerIsWorse, false) => value / (1.0 + tolerance),
            (Self::HigherIsWorse, false) | (Self::LowerIsWorse, true) => value * (1.0 + tolerance),
        }
    }
}
