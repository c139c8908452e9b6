use alloc::vec::Vec;

use bellwether_core::{Arms, Level, RolloutId, Version, Weight};
use serde::{Deserialize, Serialize};

use crate::{Capacity, Conduct, Floor, SCHEMA, Step};

/// A plan before its checks: what a file holds, or what a strategy puts together.
///
/// `Plan::try_from(draft)` checks it; `Plan::draft` gives it back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename = "Plan")]
pub struct PlanDraft {
    /// The version of this format.
    pub schema: u32,
    /// The rollout that the plan is for.
    pub id: RolloutId,
    /// What runs today and what shall run.
    pub arms: Arms<Version>,
    /// How risky the change is, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The exposures, in order.
    pub steps: Vec<Step>,
    /// How many units run; absent when somebody else scales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// How the rollout behaves beside its steps.
    #[serde(default)]
    pub conduct: Conduct,
    /// The smallest share that the router can express.
    #[serde(default = "one_basis_point")]
    pub precision: Weight,
    /// The step from which on stable cannot be gone back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
}

impl PlanDraft {
    /// A draft with the default conduct and no steps yet.
    #[must_use]
    pub fn new(id: RolloutId, arms: Arms<Version>) -> Self {
        Self {
            schema: SCHEMA,
            id,
            arms,
            level: None,
            steps: Vec::new(),
            capacity: None,
            conduct: Conduct::default(),
            precision: one_basis_point(),
            floor: None,
        }
    }
}

fn one_basis_point() -> Weight {
    Weight::new(1).unwrap_or(Weight::ZERO)
}
