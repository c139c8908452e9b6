use serde::{Deserialize, Serialize};

use crate::dependence::Dependence;
use crate::spec_error::SpecError;

/// Says what must be excluded before a treatment passes: a rate of `harm` times the control's that is also above
/// `acceptable`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PassSpec {
    /// How events may depend on each other.
    pub dependence: Dependence,
    /// The ratio of the rates that must not pass, at least 1 and at most 1000.
    ///
    /// Also where rates are large it is a ratio of rates and not of odds.
    pub harm: f64,
    /// The treatment's own rate up to which it passes whatever the ratio is, at least 1e-12 and below 1.
    ///
    /// Where there are no events at all no ratio can be certified; this is what can.
    pub acceptable: f64,
}

impl PassSpec {
    /// Checks every field, so that a configuration can be refused before anything runs.
    ///
    /// # Errors
    ///
    /// Returns the first field that no test can be built from.
    pub fn check(&self) -> Result<(), SpecError> {
        self.dependence.check()?;
        SpecError::check_ratio("harm", self.harm)?;
        SpecError::check_rate("acceptable", self.acceptable)
    }
}

/// Clustered, harm 2, acceptable 0.5 %.
impl Default for PassSpec {
    fn default() -> Self {
        Self { dependence: Dependence::Clustered, harm: 2.0, acceptable: 0.005 }
    }
}
