//! How a rollout goes on: gate, scale, shift, bake, and in the end the old version's leave.

use alloc::string::ToString;

use bellwether_core::{Basis, Duration, Finding, Time, Verdict, Weight};
use bellwether_strategy::{OnDeadline, Step};

use super::{Transition, step_name};
use crate::{Cause, Exposure, FinalSub, Finalising, Hold, HoldReason, Owner, Phase, Stepping, Stuck, StuckReason, Sub};

/// Whether a step's bake lets it go on.
enum Readiness {
    /// It has its evidence.
    Certified,
    /// It goes on without, as the plan allows.
    Uncertified,
    /// Something is waited for no longer.
    Late(HoldReason, OnDeadline),
    /// It waits.
    Waiting,
}

impl Transition {
    pub(super) fn advance_step(&mut self) -> bool {
        if self.end_hold() {
            return true;
        }
        self.state.hold_for_entry();
        let Some(stepping) = self.stepping() else { return false };
        let (held, sub) = (!stepping.holds.is_empty(), stepping.sub.clone());
        match sub {
            Sub::Gate { .. } => !held && self.pass_gate(),
            Sub::Scale { deadline } => !held && (self.pass_scale() || self.is_late(deadline, "units for")),
            Sub::Shift { deadline } => {
                self.pass_shift() || self.is_late(deadline, self.by("the units to show", "the router to show"))
            }
            Sub::Bake => self.pass_bake(),
        }
    }

    /// Does what a hold says happens at its deadline.
    fn end_hold(&mut self) -> bool {
        let (now, human) = (self.now(), self.state.plan().conduct().human);
        let Some(stepping) = self.stepping() else { return false };
        // At the end of all time a hold cannot be renewed any more.
        let ends = |hold: &Hold| hold.deadline <= now && (now < Time::MAX || !hold.asks_a_person());
        let Some(hold) = stepping.holds.iter_mut().find(|hold| ends(hold)) else { return false };
        let why = hold.why.to_string();
        if hold.asks_a_person() && !human.until.is_zero() {
            *hold = Hold::new(hold.why.clone(), Owner::Human, now, human);
            let finding = Finding::warning(
                "rollout.asks_a_person",
                "nothing came of waiting for {why}; a person is asked until {deadline}",
            );
            let deadline = hold.deadline;
            self.note(finding.figure("why", why).figure("deadline", deadline));
            return true;
        }
        let finding = Finding::critical("rollout.hold_ended", "nothing came of waiting for {why}");
        self.go_back(Cause::Deadline, finding.figure("why", why));
        true
    }

    fn pass_gate(&mut self) -> bool {
        let deadline = self.deadline();
        self.note(Finding::info("rollout.gates_passed", "nothing holds the step"));
        self.set_sub(Sub::Scale { deadline });
        true
    }

    fn pass_scale(&mut self) -> bool {
        let deadline = self.deadline();
        let Some(route) = self.state.step().map(|step| step.route.clone()) else { return false };
        let by_units = self.state.exchanging().is_some();
        if !by_units && (!self.carries(&route) || !self.units_are_ready()) {
            return false;
        }
        let text = match self.state.replicas() {
            Some(_) if by_units => "{share} is asked for; traffic follows the units as they get ready",
            Some(_) => "ready units of both versions carry {share}",
            None => "{share} is asked for; somebody else counts units",
        };
        self.note(Finding::info("rollout.ready", text).figure("share", route.exposure()));
        if let Some(stepping) = self.stepping() {
            stepping.sub = Sub::Shift { deadline };
            stepping.asked = true;
            stepping.furthest = None;
        }
        true
    }

    /// Whether all units that the step wants are ready, those of a hidden candidate too.
    fn units_are_ready(&self) -> bool {
        let (Some(step), Some(replicas)) = (self.state.step(), self.state.replicas()) else { return true };
        let wanted = self.state.plan().candidate_units_of(step, replicas);
        let units = self.state.observed().and_then(|observation| observation.units);
        units.is_some_and(|units| units.candidate.ready >= wanted)
    }

    fn pass_shift(&mut self) -> bool {
        if !self.state.route_is_confirmed() {
            return false;
        }
        let (now, exposure) = (self.now(), self.state.route().exposure());
        let Phase::Stepping(stepping) = &self.state.progress.phase else { return false };
        let stage = self.state.stage(stepping);
        let route = self.state.route();
        if let Some(stepping) = self.stepping() {
            stepping.sub = Sub::Bake;
            stepping.keep = Exposure { route, stage: Some(stage) };
            stepping.bake.since.get_or_insert(now);
            stepping.see(now);
            if stepping.bake.verdict.is_none() {
                stepping.bake.missing.get_or_insert(now);
            }
        }
        let text = self.by("the ready units show {share}", "the router shows {share}");
        self.note(Finding::info("rollout.exposed", text).figure("share", exposure));
        true
    }

    /// What to say where units split traffic, and where a router does.
    pub(super) fn by(&self, units: &'static str, router: &'static str) -> &'static str {
        if self.state.exchanging().is_some() { units } else { router }
    }

    fn is_late(&mut self, deadline: Time, what: &'static str) -> bool {
        if self.now() < deadline {
            return false;
        }
        let wanted = self.state.step().map_or(Weight::ZERO, |step| step.route.exposure());
        let finding = Finding::critical("rollout.late", "{what} {wanted} did not come within {deadline}")
            .figure("what", what)
            .figure("wanted", wanted)
            .figure("deadline", self.state.plan().conduct().deadline);
        self.go_back(Cause::Deadline, finding);
        true
    }

    fn pass_bake(&mut self) -> bool {
        let (now, plan) = (self.now(), self.state.shared_plan());
        let Some(stepping) = self.stepping() else { return false };
        let Some(step) = plan.step(stepping.step) else { return false };
        match stepping.readiness(step, now, plan.conduct().no_data) {
            Readiness::Waiting => false,
            Readiness::Certified => {
                let finding = certified(step, stepping.bake.total);
                self.note(finding);
                self.leave_step();
                true
            }
            Readiness::Uncertified => {
                let text = "step {step} advanced without certificate: the evidence was inconclusive after {max}";
                self.note(
                    Finding::warning("rollout.uncertified", text)
                        .figure("step", step_name(step))
                        .figure("max", step.bake.max),
                );
                self.leave_step();
                true
            }
            Readiness::Late(why, then) => self.wait_no_longer(why, then),
        }
    }

    fn wait_no_longer(&mut self, why: HoldReason, then: OnDeadline) -> bool {
        let (now, human) = (self.now(), self.state.plan().conduct().human);
        let finding = Finding::warning("rollout.waited", "the wait for evidence is over, what is missing: {why}");
        let finding = finding.figure("why", why.to_string());
        if then == OnDeadline::RollBack {
            self.go_back(Cause::Deadline, finding);
            return true;
        }
        if then == OnDeadline::Keep {
            let text = "the experiment is over without a reason to change anything, so stable is kept";
            self.go_back(Cause::Kept, Finding::info("rollout.no_difference", text));
            return true;
        }
        self.note(finding);
        self.hold(Hold::new(why, Owner::Human, now, human));
        false
    }

    /// Goes to the next step's gates, or, after the last step, to taking the old version away.
    pub(super) fn leave_step(&mut self) {
        let (now, plan, standby) = (self.now(), self.state.shared_plan(), self.standby());
        let exposure = self.exposure();
        let Some(stepping) = self.stepping() else { return };
        let next = stepping.step.saturating_add(1);
        if plan.step(next).is_some() {
            let holds = core::mem::take(&mut stepping.holds);
            *stepping = Stepping::enter(next, exposure);
            stepping.holds = holds;
            return self.state.hold_for_entry();
        }
        if let Some(stage) = exposure.stage {
            let until = now.after(standby);
            self.enter(Phase::Finalising(Finalising { stage, sub: FinalSub::Standby { until }, call: None }));
        }
    }

    /// How long the old version is kept: for its last requests, and as long as the plan wants it as a standby.
    pub(super) fn standby(&self) -> Duration {
        let conduct = self.state.plan().conduct();
        conduct.standby.max(conduct.drain)
    }

    pub(super) fn advance_finalising(&mut self) -> bool {
        self.pass_finalising() || self.call_about_the_end()
    }

    /// Nothing is given up at the end either; when it takes too long somebody is called, again and again.
    fn call_about_the_end(&mut self) -> bool {
        let (now, next) = (self.now(), self.deadline());
        let Phase::Finalising(finalising) = &mut self.state.progress.phase else { return false };
        let is_due = match finalising.sub {
            FinalSub::Standby { until } => until <= now,
            FinalSub::Shrink => true,
        };
        let due = finalising.call.filter(|call| is_due && *call <= now);
        finalising.call = is_due.then(|| finalising.call.filter(|call| *call > now).unwrap_or(next));
        if let Some(deadline) = due {
            let text = "the end is not seen by {deadline}; somebody should look at the router and at the units";
            self.note(Finding::critical("rollout.end_overdue", text).figure("deadline", deadline));
        }
        false
    }

    fn pass_finalising(&mut self) -> bool {
        let (now, route) = (self.now(), self.state.route());
        let confirmed = self.state.route_is_confirmed();
        let carried = self.carries(&route);
        let units = self.state.observed().and_then(|observation| observation.units);
        let gone = self.state.replicas().is_none() || units.is_some_and(|units| units.stable.exist == 0);
        let (standby, seen) =
            (now.after(self.standby()), self.state.observed().and_then(|observation| observation.route.clone()));
        let Phase::Finalising(finalising) = &mut self.state.progress.phase else { return false };
        match finalising.sub {
            FinalSub::Standby { until } if confirmed && carried && until <= now => {
                (finalising.sub, finalising.call) = (FinalSub::Shrink, None);
                self.note(Finding::info("rollout.standby_over", "the old version is no longer needed"));
                true
            }
            FinalSub::Shrink if confirmed && carried && gone => {
                let text = self.by(
                    "all units are the new version's, and nothing of the old one is left to take away",
                    "the router shows 100 %, and nothing of the old version is left to take away",
                );
                self.note(Finding::info("rollout.completed", text));
                self.enter(Phase::Completed { at: now });
                true
            }
            FinalSub::Shrink if seen.is_some_and(|seen| seen != route) => {
                (finalising.sub, finalising.call) = (FinalSub::Standby { until: standby }, None);
                self.note(Finding::warning(
                    "rollout.drift",
                    "traffic came back to the old version, so it is kept again",
                ));
                true
            }
            FinalSub::Standby { .. } | FinalSub::Shrink => false,
        }
    }

    /// While the old version is still there, traffic follows whichever version is ready.
    pub(super) fn keep_healthy(&mut self) {
        let (now, replicas) = (self.now(), self.state.replicas());
        let Some(units) = self.state.observed().and_then(|observation| observation.units) else { return };
        let (Some(replicas), 0) = (replicas, units.candidate.ready) else { return };
        if units.stable.ready >= replicas {
            let finding = Finding::critical("rollout.unready", "the candidate has no ready unit, stable has {ready}");
            return self.go_back(Cause::Unready, finding.figure("ready", units.stable.ready));
        }
        if units.stable.ready == 0 {
            let keep = self.exposure();
            let step = u32::try_from(self.state.plan().steps().len()).unwrap_or(u32::MAX).saturating_sub(1);
            self.note(Finding::critical(
                "rollout.nothing_ready",
                "neither version has a ready unit; a person must decide",
            ));
            self.enter(Phase::Stuck(Stuck { why: StuckReason::NothingReady, since: now, step, keep }));
        }
    }
}

impl Stepping {
    fn readiness(&self, step: &Step, now: Time, no_data: bellwether_strategy::Wait) -> Readiness {
        let bake = &self.bake;
        let is_gone = bake.out_of_sight(step, no_data).is_some_and(|end| end <= now);
        let is_seen = bake.confirmed.is_some() && !is_gone;
        let baked = bake.total >= step.bake.min && is_seen && self.holds.is_empty();
        let overdue = bake.since.is_some_and(|since| since.after(step.bake.max) <= now);
        let missing = bake.missing.is_some_and(|since| since.after(no_data.until) <= now);
        match (step.evidence, bake.verdict) {
            (Basis::Time, _) | (Basis::Compare | Basis::Guard, Some(Verdict::Pass)) if baked => Readiness::Certified,
            (Basis::Compare | Basis::Guard, Some(Verdict::Inconclusive)) if overdue => match step.on_inconclusive {
                OnDeadline::ProceedUncertified if baked => Readiness::Uncertified,
                OnDeadline::ProceedUncertified if is_gone => self.late(HoldReason::Unseen, no_data.then),
                OnDeadline::ProceedUncertified => Readiness::Waiting,
                then @ (OnDeadline::RollBack | OnDeadline::Human | OnDeadline::Keep) => {
                    self.late(HoldReason::Inconclusive, then)
                }
            },
            (Basis::Compare | Basis::Guard, Some(Verdict::NoData) | None) if missing => {
                self.late(HoldReason::NoData, no_data.then)
            }
            _ if is_gone => self.late(HoldReason::Unseen, no_data.then),
            (Basis::Time | Basis::Compare | Basis::Guard, _) => Readiness::Waiting,
        }
    }

    fn late(&self, why: HoldReason, then: OnDeadline) -> Readiness {
        if self.is_held_for(&why) { Readiness::Waiting } else { Readiness::Late(why, then) }
    }
}

fn certified(step: &Step, baked: Duration) -> Finding {
    let text = match step.evidence {
        Basis::Time => "step {step} baked for {baked} without a failure or an alarm",
        Basis::Compare => "step {step} baked for {baked}, and the judge passed it at this exposure",
        Basis::Guard => "step {step} baked for {baked}, and its guards are quiet at this exposure",
    };
    Finding::info("rollout.step_passed", text).figure("step", step_name(step)).figure("baked", baked)
}
