//! An exhaustive check of the machine in a small adversarial world: every order of every event, breadth first, so that
//! a counterexample is a shortest one.
//!
//! The world has a control plane and a data plane of their own (a command is obeyed later, or lost), units that come
//! and go one by one, units that crash, a router that forgets, a judge that says anything, and a person. Time stands
//! still: bakes and drains are zero and deadlines far away.

extern crate std;

use alloc::{collections::VecDeque, format, string::String, vec, vec::Vec};
use std::collections::HashMap;

use bellwether_core::{
    Arms, Basis, Decision, Duration, EventId, Fence, Finding, Route, Time, Verdict, Version, Weight,
};
use bellwether_strategy::{Bake, Capacity, Conduct, Plan, PlanDraft, Step, UnitsRule, Wait};

use crate::{Actor, Event, Goal, Kind, Observation, Phase, Place, State, Sub, Units, difference, goal, start, step};

/// Everything there is: the machine and the world around it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Model {
    progress: crate::state::Progress,
    /// What the router was told last, and with which fence.
    told: (Weight, Option<u64>),
    /// What the router does.
    does: (Weight, Option<u64>),
    units: Arms<(u32, u32)>,
}

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Action {
    Observe,
    Apply,
    RouterObeys,
    RouterForgets,
    Scale(Arm),
    Crash,
    Judge(Verdict),
    Say(Word),
}

#[derive(Clone, Copy, Debug)]
enum Arm {
    Stable,
    Candidate,
}

#[derive(Clone, Copy, Debug)]
enum Word {
    Abort,
    Skip,
    Supersede,
    Resume,
}

const ACTIONS: [Action; 14] = [
    Action::Observe,
    Action::Apply,
    Action::RouterObeys,
    Action::RouterForgets,
    Action::Scale(Arm::Stable),
    Action::Scale(Arm::Candidate),
    Action::Crash,
    Action::Judge(Verdict::Pass),
    Action::Judge(Verdict::Fail),
    Action::Judge(Verdict::NoData),
    Action::Say(Word::Abort),
    Action::Say(Word::Skip),
    Action::Say(Word::Supersede),
    Action::Say(Word::Resume),
];

/// The world of one plan.
struct World {
    beginning: State,
    replicas: u32,
}

/// What was explored: every state with how it was reached, and who leads to whom.
struct Explored {
    states: Vec<Model>,
    reached_by: Vec<Option<(usize, Action)>>,
    edges: Vec<Vec<usize>>,
}

impl World {
    fn new(replicas: u32, shares: &[u16]) -> Self {
        let mut draft =
            PlanDraft::new("r".parse().unwrap(), Arms { stable: Version::named("1"), candidate: Version::named("2") });
        draft.capacity = Some(Capacity { replicas });
        let far = Duration::from_hours(1_000_000);
        let wait = |wait: Wait| Wait { until: far, ..wait };
        let usual = Conduct::default();
        draft.conduct = Conduct {
            deadline: far,
            drain: Duration::ZERO,
            no_data: wait(usual.no_data),
            gate: wait(usual.gate),
            human: wait(usual.human),
            ..usual
        };
        draft.steps = shares.iter().map(|share| plan_step(*share, far)).collect();
        Self { beginning: start(Plan::try_from(draft).unwrap(), Time::MIN), replicas }
    }

    fn model(&self) -> Model {
        let units = Arms { stable: (self.replicas, self.replicas), candidate: (0, 0) };
        let nothing = (Weight::ZERO, None);
        Model { progress: self.beginning.progress.clone(), told: nothing, does: nothing, units }
    }

    fn state(&self, model: &Model) -> State {
        let mut state = self.beginning.clone();
        state.progress = model.progress.clone();
        state
    }

    /// What happens to the machine and the world; nothing when the action is not possible now.
    fn act(&self, model: &Model, action: Action) -> Option<(Model, Option<Event>)> {
        let mut next = model.clone();
        let event = match action {
            Action::Observe => Some(Kind::Observed(model.observation())),
            Action::Apply => {
                self.apply(&mut next);
                None
            }
            Action::RouterObeys => {
                next.does = model.told;
                None
            }
            Action::RouterForgets => {
                (next.told, next.does) = ((Weight::ZERO, None), (Weight::ZERO, None));
                None
            }
            Action::Scale(arm) => {
                let (wanted, there) = match arm {
                    Arm::Stable => &mut next.units.stable,
                    Arm::Candidate => &mut next.units.candidate,
                };
                *there = if *there < *wanted { *there + 1 } else { there.checked_sub(u32::from(*there > *wanted))? };
                None
            }
            Action::Crash => {
                next.units.candidate.1 = next.units.candidate.1.checked_sub(1)?;
                None
            }
            Action::Judge(outcome) => {
                let stage = goal(&self.state(model)).stage?;
                Some(Kind::Judged { stage, decision: Decision::new(outcome).because(Finding::info("model", "any")) })
            }
            Action::Say(word) => Some(word.kind()),
        };
        let event = event.map(|kind| Event { id: EventId::new("e").unwrap(), at: Time::MIN, by: Actor::Driver, kind });
        if let Some(event) = &event {
            next.progress = step(self.state(model), event).0.progress;
        }
        next.forget_counts();
        (next != *model).then_some((next, event))
    }

    /// The host closes the difference to what the machine saw last.
    fn apply(&self, model: &mut Model) {
        let state = self.state(model);
        let Some(observation) = &model.progress.observed else { return };
        let wanted = goal(&state);
        let difference = difference(&wanted, observation);
        if let Some(route) = difference.route {
            model.told = (route.share, Some(wanted.generation));
        }
        if let Some(units) = difference.units {
            (model.units.stable.0, model.units.candidate.0) = (units.stable, units.candidate);
        }
    }

    fn explore(&self) -> Explored {
        let mut explored = Explored { states: vec![self.model()], reached_by: vec![None], edges: vec![vec![]] };
        let mut known: HashMap<Model, usize> = HashMap::from([(self.model(), 0)]);
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            let model = explored.states[at].clone();
            if self.state(&model).is_terminal() {
                continue;
            }
            for action in ACTIONS {
                let Some((next, event)) = self.act(&model, action) else { continue };
                if let Some(broken) = self.broken(&model, &next, event.as_ref()) {
                    panic!("{broken} after {action:?}, reached by\n{}", explored.path(at));
                }
                let index = *known.entry(next.clone()).or_insert_with(|| {
                    explored.states.push(next);
                    explored.reached_by.push(Some((at, action)));
                    explored.edges.push(vec![]);
                    open.push_back(explored.states.len() - 1);
                    explored.states.len() - 1
                });
                explored.edges[at].push(index);
            }
        }
        explored
    }

    /// The first invariant that one step breaks.
    fn broken(&self, before: &Model, after: &Model, event: Option<&Event>) -> Option<String> {
        let (was, is) = (self.state(before), self.state(after));
        let change =
            Change { before: goal(&was), wanted: goal(&is), was, is, event: event?.clone(), replicas: self.replicas };
        let checks: [Check; 12] = [
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
            ("I28", Change::somebody_serves),
        ];
        let (name, _) = checks.into_iter().find(|(_, holds)| !holds(&change))?;
        Some(format!(
            "{name} is broken: {:?} wants {:?}, then {:?} wants {:?}",
            change.was.phase(),
            change.before,
            change.is.phase(),
            change.wanted
        ))
    }
}

/// The name of an invariant, and whether a step keeps it.
type Check = (&'static str, fn(&Change) -> bool);

/// One step of the machine, with what was wanted before and after.
struct Change {
    was: State,
    is: State,
    before: Goal,
    wanted: Goal,
    event: Event,
    replicas: u32,
}

impl Change {
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

impl Model {
    fn observation(&self) -> Observation {
        let units = |(want, there): (u32, u32)| Units { want, exist: there, ready: there };
        Observation {
            as_of: Time::MIN,
            route: Some(Route::share(self.does.0)),
            units: Some(self.units.map(units)),
            applied: self.does.1.map(|generation| Fence { token: 1, generation }),
        }
    }

    /// Counts only matter in relation to each other: whether a command is of this generation or of an earlier one.
    fn forget_counts(&mut self) {
        let now = self.progress.generation;
        let relative = |generation: u64| u64::from(generation >= now);
        self.told.1 = self.told.1.map(relative);
        self.does.1 = self.does.1.map(relative);
        if let Some(applied) = self.progress.observed.as_mut().and_then(|observation| observation.applied.as_mut()) {
            applied.generation = relative(applied.generation);
        }
        self.progress.generation = 1;
        self.progress.events = 0;
        self.progress.recent.clear();
    }
}

impl Word {
    fn kind(self) -> Kind {
        match self {
            Self::Abort => Kind::Aborted { why: String::new() },
            Self::Skip => Kind::Skipped { why: String::new() },
            Self::Supersede => Kind::Superseded { by: "s".parse().unwrap() },
            Self::Resume => Kind::Resumed,
        }
    }
}

impl Explored {
    fn path(&self, mut at: usize) -> String {
        let mut actions = Vec::new();
        while let Some((before, action)) = self.reached_by[at] {
            actions.push(format!("{action:?}"));
            at = before;
        }
        actions.reverse();
        actions.join("\n")
    }

    /// Which states can still reach one that satisfies a condition.
    fn can_reach(&self, condition: impl Fn(&Model) -> bool) -> Vec<bool> {
        let mut backward = vec![vec![]; self.states.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            edges.iter().for_each(|to| backward[*to].push(from));
        }
        let mut can: Vec<bool> = self.states.iter().map(condition).collect();
        let mut open: Vec<usize> = (0..can.len()).filter(|at| can[*at]).collect();
        while let Some(at) = open.pop() {
            for from in &backward[at] {
                if !core::mem::replace(&mut can[*from], true) {
                    open.push(*from);
                }
            }
        }
        can
    }

    fn assert_all_reach(&self, what: &str, who: impl Fn(&Model) -> bool, end: impl Fn(&Model) -> bool) {
        let can = self.can_reach(end);
        let lost = (0..self.states.len()).find(|at| who(&self.states[*at]) && !can[*at]);
        assert!(
            lost.is_none(),
            "{what} out of reach from {:?}, reached by\n{}",
            lost.map(|at| &self.states[at]),
            self.path(lost.unwrap_or(0))
        );
    }
}

fn plan_step(share: u16, bake_max: Duration) -> Step {
    Step {
        id: format!("{share}").parse().unwrap(),
        route: Route::share(Weight::new(share).unwrap()),
        units: UnitsRule::ByShare,
        evidence: if share == 10_000 { Basis::Guard } else { Basis::Compare },
        bake: Bake { min: Duration::ZERO, max: bake_max },
        gates: vec![],
        on_inconclusive: bellwether_strategy::OnDeadline::Human,
    }
}

fn at_step(state: &State) -> Option<u32> {
    match state.phase() {
        Phase::Stepping(stepping) => Some(stepping.step),
        Phase::Finalising(_) | Phase::Completed { .. } => u32::try_from(state.plan().steps().len()).ok(),
        Phase::RollingBack(_) | Phase::RolledBack { .. } | Phase::Stuck(_) => None,
    }
}

/// The plans of the design's own model check: (replicas, shares), a last step below 100 % among them.
const PLANS: [(u32, &[u16]); 3] = [(2, &[5_000]), (4, &[2_500, 7_500]), (3, &[4_000])];

#[test]
fn the_machine_is_safe_and_live_in_every_order_of_events() {
    for (replicas, shares) in PLANS {
        let world = World::new(replicas, shares);
        let explored = world.explore();
        let place = |model: &Model| world.state(model).place();
        let terminal = |model: &Model| world.state(model).is_terminal();
        let going_on = |model: &Model| at_step(&world.state(model)).is_some();
        explored.assert_all_reach("L1: an end", |_| true, terminal);
        explored.assert_all_reach("L2: completion", going_on, |model| place(model) == Place::Completed);
        let back = |model: &Model| matches!(model.progress.phase, Phase::RollingBack(_));
        explored.assert_all_reach("L4: the way back", back, |model| place(model) == Place::RolledBack);
        let edges: usize = explored.edges.iter().map(Vec::len).sum();
        std::println!("{replicas} replicas, {shares:?}: {} states, {edges} edges", explored.states.len());
        assert!(explored.states.len() > 1_000, "the world is too small to say anything: {}", explored.states.len());
    }
}
