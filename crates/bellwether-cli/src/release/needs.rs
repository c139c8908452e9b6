use bellwether_core::{Capabilities, Cohort, CohortName, Weight};
use bellwether_strategy::{ChangeKind, CohortStep, Irreversible, Needs, OnDeadline};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{check_precision, strategy::ShareBake};
use crate::complaint::Complaint;

/// What a choice between strategies must know about the change, and about what stands ready for it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "Needs")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NeedsDocument {
    /// What the change is about.
    kind: ChangeKind,
    /// Whether it repairs something that hurts users now, so that waiting costs more than it saves.
    emergency: bool,
    /// Whether old and new must never serve side by side, as with a breaking change.
    full_cutover: bool,
    /// What the flag store can do, where the change is behind a flag.
    pub(crate) flag: Option<Capabilities>,
    /// The groups of users that may meet the change before others, smallest first.
    cohorts: Vec<Group>,
    /// What cannot be undone, where something cannot.
    irreversible: Option<Irreversible>,
}

/// A group of users that may meet the change before others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Group {
    /// How the router or the flag store knows it.
    name: CohortName,
    /// The share of the traffic that it stands for, in basis points.
    size: Weight,
    /// Whether stable has a control group of the same kind and size, so that the two can be compared.
    #[serde(default)]
    matched: bool,
    /// How long it bakes.
    bake: ShareBake,
    /// What happens when the evidence is still inconclusive at the end of the bake.
    #[serde(default)]
    on_inconclusive: OnDeadline,
}

impl NeedsDocument {
    /// The needs.
    pub(crate) fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        needs.kind = self.kind;
        needs.emergency = self.emergency;
        needs.full_cutover = self.full_cutover;
        needs.flag.clone_from(&self.flag);
        needs.cohorts = self.cohorts.iter().map(Group::step).collect();
        needs.irreversible.clone_from(&self.irreversible);
        needs
    }

    /// Refuses numbers that mean nothing. A group that no router could serve is a matter of the strategy.
    pub(super) fn check(&self) -> Result<(), Complaint> {
        if let Some(store) = &self.flag {
            check_precision(store.precision, "$.needs.flag.precision")?;
        }
        let mut before = Weight::ZERO;
        for (index, group) in self.cohorts.iter().enumerate() {
            let at = |field: &str| format!("$.needs.cohorts[{index}].{field}");
            if group.size <= before {
                let message = format_args!("expected more than the {before} before it, found {}", group.size);
                return Err(Complaint::new("invalid", at("size"), message));
            }
            if group.bake.max() < group.bake.min {
                let (min, max) = (group.bake.min, group.bake.max());
                let message = format_args!("expected at least bake.min ({min}), found {max}");
                return Err(Complaint::new("invalid", at("bake.max"), message));
            }
            before = group.size;
        }
        Ok(())
    }
}

impl Group {
    fn step(&self) -> CohortStep {
        let cohort = Cohort { name: self.name.clone(), size: self.size, matched: self.matched };
        let step = CohortStep::new(cohort, self.bake.min).with_bake_max(self.bake.max());
        step.on_inconclusive(self.on_inconclusive)
    }
}
