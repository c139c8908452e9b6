use serde::{Deserialize, Serialize};

use crate::direction::Direction;
use crate::spec_error::SpecError;

/// Says what counts as harm where single values were sampled.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RankSpec {
    /// Which values are the worse ones.
    pub direction: Direction,
    /// The part of itself by which a value of the treatment may be worse, at least 0 and at most 10.
    ///
    /// Without any, hosts that differ by 5 % raise an alarm in three of four rollouts.
    pub value_tolerance: f64,
    /// After how many intervals the test should be at its best, at least 1; it stays valid at every other.
    pub planned_intervals: u32,
    /// The error probability that it should be at its best for, above 0 and at most 0.5.
    pub alpha: f64,
}

impl RankSpec {
    /// Checks every field, so that a configuration can be refused before anything runs.
    ///
    /// # Errors
    ///
    /// Returns the first field that no test can be built from.
    pub fn check(&self) -> Result<(), SpecError> {
        SpecError::check_part("value_tolerance", self.value_tolerance)?;
        if self.planned_intervals == 0 {
            return Err(SpecError { field: "planned_intervals", expected: "at least 1", found: 0.0 });
        }
        if !(1e-12..=0.5).contains(&self.alpha) {
            return Err(SpecError { field: "alpha", expected: "1e-12 to 0.5", found: self.alpha });
        }
        Ok(())
    }

    /// The variance of the prior that makes the test best at a variance of the statistic that is planned (Howard et al.
    /// 2021, section 3.5): `V / (2 ln(1 / alpha) + ln(1 + 2 ln(1 / alpha)))`.
    pub(crate) fn prior(&self, variance: f64) -> f64 {
        let twice = -2.0 * libm::log(self.alpha);
        f64::from(self.planned_intervals) * variance / (twice + libm::log1p(twice))
    }
}

/// Higher is worse, a tenth of the value, an hour of minutes, alpha 1 %.
impl Default for RankSpec {
    fn default() -> Self {
        Self { direction: Direction::HigherIsWorse, value_tolerance: 0.1, planned_intervals: 60, alpha: 0.01 }
    }
}
