use serde::{Deserialize, Serialize};

use crate::dependence::Dependence;
use crate::direction::Direction;
use crate::spec_error::SpecError;

/// Says what counts as harm where values such as latencies are compared: more values beyond an edge than tolerated, by
/// more than a tolerated part of the value.
///
/// Two tolerances, because they cover different things: hosts differ a little in speed for ever, which a part of the
/// value covers, and now and then one has a bad moment, which a ratio of the odds covers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValueSpec {
    /// How the values beyond an edge may depend on each other.
    pub dependence: Dependence,
    /// Which values are the worse ones.
    pub direction: Direction,
    /// The ratio of the odds of a value beyond an edge up to which the treatment is not worse, at least 1 and at most
    /// 1000.
    pub tolerance: f64,
    /// The part of itself by which a value of the treatment may be worse, at least 0 and at most 10.
    ///
    /// At least twice the spread between hosts over the square root of the treatment's hosts; inside it nothing is
    /// found, on purpose.
    pub value_tolerance: f64,
}

impl ValueSpec {
    /// Checks every field, so that a configuration can be refused before anything runs.
    ///
    /// # Errors
    ///
    /// Returns the first field that no test can be built from.
    pub fn check(&self) -> Result<(), SpecError> {
        self.dependence.check()?;
        SpecError::check_ratio("tolerance", self.tolerance)?;
        SpecError::check_part("value_tolerance", self.value_tolerance)
    }
}

/// Clustered, higher is worse, tolerance 1.1, a tenth of the value.
impl Default for ValueSpec {
    fn default() -> Self {
        Self {
            dependence: Dependence::Clustered,
            direction: Direction::HigherIsWorse,
            tolerance: 1.1,
            value_tolerance: 0.1,
        }
    }
}
