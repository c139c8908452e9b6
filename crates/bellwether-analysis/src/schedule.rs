use serde::{Deserialize, Serialize};

use crate::SpecError;

/// The plan as far as the evidence of harm needs it: half of the mass is bet at the start, a quarter at the starts of
/// the later steps and a quarter at the start of each hour.
///
/// It must be fixed before the data. A plan of another length than stated stays valid; it only finds late faults more
/// slowly.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Schedule {
    /// How many steps the plan has.
    pub steps: u32,
    /// How many hours its bakes last at most, together.
    pub hours: u32,
}

/// Four steps within a day.
impl Default for Schedule {
    fn default() -> Self {
        Self { steps: 4, hours: 24 }
    }
}

impl Schedule {
    pub(crate) fn check(self) -> Result<(), SpecError> {
        if self.steps == 0 {
            return Err(SpecError::number("schedule.steps", "at least 1", 0.0));
        }
        if self.hours == 0 {
            return Err(SpecError::number("schedule.hours", "at least 1", 0.0));
        }
        Ok(())
    }
}
