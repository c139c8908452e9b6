use serde::{Deserialize, Serialize};

use crate::SpecError;

/// How the values of stable were distributed before the rollout: it fixes where distributions are compared.
///
/// Without it the first hundred values of stable during the rollout are used for nothing else.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Usual {
    /// The value that 5 % of the values are at most.
    pub p5: f64,
    /// The value that 90 % are at most.
    pub p90: f64,
    /// The value that 99 % are at most.
    pub p99: f64,
    /// The value that 99.9 % are at most.
    pub p999: f64,
}

impl Usual {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        let mut below = f64::MIN;
        for (field, found) in
            [("usual.p5", self.p5), ("usual.p90", self.p90), ("usual.p99", self.p99), ("usual.p999", self.p999)]
        {
            if !(found.is_finite() && found >= below) {
                return Err(SpecError::number(field, "a finite number, not below the one before", found));
            }
            below = found;
        }
        Ok(())
    }
}
