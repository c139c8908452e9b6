use serde::{Deserialize, Serialize};

use crate::spec_error::SpecError;

/// Says how events of one arm may depend on each other.
///
/// It is the assumption the error bound stands on: bursts of 5 to 20 errors give a test for independent requests
/// 40 to 66 % false alarms.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "whoever judges decides on every kind of dependence")]
pub enum Dependence {
    /// Events come in bursts of any size that end within their interval.
    ///
    /// An interval then counts as one observation, so a verdict needs several intervals however many events they hold.
    #[default]
    Clustered,
    /// No burst is larger than this many events; a bound, not an estimate.
    BurstsUpTo(u32),
    /// Each request fails on its own, or the arm is drawn anew for each request and does not affect its outcome.
    Independent,
}

impl Dependence {
    /// The largest burst that counts as one event, or `None` if the whole interval does.
    pub(crate) fn burst(self) -> Option<f64> {
        match self {
            Self::Clustered => None,
            Self::BurstsUpTo(bound) => Some(f64::from(bound)),
            Self::Independent => Some(1.0),
        }
    }

    pub(crate) fn check(self) -> Result<(), SpecError> {
        if self == Self::BurstsUpTo(0) {
            return Err(SpecError { field: "dependence.bursts_up_to", expected: "at least 1", found: 0.0 });
        }
        Ok(())
    }
}
