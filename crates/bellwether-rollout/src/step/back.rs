//! How a rollout goes back: gated by stable's capacity and by the point of no return, by nothing else.

use bellwether_core::{Finding, Route, Weight};

use super::Transition;
use crate::{BackSub, Cause, Phase, RollingBack, Stuck, StuckReason, Sub};

impl Transition {
    /// Sends the rollout back, or, past the point of no return, says what can be done instead.
    pub(super) fn go_back(&mut self, cause: Cause, finding: Finding) {
        self.note(finding);
        match &self.state.progress.phase {
            Phase::RollingBack(_) => {
                return self.note(Finding::info("rollout.already_back", "the rollout is on its way back already"));
            }
            Phase::Stuck(stuck) if matches!(stuck.why, StuckReason::Floor { .. }) => return self.note_floor(),
            Phase::Stepping(_)
            | Phase::Finalising(_)
            | Phase::Stuck(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. } => {}
        }
        if let Some(step) = self.step_past_floor() {
            return self.stick(step);
        }
        let sub = BackSub::Shift { deadline: self.deadline() };
        let (since, ceiling) = (self.now(), self.state.route().share);
        self.enter(Phase::RollingBack(RollingBack { cause, since, ceiling, sub, call: None }));
        self.state.progress.unseen = self.state.exchanging().is_some();
        self.lower_ceiling();
    }

    fn stick(&mut self, step: u32) {
        let alternatives = self.state.plan().floor().map(|floor| floor.alternatives.clone()).unwrap_or_default();
        let (since, keep) = (self.now(), self.exposure());
        self.note_floor();
        self.enter(Phase::Stuck(Stuck { why: StuckReason::Floor { alternatives }, since, step, keep }));
    }

    fn note_floor(&mut self) {
        let Some(floor) = self.state.plan().floor() else { return };
        let finding =
            Finding::critical("rollout.floor", "stable cannot be gone back to: {why}; instead: {alternatives}")
                .figure("why", floor.why.clone())
                .figure("alternatives", floor.alternatives.join(", "));
        self.note(finding);
    }

    /// The step that stands past the point of no return: its exposure was asked for.
    fn step_past_floor(&self) -> Option<u32> {
        let floor = self.state.plan().floor_index()?;
        let step = match &self.state.progress.phase {
            Phase::Stepping(stepping) => match stepping.sub {
                Sub::Shift { .. } | Sub::Bake => stepping.step,
                Sub::Gate { .. } | Sub::Scale { .. } if stepping.asked => stepping.step,
                Sub::Gate { .. } | Sub::Scale { .. } => stepping.step.checked_sub(1)?,
            },
            Phase::Finalising(finalising) => finalising.stage.step,
            Phase::Stuck(stuck) => stuck.step,
            Phase::RollingBack(_) | Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. } => {
                return None;
            }
        };
        (step >= floor).then_some(step)
    }

    /// Lowers the candidate's share as far as stable's ready units carry the rest, and to what it has already: on the way
    /// back nothing is raised, neither what drifted below nor what was asked for and not seen yet.
    fn lower_ceiling(&mut self) -> bool {
        let (replicas, observed) = (self.state.replicas(), self.state.observed());
        let beyond = match (self.state.exchanging(), observed) {
            (Some(exchanging), _) => {
                let seen = observed.filter(|_| !self.state.progress.unseen);
                exchanging.share_beyond_stable(seen.and_then(|observation| observation.units.as_ref()))
            }
            (None, Some(observation)) => {
                let seen = observation.route.as_ref().map_or(Weight::FULL, |route| route.share);
                observation.share_beyond_stable(replicas).min(seen)
            }
            (None, None) if replicas.is_none() => Weight::ZERO,
            (None, None) => Weight::FULL,
        };
        let Phase::RollingBack(back) = &mut self.state.progress.phase else { return false };
        let lowered = beyond < back.ceiling;
        back.ceiling = back.ceiling.min(beyond);
        lowered
    }

    pub(super) fn advance_back(&mut self) -> bool {
        if self.lower_ceiling() {
            return true;
        }
        let Phase::RollingBack(back) = &self.state.progress.phase else { return false };
        match back.sub {
            BackSub::Shift { deadline } => self.pass_shift_back() || self.call_for_help(deadline),
            BackSub::Drain { until } => self.traffic_came_back() || (until <= self.now() && self.shrink()),
            BackSub::Shrink => self.traffic_came_back() || self.end_back() || self.call_about_units(),
        }
    }

    /// The candidate's units should have left by now; when they have not, somebody is called, again and again.
    fn call_about_units(&mut self) -> bool {
        let (now, next) = (self.now(), self.deadline());
        let Phase::RollingBack(back) = &mut self.state.progress.phase else { return false };
        let due = back.call.filter(|call| *call <= now);
        back.call = Some(back.call.filter(|call| *call > now).unwrap_or(next));
        if let Some(deadline) = due {
            let text =
                "the end is not seen by {deadline}; somebody should look at the router and at the candidate's units";
            self.note(Finding::critical("rollout.back_overdue", text).figure("deadline", deadline));
        }
        false
    }

    fn pass_shift_back(&mut self) -> bool {
        if self.state.route() != Route::STABLE || !self.state.route_is_confirmed() {
            return false;
        }
        let until = self.now().after(self.state.plan().conduct().drain);
        let text = self.by(
            "all units are stable's again; requests in flight have until {until}",
            "the router shows that stable has everything; requests in flight have until {until}",
        );
        self.note(Finding::info("rollout.traffic_back", text).figure("until", until));
        self.set_back(BackSub::Drain { until });
        true
    }

    /// Going back is never given up; when it takes too long somebody is called, again and again.
    fn call_for_help(&mut self, deadline: bellwether_core::Time) -> bool {
        if self.now() < deadline {
            return false;
        }
        let (next, since) = (self.deadline(), self.now());
        let text = "going back is not confirmed by {deadline}; it is tried on, and somebody should look at the router and at stable's units";
        self.note(Finding::critical("rollout.back_overdue", text).figure("deadline", deadline).figure("now", since));
        self.set_back(BackSub::Shift { deadline: next });
        false
    }

    fn traffic_came_back(&mut self) -> bool {
        let route = self.state.observed().and_then(|observation| observation.route.clone());
        let Some(route) = route.filter(|route| *route != Route::STABLE) else { return false };
        let deadline = self.deadline();
        self.note(
            Finding::warning("rollout.drift", "{observed} was observed on the way back")
                .figure("observed", route.exposure()),
        );
        self.set_back(BackSub::Shift { deadline });
        true
    }

    fn shrink(&mut self) -> bool {
        self.note(Finding::info("rollout.drained", "the candidate's last requests had their time"));
        self.set_back(BackSub::Shrink);
        true
    }

    fn end_back(&mut self) -> bool {
        let units = self.state.observed().and_then(|observation| observation.units);
        let gone = self.state.replicas().is_none() || units.is_some_and(|units| units.candidate.exist == 0);
        if !gone || !self.state.route_is_confirmed() {
            return false;
        }
        let Phase::RollingBack(back) = &self.state.progress.phase else { return false };
        let (at, cause) = (self.now(), back.cause);
        if cause == Cause::Kept {
            self.note(Finding::info("rollout.kept", "the experiment is over, and stable has everything"));
            self.enter(Phase::Kept { at });
        } else {
            self.note(Finding::info("rollout.rolled_back", "stable has everything back"));
            self.enter(Phase::RolledBack { at, cause });
        }
        true
    }

    fn set_back(&mut self, sub: BackSub) {
        if let Phase::RollingBack(back) = &mut self.state.progress.phase {
            (back.sub, back.call) = (sub, None);
        }
    }
}
