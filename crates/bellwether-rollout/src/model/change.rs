//! What one step of the machine may not do.

use alloc::{format, string::String};

use bellwether_core::{Arms, Verdict, Weight};

use crate::{Event, Goal, Kind, Phase, Place, State, Sub, Units, difference};

/// The name of an invariant, and whether a step keeps it.
type Check = (&'static str, fn(&Change) -> bool);

/// One step of the machine, with what was wanted before and after.
pub(super) struct Change {
    pub(super) was: State,
    pub(super) is: State,
    pub(super) before: Goal,
    pub(super) wanted: Goal,
    pub(super) event: Event,
    pub(super) replicas: u32,
    /// What the machine was shown last.
    pub(super) shown: Option<Weight>,
    /// What the router does, whether the machine knows or not.
    pub(super) does: Weight,
    /// Whether the router may forget.
    pub(super) router_forgets: bool,
}

impl Change {
    /// The first invariant that one step breaks.
    pub(super) fn broken(&self) -> Option<String> {
        let checks: [Check; 14] = [
            ("I2/I3", Change::units_serve_what_is_seen),
            ("I4/I5", Change::readiness_covers_a_change),
            ("I6", Change::abort_is_obeyed),
            ("I7", Change::back_never_rises),
            ("I8", Change::abort_is_immediate),
            ("I9", Change::completed_was_seen),
            ("I10", Change::rolled_back_was_seen),
            ("I11", Change::step_is_left_by_evidence),
            ("I13", Change::steps_rise_one_by_one),
            ("I16", Change::drift_is_repaired),
            ("I24", Change::exposure_is_within_the_step),
            ("I17", Change::step_is_left_while_exposed),
            ("I2, in truth", Change::units_serve_what_is),
            ("I28", Change::somebody_serves),
        ];
        let (name, _) = checks.into_iter().find(|(_, holds)| !holds(self))?;
        let (was, is) = (self.was.phase(), self.is.phase());
        Some(format!("{name} is broken: {was:?} wants {:?}, then {is:?} wants {:?}", self.before, self.wanted))
    }

    fn seen(&self) -> Option<Weight> {
        Some(self.is.observed()?.route.as_ref()?.share)
    }

    fn seen_units(&self) -> Option<Arms<Units>> {
        self.is.observed()?.units
    }

    fn is_abort(&self) -> bool {
        matches!(self.event.kind, Kind::Aborted { .. }) && !self.was.is_terminal()
    }

    fn units_serve_what_is_seen(&self) -> bool {
        let (Some(units), Some(seen)) = (self.wanted.units, self.seen()) else { return true };
        let serves = units.stable >= seen.rest().of(self.replicas) && units.candidate >= seen.of(self.replicas);
        self.is.is_terminal() || serves
    }

    fn readiness_covers_a_change(&self) -> bool {
        let (old, new) = (self.before.route.share, self.wanted.route.share);
        if old == new || self.seen() == Some(new) {
            return true;
        }
        let Some(units) = self.seen_units() else { return false };
        let stable_serves = units.stable.ready >= new.rest().of(self.replicas);
        stable_serves && (new < old || units.candidate.ready >= new.of(self.replicas))
    }

    fn abort_is_obeyed(&self) -> bool {
        !self.is_abort() || matches!(self.is.phase(), Phase::RollingBack(_) | Phase::RolledBack { .. })
    }

    fn abort_is_immediate(&self) -> bool {
        let full = self.seen_units().is_some_and(|units| units.stable.ready >= self.replicas);
        !self.is_abort() || !full || self.wanted.route.share == Weight::ZERO
    }

    fn back_never_rises(&self) -> bool {
        if !matches!(self.was.phase(), Phase::RollingBack(_)) {
            return true;
        }
        let falls = self.wanted.route.share <= self.before.route.share;
        falls && matches!(self.is.phase(), Phase::RollingBack(_) | Phase::RolledBack { .. } | Phase::Stuck(_))
    }

    fn completed_was_seen(&self) -> bool {
        self.is.place() != Place::Completed || self.seen() == Some(Weight::FULL)
    }

    fn rolled_back_was_seen(&self) -> bool {
        self.is.place() != Place::RolledBack || self.seen() == Some(Weight::ZERO)
    }

    fn step_is_left_by_evidence(&self) -> bool {
        let (Some(before), Some(after)) = (at_step(&self.was), at_step(&self.is)) else { return true };
        if before == after || matches!(self.event.kind, Kind::Skipped { .. }) {
            return true;
        }
        let Phase::Stepping(stepping) = self.was.phase() else {
            return matches!(self.was.phase(), Phase::Finalising(_));
        };
        let passes_now = matches!(&self.event.kind, Kind::Judged { decision, .. } if decision.outcome == Verdict::Pass);
        passes_now || stepping.bake.verdict == Some(Verdict::Pass)
    }

    fn step_is_left_while_exposed(&self) -> bool {
        let (Some(before), Some(after)) = (at_step(&self.was), at_step(&self.is)) else { return true };
        let exposure = self.was.plan().step(before).map(|step| step.route.share);
        let is_left_by_itself = before != after && !matches!(self.event.kind, Kind::Skipped { .. });
        !is_left_by_itself || matches!(self.was.phase(), Phase::Finalising(_)) || self.shown == exposure
    }

    /// As [`Self::units_serve_what_is_seen`], by what the router does.
    fn units_serve_what_is(&self) -> bool {
        let Some(units) = self.wanted.units else { return true };
        self.router_forgets || units.stable >= self.does.rest().of(self.replicas)
    }

    fn steps_rise_one_by_one(&self) -> bool {
        let (Some(before), Some(after)) = (at_step(&self.was), at_step(&self.is)) else { return true };
        after == before || after == before + 1
    }

    fn drift_is_repaired(&self) -> bool {
        let Some(observation) = self.is.observed() else { return true };
        let different = observation.route.as_ref() != Some(&self.wanted.route);
        !different || difference(&self.wanted, observation).route.as_ref() == Some(&self.wanted.route)
    }

    fn exposure_is_within_the_step(&self) -> bool {
        let Phase::Stepping(stepping) = self.is.phase() else { return true };
        let limit = |index| self.is.plan().step(index).map_or(Weight::ZERO, |step| step.route.share);
        let own = limit(stepping.step);
        let before = stepping.step.checked_sub(1).map_or(Weight::ZERO, limit);
        let asked = matches!(stepping.sub, Sub::Shift { .. } | Sub::Bake);
        // Taken up again within a step, what was found of its exposure may be kept at its gate.
        self.wanted.route.share <= if asked { own } else { own.max(before) }
    }

    fn somebody_serves(&self) -> bool {
        self.wanted.units.is_some_and(|units| units.stable + units.candidate > 0)
    }
}

/// The step that a rollout on its way forward stands at; one more than there are when it has left the last one.
pub(super) fn at_step(state: &State) -> Option<u32> {
    match state.phase() {
        Phase::Stepping(stepping) => Some(stepping.step),
        Phase::Finalising(_) | Phase::Completed { .. } => u32::try_from(state.plan().steps().len()).ok(),
        Phase::RollingBack(_) | Phase::Kept { .. } | Phase::RolledBack { .. } | Phase::Stuck(_) => None,
    }
}
