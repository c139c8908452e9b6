//! The same check for a rollout without a router: units start, get ready, leave and crash in every order, commands are
//! given by a look that may be old, and a person or a judge ends it at any moment.

extern crate std;

use alloc::{collections::VecDeque, format, string::String, vec, vec::Vec};
use std::collections::HashMap;

use bellwether_core::{Arms, Basis, Decision, Duration, EventId, Finding, Route, Time, Verdict, Version};
use bellwether_strategy::{Amount, Bake, Bounds, Capacity, Conduct, Exchange, Plan, PlanDraft, Step, Wait};

use crate::{Actor, Event, Kind, Observation, Phase, Place, State, Units, difference, goal, start, step};

/// Everything there is: the machine and the units.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Model {
    progress: crate::state::Progress,
    units: Arms<Units>,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Observe,
    Apply,
    Start(Arm),
    Ready(Arm),
    Leave(Arm),
    Crash(Arm),
    Judge(Verdict),
    Abort,
    Resume,
    CatchUp,
}

#[derive(Clone, Copy, Debug)]
enum Arm {
    Stable,
    Candidate,
}

const ACTIONS: [Action; 15] = [
    Action::Observe,
    Action::Apply,
    Action::Start(Arm::Stable),
    Action::Start(Arm::Candidate),
    Action::Ready(Arm::Stable),
    Action::Ready(Arm::Candidate),
    Action::Leave(Arm::Stable),
    Action::Leave(Arm::Candidate),
    Action::Crash(Arm::Stable),
    Action::Crash(Arm::Candidate),
    Action::Judge(Verdict::Pass),
    Action::Judge(Verdict::Fail),
    Action::Abort,
    Action::Resume,
    Action::CatchUp,
];

struct World {
    beginning: State,
    bounds: Bounds,
    replicas: u32,
    crashes: bool,
}

impl World {
    fn new(replicas: u32, exchange: Exchange, shares: &[&str]) -> Self {
        let arms = Arms { stable: Version::named("1"), candidate: Version::named("2") };
        let mut draft = PlanDraft::new("r".parse().unwrap(), arms);
        draft.capacity = Some(Capacity::of(replicas).with_exchange(exchange));
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
        let bake = Bake { min: Duration::ZERO, max: far };
        let plan_step = |share: &&str| {
            let share = exchange.shown_share(share.parse().unwrap(), replicas);
            Step::new(format!("{}", share.basis_points()).parse().unwrap(), Route::share(share), Basis::Guard, bake)
        };
        draft.steps = shares.iter().map(plan_step).collect();
        let beginning = start(Plan::try_from(draft).unwrap(), Time::MIN);
        Self { beginning, bounds: exchange.bounds(replicas), replicas, crashes: true }
    }

    fn without_crashes(self) -> Self {
        Self { crashes: false, ..self }
    }

    fn first(&self) -> Model {
        let ready = |count| Units { want: count, exist: count, ready: count };
        Model {
            progress: self.beginning.progress.clone(),
            units: Arms { stable: ready(self.replicas), candidate: ready(0) },
        }
    }

    fn state(&self, model: &Model) -> State {
        let mut state = self.beginning.clone();
        state.progress = model.progress.clone();
        state
    }

    /// What happens; nothing when the action is not possible or changes nothing.
    fn act(&self, model: &Model, action: Action) -> Option<(Model, Option<Kind>)> {
        let mut next = model.clone();
        let kind = match action {
            Action::Observe => Some(Kind::Observed(Observation {
                as_of: self.now(model),
                route: None,
                units: Some(model.units),
                applied: None,
            })),
            Action::Judge(outcome) => {
                let stage = goal(&self.state(model)).stage?;
                Some(Kind::Judged { stage, decision: Decision::new(outcome).because(Finding::info("model", "any")) })
            }
            Action::Abort => Some(Kind::Aborted { why: String::new() }),
            Action::Resume => Some(Kind::Resumed),
            Action::CatchUp => Some(Kind::CaughtUp),
            Action::Apply => {
                self.apply(&mut next);
                None
            }
            Action::Start(arm) => {
                let units = next.arm(arm);
                units.exist = (units.exist < units.want).then(|| units.exist + 1)?;
                None
            }
            Action::Ready(arm) => {
                let units = next.arm(arm);
                units.ready = (units.ready < units.exist.min(units.want)).then(|| units.ready + 1)?;
                None
            }
            Action::Leave(arm) => {
                let units = next.arm(arm);
                units.exist = (units.exist > units.want).then(|| units.exist - 1)?;
                None
            }
            Action::Crash(_) if !self.crashes => return None,
            Action::Crash(arm) => {
                let units = next.arm(arm);
                units.ready = units.ready.checked_sub(1)?;
                None
            }
        };
        if let Some(kind) = &kind {
            let goes_back = matches!(kind, Kind::Aborted { .. })
                || matches!(kind, Kind::Judged { decision, .. } if decision.outcome == Verdict::Fail);
            let at = if goes_back { back_at() } else { self.now(model) };
            let id = EventId::new("e").unwrap();
            let event = Event { id, at, by: Actor::Driver, kind: kind.clone() };
            next.progress = step(self.state(model), &event).0.progress;
        }
        next.forget_counts();
        (kind.is_some() || next != *model).then_some((next, kind))
    }

    /// Time only tells what was seen before the way back from what was seen on it.
    fn now(&self, model: &Model) -> Time {
        if matches!(self.state(model).phase(), Phase::RollingBack(_)) { back_at() } else { Time::MIN }
    }

    /// The host closes the difference to what the machine saw last; what is not wanted stops serving at once.
    fn apply(&self, model: &mut Model) {
        let Some(observation) = &model.progress.observed else { return };
        let Some(wanted) = difference(&goal(&self.state(model)), observation).units else { return };
        for (units, want) in [(&mut model.units.stable, wanted.stable), (&mut model.units.candidate, wanted.candidate)]
        {
            units.want = want;
            units.ready = units.ready.min(want);
        }
    }

    fn broken(&self, before: &Model, after: &Model, kind: Option<&Kind>) -> Option<&'static str> {
        let (was, is) = (self.state(before), self.state(after));
        let wanted = after.units.stable.want + after.units.candidate.want;
        let ready = after.units.stable.ready + after.units.candidate.ready;
        let goes_on = |state: &State| matches!(state.phase(), Phase::Stepping(_) | Phase::Finalising(_));
        let is_back = |state: &State| matches!(state.phase(), Phase::RollingBack(_) | Phase::RolledBack { .. });
        let has_risen = after.units.candidate.want > before.units.candidate.want;
        let rises = matches!(was.phase(), Phase::RollingBack(_)) && has_risen;
        let is_abort = matches!(kind, Some(Kind::Aborted { .. })) && !was.is_terminal();
        let seen = is.observed().and_then(|observation| observation.units);
        let step_of = |state: &State| if let Phase::Stepping(it) = state.phase() { Some(it.step) } else { None };
        let left = matches!((step_of(&was), step_of(&is)), (Some(was), Some(is)) if was != is);
        let passes = matches!(kind, Some(Kind::Judged { decision, .. }) if decision.outcome == Verdict::Pass)
            || matches!(was.phase(), Phase::Stepping(it) if it.bake.verdict == Some(Verdict::Pass));
        let checks = [
            ("I21, too many", wanted <= self.bounds.most),
            ("I21, too few", wanted >= self.bounds.least),
            ("I21, too few in truth", self.crashes || ready >= self.bounds.least),
            ("I6", !is_abort || is_back(&is)),
            ("I7", !(rises || is_back(&was) && goes_on(&is))),
            ("I9", is.place() != Place::Completed || seen.is_some_and(|seen| self.is_all_candidate(&seen))),
            ("I10", is.place() != Place::RolledBack || seen.is_some_and(|seen| seen.candidate.exist == 0)),
            ("I11", !left || passes),
        ];
        checks.into_iter().find(|(_, holds)| !holds).map(|(name, _)| name)
    }

    fn is_all_candidate(&self, seen: &Arms<Units>) -> bool {
        seen.stable.exist == 0 && seen.candidate.ready >= self.replicas
    }

    /// Every state that can be reached with who leads to whom, or the shortest way to what is broken.
    fn explore(&self) -> Result<(Vec<Model>, Vec<Vec<usize>>), String> {
        let mut states = vec![self.first()];
        let mut reached_by: Vec<Option<(usize, Action)>> = vec![None];
        let mut edges: Vec<Vec<usize>> = vec![vec![]];
        let mut known = HashMap::from([(self.first(), 0)]);
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            let model = states[at].clone();
            if self.state(&model).is_terminal() {
                continue;
            }
            for action in ACTIONS {
                let Some((next, kind)) = self.act(&model, action) else { continue };
                if let Some(broken) = self.broken(&model, &next, kind.as_ref()) {
                    let way = way_to(&reached_by, at);
                    return Err(format!("{broken} is broken after {action:?}: {next:?}, reached by\n{way}"));
                }
                let index = *known.entry(next.clone()).or_insert_with(|| {
                    states.push(next);
                    reached_by.push(Some((at, action)));
                    edges.push(vec![]);
                    open.push_back(states.len() - 1);
                    states.len() - 1
                });
                edges[at].push(index);
            }
        }
        Ok((states, edges))
    }
}

impl Model {
    const fn arm(&mut self, arm: Arm) -> &mut Units {
        match arm {
            Arm::Stable => &mut self.units.stable,
            Arm::Candidate => &mut self.units.candidate,
        }
    }

    /// Counts only matter in relation to each other, and time only before and on the way back.
    fn forget_counts(&mut self) {
        let now = self.progress.generation;
        if let Some(applied) = self.progress.observed.as_mut().and_then(|seen| seen.applied.as_mut()) {
            applied.generation = u64::from(applied.generation >= now);
        }
        self.progress.generation = 1;
        self.progress.events = 0;
        self.progress.recent.clear();
    }
}

fn back_at() -> Time {
    Time::MIN.after(Duration::from_seconds(1))
}

fn way_to(reached_by: &[Option<(usize, Action)>], mut at: usize) -> String {
    let mut actions = Vec::new();
    while let Some((before, action)) = reached_by[at] {
        actions.push(format!("{action:?}"));
        at = before;
    }
    actions.reverse();
    actions.join("\n")
}

/// Whether every state of a kind can still reach an end of a kind.
fn all_reach(edges: &[Vec<usize>], ends: &[bool], who: &[bool]) -> Option<usize> {
    let mut backward = vec![vec![]; edges.len()];
    for (from, edges) in edges.iter().enumerate() {
        edges.iter().for_each(|to| backward[*to].push(from));
    }
    let mut can = ends.to_vec();
    let mut open: Vec<usize> = (0..can.len()).filter(|at| can[*at]).collect();
    while let Some(at) = open.pop() {
        for from in &backward[at] {
            if !core::mem::replace(&mut can[*from], true) {
                open.push(*from);
            }
        }
    }
    (0..can.len()).find(|at| who[*at] && !can[*at])
}

#[test]
fn an_exchange_is_safe_and_live_in_every_order_of_events() {
    let one_less = Exchange::new(Amount::Units(0), Amount::Units(1));
    let worlds = [
        World::new(2, Exchange::ONE_MORE, &["50 %"]),
        World::new(3, Exchange::ONE_MORE, &["100 %"]).without_crashes(),
        World::new(2, one_less, &["50 %"]),
        World::new(3, one_less, &["33 %"]).without_crashes(),
        World::new(4, Exchange::default(), &["100 %"]).without_crashes(),
        World::new(2, Exchange::RECREATE, &["100 %"]),
    ];
    for world in worlds {
        let (states, edges) = world.explore().unwrap_or_else(|broken| panic!("{broken}"));
        let are = |test: &dyn Fn(&State) -> bool| -> Vec<bool> {
            states.iter().map(|model| test(&world.state(model))).collect()
        };
        let terminal = are(&State::is_terminal);
        let completed = are(&|state| state.place() == Place::Completed);
        let going_on = are(&|state| matches!(state.phase(), Phase::Stepping(_)));
        let back = are(&|state| matches!(state.phase(), Phase::RollingBack(_)));
        let rolled_back = are(&|state| state.place() == Place::RolledBack);
        let everybody: Vec<bool> = states.iter().map(|_| true).collect();
        for (what, ends, who) in
            [("L1", &terminal, &everybody), ("L2", &completed, &going_on), ("L4", &rolled_back, &back)]
        {
            let lost = all_reach(&edges, ends, who);
            assert!(lost.is_none(), "{what} is broken from {:?}", lost.map(|at| &states[at]));
        }
        std::println!("{} replicas, {:?}: {} states", world.replicas, world.bounds, states.len());
        assert!(states.len() > 500, "the world is too small to say anything: {}", states.len());
    }
}
