//! An exhaustive check of the machine in a small adversarial world: every order of every event, breadth first, so that
//! a counterexample is a shortest one.
//!
//! The world has a control plane and a data plane of their own (a command is obeyed later, or lost), units that come
//! and go, units that crash, a router that forgets, a judge that says anything, and a person. Time stands
//! still: bakes and drains are zero and deadlines far away.

extern crate std;

use alloc::{collections::VecDeque, format, string::String, vec, vec::Vec};
use std::collections::HashMap;

use bellwether_core::{Arms, Basis, Decision, Duration, EventId, Finding, Route, Time, Verdict, Version, Weight};
use bellwether_strategy::{Bake, Capacity, Conduct, Plan, PlanDraft, StableSizing, Step, Wait};

use crate::{Actor, Event, Kind, Phase, Place, State, difference, start};

mod change;
mod exchange;
mod fault;

use change::{Change, at_step};
use fault::Fault;

/// Everything there is: the machine and the world around it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Model {
    progress: crate::state::Progress,
    /// What the router was told last, and with which fence.
    told: (Weight, Option<u64>),
    /// What the router does.
    does: (Weight, Option<u64>),
    units: Arms<(u32, u32)>,
    /// What the machine was shown last, whatever it made of it.
    shown: Option<Weight>,
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
    fault: Option<Fault>,
    /// A router that forgets can leave traffic where no unit is any more, which no machine could help.
    router_forgets: bool,
    /// How many units come, go or crash at a time: one, or more where there would be too many states.
    stride: u32,
}

/// What was explored: every state with how it was reached, and who leads to whom.
struct Explored {
    states: Vec<Model>,
    reached_by: Vec<Option<(usize, Action)>>,
    edges: Vec<Vec<usize>>,
}

impl World {
    fn new(replicas: u32, shares: &[u16]) -> Self {
        Self::sized(StableSizing::Full, (replicas, shares))
    }

    fn sized(stable_sizing: StableSizing, (replicas, shares): (u32, &[u16])) -> Self {
        let mut draft =
            PlanDraft::new("r".parse().unwrap(), Arms { stable: Version::named("1"), candidate: Version::named("2") });
        draft.capacity = Some(Capacity::of(replicas));
        let far = Duration::from_hours(1_000_000);
        let wait = |wait: Wait| Wait { until: far, ..wait };
        let usual = Conduct::default();
        draft.conduct = Conduct {
            deadline: far,
            drain: Duration::ZERO,
            no_data: wait(usual.no_data),
            gate: wait(usual.gate),
            human: wait(usual.human),
            stable_sizing,
            ..usual
        };
        draft.steps = shares.iter().map(|share| plan_step(*share, far)).collect();
        Self {
            beginning: start(Plan::try_from(draft).unwrap(), Time::MIN),
            replicas,
            fault: None,
            router_forgets: true,
            stride: 1,
        }
    }

    fn model(&self) -> Model {
        let units = Arms { stable: (self.replicas, self.replicas), candidate: (0, 0) };
        let nothing = (Weight::ZERO, None);
        Model { progress: self.beginning.progress.clone(), told: nothing, does: nothing, units, shown: None }
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
            Action::Observe => {
                next.shown = Some(model.does.0);
                Some(Kind::Observed(self.observation(model)))
            }
            Action::Apply if self.fault == Some(Fault::M8) => return None,
            Action::Apply => {
                self.apply(&mut next);
                None
            }
            Action::RouterObeys => {
                next.does = model.told;
                None
            }
            Action::RouterForgets if !self.router_forgets => return None,
            Action::RouterForgets => {
                (next.told, next.does) = ((Weight::ZERO, None), (Weight::ZERO, None));
                None
            }
            Action::Scale(arm) => {
                let (wanted, there) = match arm {
                    Arm::Stable => &mut next.units.stable,
                    Arm::Candidate => &mut next.units.candidate,
                };
                let (missing, spare) = (wanted.saturating_sub(*there), there.saturating_sub(*wanted));
                *there = *there + missing.min(self.stride) - spare.min(self.stride);
                None
            }
            Action::Crash => {
                next.units.candidate.1 = next.units.candidate.1.saturating_sub(self.stride);
                None
            }
            Action::Judge(outcome) => {
                let stage = self.goal(model).stage?;
                Some(Kind::Judged { stage, decision: Decision::new(outcome).because(Finding::info("model", "any")) })
            }
            Action::Say(word) => Some(word.kind()),
        };
        let event = event.map(|kind| Event { id: EventId::new("e").unwrap(), at: Time::MIN, by: Actor::Driver, kind });
        if let Some(event) = &event {
            self.step(&mut next, event);
        }
        next.forget_counts();
        (event.is_some() || next != *model).then_some((next, event))
    }

    /// The host closes the difference to what the machine saw last.
    fn apply(&self, model: &mut Model) {
        let Some(observation) = &model.progress.observed else { return };
        let wanted = self.goal(model);
        let difference = difference(&wanted, observation);
        if let Some(route) = difference.route {
            model.told = (route.share, Some(wanted.generation));
        }
        if let Some(units) = difference.units {
            (model.units.stable.0, model.units.candidate.0) = (units.stable, units.candidate);
        }
    }

    /// Every state that can be reached, or the first invariant that breaks and the shortest way to it.
    fn explore(&self) -> Result<Explored, String> {
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
                    return Err(format!("{broken} after {action:?}, reached by\n{}", explored.path(at)));
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
        Ok(explored)
    }

    fn broken(&self, before: &Model, after: &Model, event: Option<&Event>) -> Option<String> {
        let (was, is) = (self.state(before), self.state(after));
        Change {
            before: self.goal(before),
            wanted: self.goal(after),
            was,
            is,
            event: event?.clone(),
            replicas: self.replicas,
            shown: after.shown,
            does: after.does.0,
            router_forgets: self.router_forgets,
        }
        .broken()
    }
}

impl Model {
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

    fn lost(&self, who: impl Fn(&Model) -> bool, end: impl Fn(&Model) -> bool) -> Option<usize> {
        let can = self.can_reach(end);
        (0..self.states.len()).find(|at| who(&self.states[*at]) && !can[*at])
    }

    fn assert_all_reach(&self, what: &str, who: impl Fn(&Model) -> bool, end: impl Fn(&Model) -> bool) {
        let lost = self.lost(who, end);
        assert!(
            lost.is_none(),
            "{what} out of reach from {:?}, reached by\n{}",
            lost.map(|at| &self.states[at]),
            self.path(lost.unwrap_or(0))
        );
    }
}

fn plan_step(share: u16, bake_max: Duration) -> Step {
    Step::new(
        format!("{share}").parse().unwrap(),
        Route::share(Weight::new(share).unwrap()),
        if share == 10_000 { Basis::Guard } else { Basis::Compare },
        Bake { min: Duration::ZERO, max: bake_max },
    )
}

/// The plans of the design's own model check: (replicas, shares), a last step below 100 % among them.
const PLANS: [(u32, &[u16]); 3] = [(2, &[5_000]), (4, &[2_500, 7_500]), (3, &[4_000])];

#[test]
fn the_machine_is_safe_and_live_in_every_order_of_events() {
    let full = PLANS.map(|plan| World::sized(StableSizing::Full, plan));
    // With 4 replicas and a router that forgets there are millions of states, too many for every run.
    let following = World::sized(StableSizing::FollowsTraffic, (2, &[5_000]));
    let following = World { router_forgets: false, ..following };
    // Ten units that come and go one by one have millions of states; four or five at a time they have fewer.
    let leaping = |(plan, stride)| World { stride, ..World::sized(StableSizing::Full, plan) };
    let large = [((10, &[1_000, 5_000][..]), 5), ((10, &[3_500]), 4)].map(leaping);
    for world in full.into_iter().chain(large).chain([following]) {
        let explored = world.explore().unwrap_or_else(|broken| panic!("{broken}"));
        let place = |model: &Model| world.state(model).place();
        let terminal = |model: &Model| world.state(model).is_terminal();
        let going_on = |model: &Model| at_step(&world.state(model)).is_some();
        explored.assert_all_reach("L1: an end", |_| true, terminal);
        explored.assert_all_reach("L2: completion", going_on, |model| place(model) == Place::Completed);
        let back = |model: &Model| matches!(model.progress.phase, Phase::RollingBack(_));
        explored.assert_all_reach("L4: the way back", back, |model| place(model) == Place::RolledBack);
        let edges: usize = explored.edges.iter().map(Vec::len).sum();
        let conduct = world.beginning.plan().conduct().stable_sizing;
        std::println!(
            "{} replicas, stable {conduct:?}: {} states, {edges} edges",
            world.replicas,
            explored.states.len()
        );
        assert!(explored.states.len() > 1_000, "the world is too small to say anything: {}", explored.states.len());
    }
}

/// Faults as they were made elsewhere, and the invariant that finds each: what the checks are worth.
#[test]
fn every_seeded_fault_is_found() {
    let expected = [
        (Fault::M1, "I17"),
        (Fault::M2, "I9"),
        (Fault::M3, "I4/I5"),
        (Fault::M4, "I2/I3"),
        (Fault::M6, "I6"),
        (Fault::M9, "I4/I5"),
        (Fault::M10, "I17"),
    ];
    for (fault, invariant) in expected {
        let sizing = if fault == Fault::M3 { StableSizing::FollowsTraffic } else { StableSizing::Full };
        let world = World { fault: Some(fault), ..World::sized(sizing, (4, &[2_500, 7_500])) };
        let broken = world.explore().err().unwrap_or_else(|| panic!("{fault:?} was not found"));
        assert!(broken.starts_with(&format!("{invariant} is broken")), "{fault:?}: {broken}");
        std::println!("{fault:?}: {invariant}, after {} events", broken.lines().count());
    }
}

#[test]
fn faults_that_break_nothing_but_the_way_on_are_found_too() {
    let lost = |fault, who: fn(&State) -> bool, end: fn(&State) -> bool| {
        let world = World { fault: Some(fault), ..World::new(2, &[5_000]) };
        let explored = world.explore().unwrap_or_else(|broken| panic!("{broken}"));
        explored.lost(|model| who(&world.state(model)), |model| end(&world.state(model)))
    };
    assert!(lost(Fault::M7, |state| at_step(state).is_some(), |state| state.place() == Place::Completed).is_some());
    assert!(lost(Fault::M7, |_| true, State::is_terminal).is_none(), "M7 passes a plain check of liveness");
    assert!(lost(Fault::M8, |_| true, State::is_terminal).is_some());
}

#[test]
fn without_a_router_that_forgets_no_traffic_meets_missing_units_even_unseen() {
    for (replicas, shares) in [(2, &[5_000][..]), (3, &[4_000])] {
        let world = World { router_forgets: false, ..World::new(replicas, shares) };
        assert_eq!(world.explore().err(), None);
    }
}
