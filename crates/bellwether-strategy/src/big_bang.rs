use alloc::vec;

use bellwether_core::{Basis, Decision, Duration, Finding, Level, Release, RolloutId, Route, StepId, Target, Weight};

use crate::{Bake, Capacity, Plan, PlanDraft, PlanError, Refusal, Step, Strategy, WayBack};

/// Everything at once: one step at 100 %, nothing to compare with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BigBang;

impl Strategy for BigBang {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        let id = |error| PlanError::new("$.id", "an identifier", error);
        let mut draft = PlanDraft::new(RolloutId::new(release.id.as_str()).map_err(id)?, release.arms.clone());
        draft.level = Some(release.level);
        draft.capacity = target.replicas.map(Capacity::of);
        draft.steps = vec![Step::new(
            StepId::new("full").map_err(id)?,
            Route::share(Weight::FULL),
            Basis::Time,
            Bake::at_least(Duration::ZERO),
        )];
        let plan = Plan::try_from(draft)?;
        WayBack::of(&plan).check(target)?;
        let decision = Decision::new(plan);
        if release.level <= Level::Low {
            return Ok(decision);
        }
        Ok(decision.because(
            Finding::warning("plan.big_bang", "a {level} risk change meets every user at once, without a comparison")
                .figure("level", alloc::format!("{}", release.level))
                .flips_when("a canary limits who meets it"),
        ))
    }
}
