//! What people and soft checks say: approvals, refusals, and failures that are counted.

use alloc::string::ToString;

use bellwether_core::{CheckName, Decision, Digest, Finding, StepId, Verdict};

use super::Transition;
use crate::{Actor, Cause, Phase};

impl Transition {
    /// Counts an approval: one a person, for one step of this very plan.
    pub(super) fn approved(&mut self, by: &Actor, digest: Digest, step: &StepId) {
        let Some(index) = self.step_asked(digest, step) else { return };
        let Actor::Person(name) = by else {
            let text = "an approval of step {step} by no person does not count";
            return self.note(Finding::warning("rollout.not_a_person", text).figure("step", step.to_string()));
        };
        let names = self.state.progress.approved.entry(index).or_default();
        names.insert(name.clone());
        let given = names.len();
        let needed = self.state.plan().step(index).map_or(0, |step| step.approvals);
        self.note(
            Finding::info("rollout.approved", "{name} approved step {step}: {given} of {needed}")
                .figure("name", name.to_string())
                .figure("step", step.to_string())
                .figure("given", u32::try_from(given).unwrap_or(u32::MAX))
                .figure("needed", needed),
        );
        self.state.hold_for_entry();
    }

    /// A refusal of what is still ahead sends the rollout back; it is a person's word against going on.
    pub(super) fn refused(&mut self, digest: Digest, step: &StepId, why: &str) {
        if self.step_asked(digest, step).is_none() {
            return;
        }
        let finding = Finding::critical("rollout.refused", "somebody refused step {step}: {why}");
        self.go_back(Cause::Refused, finding.figure("step", step.to_string()).figure("why", why.to_string()));
    }

    /// The index of a step of this plan that has not been left yet; says what is wrong where there is none.
    fn step_asked(&mut self, digest: Digest, step: &StepId) -> Option<u32> {
        if digest != self.state.digest() {
            let text = "an answer to plan {digest} was ignored: this is plan {now}";
            let finding = Finding::warning("rollout.other_plan", text).figure("digest", digest.to_string());
            self.note(finding.figure("now", self.state.digest().to_string()));
            return None;
        }
        let index = self.state.plan().steps().iter().position(|known| known.id == *step);
        let index = index.and_then(|index| u32::try_from(index).ok());
        let is_ahead = |index: &u32| match &self.state.progress.phase {
            Phase::Stepping(stepping) => *index >= stepping.step,
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => false,
        };
        let index = index.filter(is_ahead);
        if index.is_none() {
            let text = "nobody waits for an answer about step {step}";
            self.note(Finding::info("rollout.not_asked", text).figure("step", step.to_string()));
        }
        index
    }

    /// Counts a soft check. Only failures count; what could not be measured neither counts nor makes up for one.
    pub(super) fn checked(&mut self, check: &CheckName, decision: &Decision<Verdict>) {
        let (now, limits) = (self.now(), self.state.plan().conduct().failures);
        let said = Finding::info("rollout.checked", "check {check} says {verdict}")
            .figure("check", check.to_string())
            .figure("verdict", decision.outcome.to_string());
        let failures = self.state.progress.failures.entry(check.clone()).or_default();
        let reached = match decision.outcome {
            Verdict::Pass => {
                failures.passed();
                None
            }
            Verdict::Fail => failures.failed(now, &limits),
            Verdict::Inconclusive | Verdict::NoData => None,
        };
        let in_a_row = failures.consecutive();
        match reached {
            Some((what, count)) => {
                self.findings.extend(decision.findings.iter().cloned());
                let finding = Finding::critical("rollout.check_failed", "check {check} failed {count} times {what}");
                let finding = finding.figure("check", check.to_string()).figure("count", count).figure("what", what);
                self.go_back(Cause::Checks, finding);
            }
            None if in_a_row > 0 => {
                self.note(said);
                let finding = Finding::warning("rollout.check_failing", "check {check} failed {count} times in a row");
                self.note(finding.figure("check", check.to_string()).figure("count", in_a_row));
            }
            None => self.note(said),
        }
    }
}
