use std::collections::{BTreeMap, BTreeSet};

use bellwether_core::{Duration, GateName, RolloutId, Time, Verdict, Weight};
use bellwether_rollout::{Actor, Kind, Observation, Phase, Stepping, Sub, goal};

use crate::testing::Transition;

/// What the events so far say, kept beside the machine by other means than its own.
#[derive(Clone, Debug, Default)]
pub struct History {
    bakes: BTreeMap<(u32, u32), Bake>,
    predecessor: Option<RolloutId>,
    pub(crate) waits_for_predecessor: bool,
    resumption: Resumption,
}

/// A step's bake, counted from the observations.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bake {
    /// When its exposure was first seen.
    pub(crate) since: Option<Time>,
    /// For how long it was seen.
    pub(crate) total: Duration,
    /// When it was last seen; absent after anything else was.
    confirmed: Option<Time>,
    /// The last verdict on it that came after it was seen.
    pub(crate) verdict: Option<Verdict>,
}

/// What is known since the rollout was taken up again.
#[derive(Clone, Debug, Default)]
enum Resumption {
    /// Nothing is owed.
    #[default]
    Done,
    /// The world has not been looked at yet.
    Blind { caught_up: bool },
    /// Less was found than was wanted.
    Below { limit: Weight, caught_up: bool, gates: BTreeSet<GateName> },
}

impl History {
    /// The history of a rollout that begins, and that may wait for an earlier one.
    #[must_use]
    pub fn new(predecessor: Option<RolloutId>) -> Self {
        let waits_for_predecessor = predecessor.is_some();
        Self { predecessor, waits_for_predecessor, ..Self::default() }
    }

    pub(crate) fn bake(&self, step: u32, entry: u32) -> Bake {
        self.bakes.get(&(step, entry)).copied().unwrap_or_default()
    }

    /// The exposure that must not be exceeded before what was missed is judged and the gate is passed again.
    pub(crate) fn unjudged_limit(&self) -> Option<Weight> {
        match &self.resumption {
            Resumption::Below { limit, caught_up, gates } if !caught_up || !gates.is_empty() => Some(*limit),
            Resumption::Below { .. } | Resumption::Blind { .. } | Resumption::Done => None,
        }
    }

    /// Takes what an event says, before the checks.
    pub(crate) fn take(&mut self, transition: &Transition<'_>) {
        match &transition.event.kind {
            Kind::Observed(observation) => self.observed(transition, &transition.before.as_seen(observation)),
            Kind::Judged { stage, decision } => {
                if stage.rollout == *transition.before.plan().id() {
                    let bake = self.bakes.entry((stage.step, stage.entry)).or_default();
                    if bake.since.is_some() {
                        bake.verdict = Some(decision.outcome);
                    }
                }
            }
            Kind::PredecessorEnded { rollout } if Some(rollout) == self.predecessor.as_ref() => {
                self.waits_for_predecessor = false;
            }
            Kind::Resumed => {
                self.bakes.values_mut().for_each(|bake| bake.confirmed = None);
                self.resumption = Resumption::Blind { caught_up: false };
            }
            Kind::CaughtUp => match &mut self.resumption {
                Resumption::Blind { caught_up } | Resumption::Below { caught_up, .. } => *caught_up = true,
                Resumption::Done => {}
            },
            Kind::GateChecked { gate, decision, valid_until } => {
                if let Resumption::Below { gates, .. } = &mut self.resumption
                    && decision.outcome == Verdict::Pass
                    && *valid_until >= transition.after.now()
                {
                    gates.remove(gate);
                }
            }
            Kind::Skipped { .. } | Kind::AdvancedInFull { .. } if transition.event.by != Actor::Driver => {
                self.resumption = Resumption::Done;
            }
            Kind::Ticked
            | Kind::Responded { .. }
            | Kind::Checked { .. }
            | Kind::Approved { .. }
            | Kind::Refused { .. }
            | Kind::PlanChanged { .. }
            | Kind::Rescaled { .. }
            | Kind::Paused { .. }
            | Kind::Unpaused
            | Kind::Aborted { .. }
            | Kind::Skipped { .. }
            | Kind::AdvancedInFull { .. }
            | Kind::Superseded { .. }
            | Kind::PredecessorEnded { .. }
            | Kind::Alarmed { .. }
            | Kind::PortFailed { .. } => {}
        }
        self.begin(transition);
    }

    /// A bake can begin without a look, when what stopped it ends and the latest look shows its route already.
    fn begin(&mut self, transition: &Transition<'_>) {
        let (before, after) = (transition.before.place(), transition.after.place());
        let (Phase::Stepping(stepping), Some(observation)) = (transition.after.phase(), transition.after.observed())
        else {
            return;
        };
        let Some(step) = transition.after.plan().step(stepping.step) else { return };
        let told = observation.applied.is_some_and(|fence| fence.generation >= transition.after.generation());
        let begins = stepping.sub == Sub::Bake && before != after;
        if begins && told && observation.route.as_ref() == Some(&step.route) {
            let now = transition.after.now();
            let bake = self.bakes.entry((stepping.step, stepping.entry)).or_default();
            bake.since.get_or_insert(now);
            bake.confirmed = Some(now);
        }
    }

    /// Forgets what the next event no longer needs, after the checks.
    pub(crate) fn end(&mut self, transition: &Transition<'_>) {
        if !matches!(transition.after.phase(), Phase::Stepping(_)) {
            self.resumption = Resumption::Done;
        }
    }

    fn observed(&mut self, transition: &Transition<'_>, observation: &Observation) {
        let is_late = transition.before.observed().is_some_and(|last| observation.as_of < last.as_of);
        let Phase::Stepping(stepping) = transition.before.phase() else { return };
        if is_late || transition.before.is_terminal() {
            return;
        }
        self.look(transition, observation, stepping);
        self.count(transition, observation, stepping);
        // One observation can be the last of one place and the first of the next, where both want the same route.
        if let Phase::Stepping(next) = transition.after.phase()
            && transition.before.generation() == transition.after.generation()
        {
            self.count(transition, observation, next);
        }
    }

    /// The first look after the rollout was taken up again.
    fn look(&mut self, transition: &Transition<'_>, observation: &Observation, stepping: &Stepping) {
        let (Resumption::Blind { caught_up }, Some(route)) = (&self.resumption, &observation.route) else { return };
        let wanted = goal(transition.before).route.exposure();
        self.resumption = if route.exposure() < wanted {
            let step = transition.before.plan().step(stepping.step);
            let gates = step.map(|step| step.gates.iter().cloned().collect()).unwrap_or_default();
            Resumption::Below { limit: route.exposure(), caught_up: *caught_up, gates }
        } else {
            Resumption::Done
        };
    }

    /// Counts the bake while the step's exposure is shown by a router that was told so.
    fn count(&mut self, transition: &Transition<'_>, observation: &Observation, stepping: &Stepping) {
        let is_asked_for = matches!(stepping.sub, Sub::Shift { .. } | Sub::Bake);
        let Some(step) = transition.before.plan().step(stepping.step).filter(|_| is_asked_for) else { return };
        let now = transition.after.now();
        let told = observation.applied.is_some_and(|fence| fence.generation >= transition.before.generation());
        let bake = self.bakes.entry((stepping.step, stepping.entry)).or_default();
        if !told || observation.route.as_ref() != Some(&step.route) {
            bake.confirmed = None;
            return;
        }
        let passed = bake.confirmed.map(|last| now.since(last));
        let counted = passed.filter(|passed| *passed <= step.bake.heartbeat().saturating_mul(2));
        bake.total = bake.total.saturating_add(counted.unwrap_or_default());
        bake.confirmed = Some(now);
        bake.since.get_or_insert(now);
    }
}
