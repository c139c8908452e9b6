//! What changes under way: the plan, and how many units the service has.

use alloc::string::ToString;

use bellwether_core::Finding;
use bellwether_strategy::Plan;

use super::Transition;
use crate::{Phase, Sub};

/// As many differences are told one by one.
const CHANGES_SHOWN: usize = 16;

impl Transition {
    /// Takes another plan when it is no easier than the one before: finished steps stay finished, and the current one
    /// goes on where it is. What stands against it is said, and changes nothing.
    pub(super) fn plan_changed(&mut self, plan: &Plan) {
        let before = self.state.shared_plan();
        let Phase::Stepping(stepping) = &self.state.progress.phase else {
            let text = "the plan was not changed: the rollout is not on its way through the steps";
            return self.note(Finding::warning("rollout.plan_refused", text));
        };
        let refused = plan.refused_in_place_of(&before, stepping.step);
        if !refused.is_empty() {
            let finding = Finding::warning("rollout.plan_refused", "the plan was not changed: {why}")
                .flips_when("the new plan were no easier than the one before");
            return self.note(finding.figure("why", refused.join("; ")));
        }
        let changes = before.changes_to(plan);
        self.note(
            Finding::warning("rollout.plan_changed", "plan {was} became plan {is}, in {count} places")
                .figure("was", self.state.digest().to_string())
                .figure("is", plan.digest().to_string())
                .figure("count", u32::try_from(changes.len()).unwrap_or(u32::MAX)),
        );
        for change in changes.iter().take(CHANGES_SHOWN) {
            self.note(Finding::info("rollout.plan_difference", "{change}").figure("change", change.to_string()));
        }
        if !self.state.progress.approved.is_empty() {
            let text = "what was approved was the plan before, so it is asked for again";
            self.note(Finding::warning("rollout.approvals_void", text));
        }
        self.state.adopt(plan.clone());
        self.state.hold_for_entry();
    }

    /// Takes another number of units; what is waited for in units gets its whole time again.
    pub(super) fn rescaled(&mut self, replicas: u32) {
        let Some(before) = self.state.replicas().filter(|_| replicas > 0) else {
            let text = "{replicas} units were ignored: the plan counts no units, or a service would have none";
            return self.note(Finding::warning("rollout.not_rescaled", text).figure("replicas", replicas));
        };
        self.note(
            Finding::info("rollout.rescaled", "the service has {replicas} units now, {before} before")
                .figure("replicas", replicas)
                .figure("before", before),
        );
        self.state.progress.replicas = Some(replicas);
        let renewed = self.deadline();
        if let Some(stepping) = self.stepping() {
            stepping.furthest = None;
            if let Sub::Scale { deadline } | Sub::Shift { deadline } = &mut stepping.sub {
                *deadline = renewed;
            }
        }
    }
}
