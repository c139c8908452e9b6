//! Faults of other systems, put into the machine on purpose.

use bellwether_core::{Fence, Route, Verdict, Weight};

use super::{Model, World};
use crate::{BackSub, Event, Goal, Kind, Observation, Phase, Place, Sub, Units, goal, step};

/// A fault that a real system has or had. M5, a new version that takes the live canary's place, is refused by the types.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// Trusts the control plane before it takes stable away (argo-rollouts #4347).
    M1,
    /// Is done as soon as it wants to be (argo-rollouts #3333).
    M2,
    /// Sends everything back at once, whether stable has grown again or not.
    M3,
    /// Takes the candidate away in the moment of the abort (Flagger scales to 0 in the same tick).
    M4,
    /// Ignores an abort while it finishes (Flagger's scheduler).
    M6,
    /// Knows no way forward once the evidence was inconclusive (argo-rollouts #3015).
    M7,
    /// Acts when something changes, once; what a crash loses is lost.
    M8,
    /// Shifts before the units are ready (argo-rollouts #3941).
    M9,
    /// Looks once and never again (argo-rollouts #849).
    M10,
}

impl World {
    /// Steps the machine, with its fault.
    pub(super) fn step(&self, model: &mut Model, event: &Event) {
        let was = self.goal(model);
        if self.is_ignored(model, event) {
            return;
        }
        model.progress = step(self.state(model), event).0.progress;
        match self.fault {
            Some(Fault::M2) => self.finish_on_intent(model),
            Some(Fault::M3) => fall_at_once(model),
            Some(Fault::M9) => shift_unready(model),
            // A change is carried out once, unless the router is still busy with the one before.
            Some(Fault::M8) if self.goal(model).route != was.route && model.told == model.does => self.apply(model),
            _ => {}
        }
    }

    fn is_ignored(&self, model: &Model, event: &Event) -> bool {
        let state = self.state(model);
        match (self.fault, &event.kind) {
            (Some(Fault::M6), Kind::Aborted { .. }) => matches!(state.phase(), Phase::Finalising(_)),
            (Some(Fault::M7), Kind::Judged { decision, .. }) if decision.outcome == Verdict::Pass => {
                matches!(state.phase(), Phase::Stepping(stepping) if stepping.bake.verdict == Some(Verdict::NoData))
            }
            (Some(Fault::M7), Kind::Skipped { .. }) => true,
            (Some(Fault::M10), Kind::Observed(_)) => matches!(state.place(), Place::Bake(_)),
            _ => false,
        }
    }

    fn finish_on_intent(&self, model: &mut Model) {
        let last = u32::try_from(self.beginning.plan().steps().len() - 1).unwrap();
        if self.state(model).place() == Place::Shift(last) {
            model.progress.phase = Phase::Completed { at: model.progress.now };
        }
    }

    /// What the machine wants, with its fault.
    pub(super) fn goal(&self, model: &Model) -> Goal {
        let state = self.state(model);
        let mut wanted = goal(&state);
        let shifts_back =
            matches!(state.phase(), Phase::RollingBack(back) if matches!(back.sub, BackSub::Shift { .. }));
        if let (Some(Fault::M4), true, Some(units)) = (self.fault, shifts_back, &mut wanted.units) {
            units.candidate = 0;
        }
        wanted
    }

    /// What the machine is shown, with its fault.
    pub(super) fn observation(&self, model: &Model) -> Observation {
        let (share, generation) = if self.fault == Some(Fault::M1) { model.told } else { model.does };
        let units = |(want, there): (u32, u32)| Units { want, exist: there, ready: there };
        Observation {
            as_of: model.progress.now,
            route: Some(Route::share(share)),
            units: Some(model.units.map(units)),
            applied: generation.map(|generation| Fence { token: 1, generation }),
        }
    }
}

fn fall_at_once(model: &mut Model) {
    if let Phase::RollingBack(back) = &mut model.progress.phase {
        back.ceiling = Weight::ZERO;
    }
}

fn shift_unready(model: &mut Model) {
    let Phase::Stepping(stepping) = &mut model.progress.phase else { return };
    if let Sub::Scale { deadline } = stepping.sub {
        stepping.sub = Sub::Shift { deadline };
    }
}
