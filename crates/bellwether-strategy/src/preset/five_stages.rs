use bellwether_core::{Decision, Duration, Release, StepId, Target, Weight};

use super::weight;
use crate::{Canary, CanaryStep, Conduct, Plan, PlanDraft, PlanError, Refusal, Step, Strategy};

/// `seed-003-five-stages`: infrastructure, integration, canary, partial and full rollout, each a step of that name.
///
/// The first two deploy the code and let nobody meet it: the first asks for the candidate's units, the second
/// waits an hour. Then 10 % for 2 h, 50 % for 4 h, and everybody, watched for 24 h.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FiveStages;

impl FiveStages {
    fn last_four() -> Canary {
        let stages = [(0, 1), (1_000, 2), (5_000, 4)];
        let steps = stages.map(|(share, hours)| CanaryStep::new(weight(share), Duration::from_hours(hours)));
        Canary::new(steps).with_conduct(Conduct { final_bake: Duration::from_hours(24), ..Conduct::default() })
    }
}

impl Strategy for FiveStages {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        let Decision { outcome, findings } = Self::last_four().plan(release, target)?;
        let mut draft = PlanDraft::from(outcome);
        let hidden = draft.steps.iter().find(|step| step.route.share == Weight::ZERO);
        let first = hidden.map(|step| Step { bake: crate::Bake::at_least(Duration::ZERO), ..step.clone() });
        draft.steps.splice(0..0, first);
        let names = ["infrastructure", "integration", "canary", "partial", "full"];
        for (step, name) in draft.steps.iter_mut().zip(names) {
            step.id = StepId::new(name).map_err(|error| PlanError::new("$.steps", "an identifier", error))?;
        }
        Ok(Decision { outcome: Plan::try_from(draft)?, findings })
    }
}
