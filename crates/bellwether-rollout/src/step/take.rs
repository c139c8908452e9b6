//! What each kind of event does before the machine settles.

use alloc::{collections::BTreeMap, string::ToString};

use bellwether_core::{Decision, Finding, GateName, Response, RolloutId, StageId, Time, Verdict};
use bellwether_strategy::{OnDeadline, Step, Supersede, Wait};

use super::Transition;
use crate::{
    Baking, Cause, Exposure, FinalSub, Finalising, Hold, HoldReason, Observation, Owner, Phase, Resume, Stepping,
    Stuck, Sub,
};

impl Transition {
    pub(super) fn resumed(&mut self) {
        self.note(Finding::info(
            "rollout.resumed",
            "the rollout was taken up again; nothing is raised before the world was looked at",
        ));
        let (now, renewed) = (self.now(), self.deadline());
        if let Some(stepping) = self.stepping() {
            stepping.resume = Some(Resume::default());
            // Nobody looked, scaled or shifted while nobody drove: the time for each begins anew.
            (stepping.bake.confirmed, stepping.bake.unseen) = (None, Some(now));
            match &mut stepping.sub {
                Sub::Scale { deadline } | Sub::Shift { deadline } => *deadline = renewed,
                Sub::Gate { .. } | Sub::Bake => {}
            }
        }
    }

    pub(super) fn caught_up(&mut self) {
        self.note(Finding::info("rollout.caught_up", "the intervals that were missed have been judged"));
        if let Some(stepping) = self.stepping() {
            if let Some(resume) = &mut stepping.resume {
                resume.caught_up = true;
            }
            stepping.release(&HoldReason::Unjudged);
        }
    }

    pub(super) fn observed(&mut self, observation: &Observation) {
        if self.state.observed().is_some_and(|last| observation.as_of < last.as_of) {
            let finding = Finding::info("rollout.late_observation", "an observation of {as_of} came after a newer one");
            return self.note(finding.figure("as_of", observation.as_of));
        }
        let seen = self.state.as_seen(observation);
        let is_further = self.is_further(&seen);
        self.state.progress.unseen &= seen.units.is_none();
        self.state.progress.observed = Some(seen);
        if is_further {
            self.renew_deadline();
        }
        self.look_after_resume();
        let by_units = self.state.exchanging().is_some();
        match &self.state.progress.phase {
            Phase::Stepping(stepping) => match stepping.sub {
                // Units that are short are made up for by the goal; no other place would be a better one to wait at.
                Sub::Gate { .. } | Sub::Scale { .. } | Sub::Shift { .. } if by_units => {}
                Sub::Gate { .. } | Sub::Scale { .. } => self.observed_before_shift(),
                Sub::Shift { deadline } => self.observed_in_shift(deadline),
                Sub::Bake => self.observed_in_bake(),
            },
            Phase::Finalising(_) => self.keep_healthy(),
            Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => {}
        }
    }

    /// Whether an exchange of units has come further than ever before in this shift. Units that come and go do not.
    fn is_further(&mut self, seen: &Observation) -> bool {
        let (Some(exchanging), Some(units)) = (self.state.exchanging(), &seen.units) else { return false };
        let reached = exchanging.progress(units);
        let Some(stepping) = self.stepping().filter(|stepping| matches!(stepping.sub, Sub::Shift { .. })) else {
            return false;
        };
        let is_further = stepping.furthest.is_some_and(|furthest| reached > furthest);
        stepping.furthest = stepping.furthest.max(Some(reached));
        is_further
    }

    fn renew_deadline(&mut self) {
        let renewed = self.deadline();
        if let Some(Stepping { sub: Sub::Shift { deadline }, .. }) = self.stepping() {
            *deadline = renewed;
        }
    }

    /// The first look after the rollout was taken up again: less exposure than wanted may mean that somebody went back
    /// while nothing could be written down, so it is not raised again without the gate.
    fn look_after_resume(&mut self) {
        let Some(route) = self.state.observed().and_then(|observation| observation.route.clone()) else { return };
        let (exposure, now) = (self.exposure(), self.now());
        let no_data = self.state.plan().conduct().no_data;
        let Some(stepping) = self.stepping() else { return };
        let Some(resume) = stepping.resume.take() else { return };
        if route.exposure() >= exposure.route.exposure() {
            return;
        }
        stepping.sub = Sub::Gate { passed: BTreeMap::new() };
        stepping.release(&HoldReason::Unseen);
        stepping.keep = Exposure { route: route.clone(), stage: exposure.stage };
        self.state.hold_for_entry();
        if !resume.caught_up {
            self.hold(Hold::new(HoldReason::Unjudged, Owner::System, now, no_data));
        }
        let text =
            "{observed} was found where {wanted} was wanted; the step's gate is passed again before it is raised";
        let finding = Finding::warning("rollout.found_below", text).figure("observed", route.exposure());
        self.note(finding.figure("wanted", exposure.route.exposure()));
    }

    /// While waiting, the exposure before is kept; where it was lost and cannot be carried, the lower one is.
    fn observed_before_shift(&mut self) {
        let Some(route) = self.state.observed().and_then(|observation| observation.route.clone()) else { return };
        let wanted = self.state.route();
        if route == wanted {
            return;
        }
        let kept = if route.exposure() < wanted.exposure() && !self.carries(&wanted) { &route } else { &wanted };
        let text = "{observed} was observed where {wanted} was wanted; {kept} is wanted now";
        let finding = Finding::warning("rollout.drift", text)
            .figure("observed", route.exposure())
            .figure("wanted", wanted.exposure())
            .figure("kept", kept.exposure());
        let kept = kept.clone();
        self.note(finding);
        if let Some(stepping) = self.stepping() {
            stepping.keep.route = kept;
        }
    }

    /// A share is not raised further once its units are gone.
    fn observed_in_shift(&mut self, deadline: Time) {
        let Some(route) = self.state.observed().and_then(|observation| observation.route.clone()) else { return };
        let wanted = self.state.route();
        if route.exposure() >= wanted.exposure() || self.carries(&wanted) {
            return;
        }
        self.note(
            Finding::warning("rollout.not_ready", "the units for {wanted} are not ready any more")
                .figure("wanted", wanted.exposure()),
        );
        if let Some(stepping) = self.stepping() {
            stepping.keep.route = route;
            stepping.sub = Sub::Scale { deadline };
        }
    }

    fn observed_in_bake(&mut self) {
        let (confirmed, by_units) = (self.state.route_is_confirmed(), self.state.exchanging().is_some());
        let (now, wanted, exposure, deadline) = (self.now(), self.state.route(), self.exposure(), self.deadline());
        let route = self.state.observed().and_then(|observation| observation.route.clone());
        let Some(heartbeat) = self.state.step().map(|step| step.bake.heartbeat()) else { return };
        let Some(stepping) = self.stepping() else { return };
        if confirmed {
            if let Some(last) = stepping.bake.confirmed {
                let passed = now.since(last);
                if passed <= heartbeat.saturating_mul(2) {
                    stepping.bake.total = stepping.bake.total.saturating_add(passed);
                }
            }
            stepping.see(now);
            return;
        }
        stepping.bake.lose_sight(now);
        let Some(route) = route.filter(|route| by_units || *route != wanted) else { return };
        let observed = route.exposure();
        if by_units || observed > wanted.exposure() {
            stepping.sub = Sub::Shift { deadline };
        } else {
            stepping.keep = Exposure { route, stage: exposure.stage };
            stepping.sub = Sub::Scale { deadline };
        }
        stepping.release(&HoldReason::Unseen);
        let text = "{observed} was observed where {wanted} was wanted; the bake stops until it is right again";
        self.note(
            Finding::warning("rollout.drift", text).figure("observed", observed).figure("wanted", wanted.exposure()),
        );
    }

    pub(super) fn judged(&mut self, stage: &StageId, decision: &Decision<Verdict>) {
        if stage.rollout != *self.state.plan().id() {
            let finding =
                Finding::warning("rollout.foreign_verdict", "a verdict on {stage}, another rollout, was ignored");
            return self.note(finding.figure("stage", stage.to_string()));
        }
        if decision.outcome == Verdict::Fail {
            self.findings.extend(decision.findings.iter().cloned());
            let finding = Finding::critical("rollout.harm", "the judge found harm at stage {stage}");
            return self.go_back(Cause::Judged, finding.figure("stage", stage.to_string()));
        }
        let now = self.now();
        let at_stage = match &self.state.progress.phase {
            Phase::Stepping(stepping) => stepping.bake.since.is_some() && self.state.stage(stepping) == *stage,
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => false,
        };
        let Some(stepping) = self.stepping().filter(|_| at_stage) else {
            let finding =
                Finding::info("rollout.other_stage", "a verdict on stage {stage} can fail this one, never pass it");
            return self.note(finding.figure("stage", stage.to_string()));
        };
        stepping.take_verdict(decision.outcome, now);
        let finding = Finding::info("rollout.judged", "the judge says {verdict} of stage {stage}");
        self.note(finding.figure("verdict", decision.outcome.to_string()).figure("stage", stage.to_string()));
    }

    pub(super) fn gate_checked(&mut self, gate: &GateName, decision: &Decision<Verdict>, valid_until: Time) {
        let finding = Finding::info("rollout.gate_checked", "gate {gate} says {verdict}")
            .figure("gate", gate.to_string())
            .figure("verdict", decision.outcome.to_string());
        self.note(finding);
        let Some(stepping) = self.stepping() else { return };
        if let Sub::Gate { passed } = &mut stepping.sub {
            match decision.outcome {
                Verdict::Pass => passed.insert(gate.clone(), valid_until),
                Verdict::Fail | Verdict::Inconclusive | Verdict::NoData => passed.remove(gate),
            };
        }
        self.state.hold_for_entry();
    }

    pub(super) fn responded(&mut self, decision: &Decision<Response>) {
        let now = self.now();
        match &decision.outcome {
            Response::Continue => self.release(&HoldReason::Policy),
            Response::Hold { until } => {
                let wait = self.state.plan().conduct().human;
                let until = until.map_or(wait.until, |until| until.since(now));
                self.hold(Hold::new(HoldReason::Policy, Owner::System, now, Wait { until, then: OnDeadline::Human }));
                self.note(
                    Finding::warning("rollout.policy_hold", "the rollback policy holds the rollout for {until}")
                        .figure("until", until),
                );
            }
            Response::RollBack { .. } => {
                self.findings.extend(decision.findings.iter().cloned());
                self.go_back(
                    Cause::Policy,
                    Finding::critical("rollout.policy", "the rollback policy sends the rollout back"),
                );
            }
        }
    }

    pub(super) fn paused(&mut self, why: &str) {
        let (now, wait) = (self.now(), self.state.plan().conduct().human);
        self.hold(Hold::new(HoldReason::Human, Owner::Human, now, wait));
        self.note(Finding::info("rollout.paused", "somebody paused the rollout: {why}").figure("why", why.to_string()));
    }

    pub(super) fn unpaused(&mut self) {
        self.release(&HoldReason::Human);
        self.note(Finding::info("rollout.unpaused", "somebody let the rollout go on"));
    }

    pub(super) fn predecessor_ended(&mut self, rollout: &RolloutId) {
        self.release(&HoldReason::Queue(rollout.clone()));
        let finding = Finding::info("rollout.predecessor_ended", "rollout {rollout} has ended");
        self.note(finding.figure("rollout", rollout.to_string()));
    }

    pub(super) fn superseded(&mut self, by: &RolloutId) {
        let stepping = matches!(self.state.progress.phase, Phase::Stepping(_));
        let by = by.to_string();
        match self.state.plan().conduct().supersede {
            Supersede::Replace if stepping => {
                let finding = Finding::warning("rollout.superseded", "rollout {by} takes its place");
                self.go_back(Cause::Superseded, finding.figure("by", by));
            }
            Supersede::Replace | Supersede::Queue => {
                self.note(
                    Finding::info("rollout.superseded", "rollout {by} waits until this one has ended").figure("by", by),
                );
            }
            Supersede::Reject => {
                self.note(
                    Finding::info("rollout.superseded", "rollout {by} is refused while this one runs").figure("by", by),
                );
            }
        }
    }

    /// Lets a step go without its gates or its evidence. Readiness is never skipped.
    pub(super) fn skipped(&mut self, why: &str) {
        self.note(
            Finding::warning("rollout.skipped", "somebody skipped what the step waits for: {why}")
                .figure("why", why.to_string()),
        );
        let deadline = self.deadline();
        match &mut self.state.progress.phase {
            Phase::Stepping(stepping) => {
                stepping.holds.retain(|hold| is_never_skipped(&hold.why));
                let is_asked = stepping.holds.iter().any(|hold| matches!(hold.why, HoldReason::Approval { .. }));
                let text = if is_asked {
                    "approvals are never skipped"
                } else {
                    "readiness, a pause and an earlier rollout are never skipped"
                };
                match &stepping.sub {
                    Sub::Gate { .. } if stepping.holds.is_empty() => stepping.sub = Sub::Scale { deadline },
                    Sub::Bake => self.leave_step(),
                    Sub::Gate { .. } | Sub::Scale { .. } | Sub::Shift { .. } => {
                        self.note(Finding::info("rollout.not_skipped", text));
                    }
                }
            }
            Phase::Stuck(stuck) => {
                let stuck = stuck.clone();
                self.leave_stuck(stuck);
            }
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. } => {
                self.note(Finding::info("rollout.not_skipped", "there is no step to skip"));
            }
        }
    }

    /// Goes to the last step at once. Readiness is never skipped, and neither is an earlier rollout.
    pub(super) fn advanced_in_full(&mut self, why: &str) {
        self.note(
            Finding::warning("rollout.advanced_in_full", "somebody sent the rollout to its last step: {why}")
                .figure("why", why.to_string()),
        );
        let (deadline, exposure) = (self.deadline(), self.exposure());
        let last = u32::try_from(self.state.plan().steps().len()).unwrap_or(u32::MAX).saturating_sub(1);
        let is_approved = self.state.is_approved(last);
        let Some(stepping) = self.stepping() else {
            return self.note(Finding::info("rollout.not_skipped", "the rollout is not on its way through the steps"));
        };
        if stepping.holds.iter().any(|hold| matches!(hold.why, HoldReason::Queue(_))) {
            return self.note(Finding::info("rollout.not_skipped", "an earlier rollout is never skipped"));
        }
        let has_begun = stepping.step == last && stepping.asked;
        if !is_approved && !has_begun {
            let text = "approvals are never skipped, and the last step has too few";
            return self.note(Finding::info("rollout.not_skipped", text));
        }
        if stepping.step == last && stepping.sub == Sub::Bake {
            stepping.holds.clear();
            return self.leave_step();
        }
        if stepping.step < last {
            *stepping = Stepping::enter(last, exposure);
        }
        stepping.holds.clear();
        stepping.sub = Sub::Scale { deadline };
    }

    /// A person decides that a rollout that cannot go back goes forward: through the next step's gates and readiness, or
    /// through the last one's again where its exposure was not reached.
    fn leave_stuck(&mut self, stuck: Stuck) {
        let (now, plan) = (self.now(), self.state.shared_plan());
        let last = u32::try_from(plan.steps().len()).unwrap_or(u32::MAX).saturating_sub(1);
        let is_at_the_end = plan.step(last).is_some_and(|step| step.route == stuck.keep.route);
        if is_at_the_end {
            let until = now.after(self.standby());
            let at_last = || StageId { rollout: plan.id().clone(), step: last, entry: 0 };
            let stage = stuck.keep.stage.unwrap_or_else(at_last);
            return self.enter(Phase::Finalising(Finalising { stage, sub: FinalSub::Standby { until }, call: None }));
        }
        let step = stuck.step.saturating_add(1).min(last);
        let mut stepping = Stepping::enter(step, stuck.keep);
        stepping.asked = step == stuck.step;
        self.enter(Phase::Stepping(stepping));
        self.state.hold_for_entry();
    }

    fn release(&mut self, why: &HoldReason) {
        let deadline = self.deadline();
        let Some(stepping) = self.stepping() else { return };
        stepping.release(why);
        if stepping.holds.is_empty() && matches!(stepping.sub, Sub::Scale { .. }) {
            stepping.sub = Sub::Scale { deadline };
        }
    }
}

/// What only its owner can end: a person's pause, a policy, an earlier rollout, the consent of others.
const fn is_never_skipped(why: &HoldReason) -> bool {
    match why {
        HoldReason::Approval { .. } | HoldReason::Human | HoldReason::Policy | HoldReason::Queue(_) => true,
        HoldReason::Gate(_)
        | HoldReason::Inconclusive
        | HoldReason::NoData
        | HoldReason::Unjudged
        | HoldReason::Unseen => false,
    }
}

impl Stepping {
    /// The exposure was seen to be in force.
    pub(super) fn see(&mut self, now: Time) {
        self.bake.confirmed = Some(now);
        self.bake.unseen = None;
        self.release(&HoldReason::Unseen);
    }

    fn take_verdict(&mut self, verdict: Verdict, now: Time) {
        self.bake.verdict = Some(verdict);
        match verdict {
            Verdict::NoData => {
                self.bake.missing.get_or_insert(now);
                self.release(&HoldReason::Inconclusive);
            }
            Verdict::Inconclusive => {
                self.bake.missing = None;
                self.release(&HoldReason::NoData);
            }
            Verdict::Pass | Verdict::Fail => {
                self.bake.missing = None;
                self.release(&HoldReason::NoData);
                self.release(&HoldReason::Inconclusive);
            }
        }
    }
}

impl Baking {
    /// Nobody knows whether the exposure is still in force.
    fn lose_sight(&mut self, now: Time) {
        self.unseen.get_or_insert(self.confirmed.take().unwrap_or(now));
    }

    /// When an exposure that nothing shows is no longer waited for. A look that never came shows nothing either; one that
    /// is not due yet is not missed.
    pub(crate) fn out_of_sight(&self, step: &Step, no_data: Wait) -> Option<Time> {
        let wait = no_data.until.max(step.bake.heartbeat().saturating_mul(2));
        self.unseen.or(self.confirmed).map(|since| since.after(wait))
    }
}
