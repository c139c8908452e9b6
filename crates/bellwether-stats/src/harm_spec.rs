use serde::{Deserialize, Serialize};

use crate::dependence::Dependence;
use crate::spec_error::SpecError;

/// Says what counts as harm: a rate above `tolerance` times the control's that is also above `floor`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HarmSpec {
    /// How events may depend on each other.
    pub dependence: Dependence,
    /// The ratio of the rates up to which the treatment is not worse, at least 1 and at most 1000.
    ///
    /// Where rates are so large that it matters and events cluster, it is a ratio of odds.
    pub tolerance: f64,
    /// The treatment's own rate up to which nobody minds, at least 1e-12 and below 1.
    pub floor: f64,
}

impl HarmSpec {
    /// Checks every field, so that a configuration can be refused before anything runs.
    ///
    /// # Errors
    ///
    /// Returns the first field that no test can be built from.
    pub fn check(&self) -> Result<(), SpecError> {
        self.dependence.check()?;
        SpecError::check_ratio("tolerance", self.tolerance)?;
        SpecError::check_rate("floor", self.floor)
    }
}

/// Clustered, tolerance 1.5, floor 1e-4: what holds while nothing is known of a service.
///
/// Noise of one arm that lasts over intervals is outside the error bound and a tolerance of 1.5 covers most of it;
/// nothing of three times the rate or more is lost by it.
impl Default for HarmSpec {
    fn default() -> Self {
        Self { dependence: Dependence::Clustered, tolerance: 1.5, floor: 1e-4 }
    }
}
