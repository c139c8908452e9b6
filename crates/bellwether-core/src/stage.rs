use core::fmt;

use serde::{Deserialize, Serialize};

use crate::RolloutId;

/// One stay at one exposure: which rollout, which step, and the how-manieth entry into that step.
///
/// Evidence carries its stage, so that what was seen at another exposure, or in another rollout, can never let this
/// one go forward.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StageId {
    /// The rollout.
    pub rollout: RolloutId,
    /// The step's index in its plan, from 0.
    pub step: u32,
    /// How often the step had been entered before; 0 on the first entry.
    pub entry: u32,
}

impl fmt::Display for StageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}.{}", self.rollout, self.step, self.entry)
    }
}
