use serde::{Deserialize, Serialize};

use crate::direction::Direction;
use crate::spec_error::SpecError;

/// Says what counts as harm where instances are compared by a gauge, such as their memory.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GaugeSpec {
    /// Which values are the worse ones.
    pub direction: Direction,
    /// The part of itself by which a value of the treatment may be worse, at least 0 and at most 10.
    ///
    /// What the control's instances differ by may need more, which is then taken instead.
    pub value_tolerance: f64,
}

impl GaugeSpec {
    /// Checks every field, so that a configuration can be refused before anything runs.
    ///
    /// # Errors
    ///
    /// Returns the first field that no test can be built from.
    pub fn check(&self) -> Result<(), SpecError> {
        SpecError::check_part("value_tolerance", self.value_tolerance)
    }
}

/// Higher is worse, a quarter of the value.
impl Default for GaugeSpec {
    fn default() -> Self {
        Self { direction: Direction::HigherIsWorse, value_tolerance: 0.25 }
    }
}
