use bellwether_core::{Basis, Cohort, Duration, Route, StepId, Weight};

use crate::{Bake, OnDeadline, PlanError, Step};

/// One group of users of a phased rollout.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CohortStep {
    /// Who, and how much of the traffic they are.
    pub cohort: Cohort,
    /// How long it bakes.
    pub bake: Bake,
    /// What happens when the evidence is still inconclusive at `bake.max`.
    pub on_inconclusive: OnDeadline,
}

impl CohortStep {
    /// A group that has the candidate at least that long.
    #[must_use]
    pub fn new(cohort: Cohort, bake_min: Duration) -> Self {
        Self { cohort, bake: Bake::at_least(bake_min), on_inconclusive: OnDeadline::Human }
    }

    /// Sets how long inconclusive evidence is waited for.
    #[must_use]
    pub const fn with_bake_max(mut self, max: Duration) -> Self {
        self.bake.max = max;
        self
    }

    /// Sets what happens then.
    #[must_use]
    pub const fn on_inconclusive(mut self, then: OnDeadline) -> Self {
        self.on_inconclusive = then;
        self
    }

    /// The step of a plan. Only a cohort with a control group of its own kind can be compared.
    pub(crate) fn step(&self, index: usize) -> Result<Step, PlanError> {
        let at = |field: &str| alloc::format!("$.steps[{index}].{field}");
        if self.cohort.size == Weight::ZERO {
            let expected = "a declared size above 0 %, or the cohort would have no units";
            return Err(PlanError::new(&at("route.cohort.size"), expected, self.cohort.size));
        }
        let id = StepId::new(alloc::format!("cohort-{}", self.cohort.name));
        Ok(Step {
            on_inconclusive: self.on_inconclusive,
            ..Step::new(
                id.map_err(|error| PlanError::new(&at("id"), "an identifier", error))?,
                Route { share: Weight::ZERO, mirror: Weight::ZERO, cohort: Some(self.cohort.clone()) },
                if self.cohort.matched { Basis::Compare } else { Basis::Guard },
                self.bake,
            )
        })
    }
}
