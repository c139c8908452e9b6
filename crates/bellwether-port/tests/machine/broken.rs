//! Each check is fed a transition that breaks its invariant, and must say so.

use std::collections::BTreeSet;

use bellwether_core::{
    ActorName, Arms, Decision, Duration, EventId, Fence, Finding, Route, StageId, Time, Verdict, Weight,
};
use bellwether_port::testing::{History, Transition, check_invariants, check_round, example_plan, invariants};
use bellwether_rollout::{Actor, Event, Goal, Kind, Move, Observation, Snapshot, State, Units, goal, start, step};
use bellwether_strategy::{Exchange, Floor, Plan, PlanDraft};
use serde_json::{Value, json};

/// A transition that can be made wrong, and what led to it.
struct Scene {
    history: History,
    before: State,
    event: Event,
    after: State,
    decision: Decision<Move>,
    goal: Goal,
}

impl Scene {
    /// Steps an event honestly.
    fn new(history: &History, before: &State, event: Event) -> Self {
        let (after, decision) = step(before.clone(), &event);
        Self { history: history.clone(), before: before.clone(), goal: goal(&after), event, after, decision }
    }

    /// The numbers of the invariants that are reported.
    fn broken(&self) -> BTreeSet<&'static str> {
        let Self { before, event, after, decision, goal, .. } = self;
        let transition = Transition { before, event, after, decision, goal };
        check_invariants(&mut self.history.clone(), &transition).iter().map(|violation| violation.invariant).collect()
    }
}

/// A rollout on its way, with the history that the checks keep.
struct Road {
    history: History,
    state: State,
    now: Time,
}

impl Road {
    fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// The example's plan, changed.
    fn start_with(change: impl FnOnce(&mut PlanDraft)) -> Self {
        let now: Time = "2026-03-02T10:00:00Z".parse().unwrap();
        let mut draft = example_plan("checkout-42").draft();
        change(&mut draft);
        Self { history: History::new(None), state: start(Plan::try_from(draft).unwrap(), now), now }
    }

    /// Steps an event that breaks nothing.
    fn walk(mut self, kind: Kind) -> Self {
        self.now = self.now.after(Duration::from_seconds(1));
        let scene = Scene::new(&self.history, &self.state, self.event(kind));
        assert_eq!(scene.broken(), BTreeSet::new(), "an honest transition");
        let transition = Transition {
            before: &scene.before,
            event: &scene.event,
            after: &scene.after,
            decision: &scene.decision,
            goal: &scene.goal,
        };
        assert_eq!(check_invariants(&mut self.history, &transition), []);
        Self { state: scene.after, ..self }
    }

    /// The world shows what is wanted, and every unit is ready.
    fn look(self) -> Self {
        let wanted = goal(&self.state);
        let kind = self.seen(&wanted.route, wanted.units.unwrap_or_default());
        self.walk(kind)
    }

    fn seen(&self, route: &Route, ready: Arms<u32>) -> Kind {
        let units = ready.map(|ready| Units { want: ready, exist: ready, ready });
        let applied = Some(Fence { token: 1, generation: self.state.generation() });
        let as_of = self.now.after(Duration::from_seconds(1));
        Kind::Observed(Observation { as_of, route: Some(route.clone()), units: Some(units), applied })
    }

    fn judged(&self, verdict: Verdict) -> Kind {
        let stage = goal(&self.state).stage.unwrap_or_else(|| self.stage(0));
        Kind::Judged { stage, decision: Decision::new(verdict).because(Finding::info("test", "drawn")) }
    }

    fn stage(&self, step: u32) -> StageId {
        StageId { rollout: self.state.plan().id().clone(), step, entry: 0 }
    }

    /// To the bake of the first step: 5 %.
    fn to_bake() -> Self {
        Self::start().look().look().look().look()
    }

    /// From a bake to the next, by a pass and a minute.
    fn bake_through(mut self) -> Self {
        let judged = self.judged(Verdict::Pass);
        self = self.walk(judged);
        let place = self.state.place();
        while self.state.place() == place {
            self = self.look();
        }
        self.look().look().look()
    }

    fn event(&self, kind: Kind) -> Event {
        let by = if matches!(kind, Kind::Skipped { .. } | Kind::Aborted { .. } | Kind::Alarmed { .. }) {
            Actor::Person(ActorName::new("ada").unwrap())
        } else {
            Actor::Driver
        };
        let id = EventId::new(format!("event-{}", self.state.events())).unwrap();
        Event { id, at: self.now.after(Duration::from_seconds(1)), by, kind }
    }

    fn scene(&self, kind: Kind) -> Scene {
        Scene::new(&self.history, &self.state, self.event(kind))
    }
}

/// A state with one place of its stored form changed.
fn doctored(state: &State, pointer: &str, value: Value) -> State {
    let mut stored = serde_json::to_value(state.snapshot()).unwrap();
    *stored.pointer_mut(pointer).expect(pointer) = value;
    let snapshot: Snapshot = serde_json::from_value(stored).unwrap();
    State::restore(state.plan().clone(), snapshot).unwrap()
}

fn why() -> String {
    "a test".into()
}

fn share(basis_points: u16) -> Route {
    Route::share(Weight::new(basis_points).unwrap())
}

/// A wrong transition for each invariant.
fn wrong(invariant: &str) -> Scene {
    let bake = Road::to_bake();
    let mut scene = bake.scene(Kind::Ticked);
    match invariant {
        "I1" => scene.goal.units = Some(Arms { stable: 10, candidate: u32::MAX }),
        "I2" => scene.goal.units = Some(Arms { stable: 9, candidate: 1 }),
        "I3" => scene.goal.units = Some(Arms { stable: 10, candidate: 0 }),
        "I4" | "I24" => scene.goal.route = share(5_000),
        "I5" => {
            let seen = bake.seen(&share(500), Arms { stable: 9, candidate: 1 });
            scene = bake.scene(seen);
            scene.goal.route = Route::STABLE;
        }
        "I6" => scene.event.kind = Kind::Aborted { why: why() },
        "I7" => {
            scene = bake.walk(Kind::Aborted { why: why() }).scene(Kind::Ticked);
            scene.goal.route = share(1);
        }
        "I8" => {
            scene = bake.scene(Kind::Aborted { why: why() });
            scene.goal.route = share(500);
        }
        "I9" => {
            let completed = completed();
            scene.after = doctored(&completed, "/progress/observed/route/share", json!(9_999));
        }
        "I10" => {
            let back = Road::to_bake().walk(Kind::Aborted { why: why() });
            let back = ended(back);
            scene.after = doctored(&back, "/progress/observed/applied/generation", json!(0));
        }
        "I11" => scene.after = Road::to_bake().bake_through().state,
        "I12" => {
            scene = bake.scene(Kind::Ticked);
            scene.history = History::new(Some("checkout-41".parse().unwrap()));
        }
        "I13" => scene.after = Road::to_bake().bake_through().bake_through().state,
        "I14" => scene.goal.generation += 1,
        "I15" | "L6" => scene = without_wake(),
        "I16" => {
            let seen = bake.seen(&share(700), Arms { stable: 10, candidate: 1 });
            scene = bake.scene(seen);
            scene.goal.route = share(700);
        }
        "I17" => scene.after = doctored(&scene.after, "/progress/phase/stepping/bake/total", json!("1h")),
        "I18" => {
            // Every eighth state is stored.
            let mut road = Road::to_bake();
            while road.state.events() % 8 != 7 {
                road = road.look();
            }
            scene = road.scene(Kind::Aborted { why: why() });
            scene.goal.stage = Some(road.stage(0));
        }
        "I19" => scene.decision.outcome = Move::Release,
        "I21" => {
            let road = Road::start_with(|draft| {
                draft.capacity = draft.capacity.map(|capacity| capacity.with_exchange(Exchange::ONE_MORE));
                draft.steps.drain(..draft.steps.len() - 1);
            });
            let seen = road.seen(&Route::STABLE, Arms { stable: 10, candidate: 0 });
            scene = road.scene(seen);
            scene.goal.units = Some(Arms { stable: 10, candidate: 2 });
        }
        "I25" => {
            scene = Road::start().walk(Kind::Paused { why: why() }).scene(Kind::Ticked);
            scene.goal.route = share(500);
        }
        "I27" => scene = gone_back_past_the_floor(),
        "I28" => scene.goal.units = Some(Arms { stable: 0, candidate: 0 }),
        "I29" => scene = made_easier(),
        "I30" => scene.event.kind = Kind::Alarmed { name: why(), why: why() },
        "I32" => scene.after = doctored(&scene.after, "/progress/now", json!("2026-03-02T09:00:00.000Z")),
        "I33" => scene.decision.findings.clear(),
        "I34" => scene = raised_unjudged(),
        other => panic!("{other} has no wrong transition"),
    }
    scene
}

fn gone_back_past_the_floor() -> Scene {
    let road = Road::start_with(|draft| {
        let step = draft.steps[0].id.clone();
        draft.floor = Some(Floor { step, why: why(), alternatives: vec![] });
    });
    let road = road.look().look().look().look();
    let mut scene = road.scene(Kind::Ticked);
    let since = road.now;
    let back = json!({"rolling_back": {
        "cause": "aborted", "since": since, "ceiling": 0, "sub": {"shift": {"deadline": since}}
    }});
    scene.after = doctored(&scene.after, "/progress/phase", back);
    scene
}

/// A plan whose current step bakes for less time was taken.
fn made_easier() -> Scene {
    let road = Road::to_bake();
    let mut draft = road.state.plan().draft();
    draft.steps[0].bake.min = Duration::ZERO;
    let plan = Plan::try_from(draft).unwrap();
    let mut scene = road.scene(Kind::PlanChanged { plan: Box::new(plan.clone()) });
    let mut stored = serde_json::to_value(scene.after.snapshot()).unwrap();
    stored["plan"] = json!(plan.digest());
    scene.after = State::restore(plan, serde_json::from_value(stored).unwrap()).unwrap();
    scene
}

fn without_wake() -> Scene {
    let road = Road::start().look();
    let mut scene = road.scene(Kind::Ticked);
    assert!(scene.goal.wake.is_some(), "units or a route are waited for");
    scene.goal.wake = None;
    scene
}

fn raised_unjudged() -> Scene {
    let road = Road::to_bake().walk(Kind::Resumed);
    let found = road.seen(&Route::STABLE, Arms { stable: 10, candidate: 1 });
    let road = road.walk(found);
    let mut scene = road.scene(Kind::Ticked);
    scene.goal.route = share(500);
    scene
}

fn completed() -> State {
    ended(Road::to_bake().bake_through().bake_through().bake_through())
}

fn ended(mut road: Road) -> State {
    for _ in 0..200 {
        if road.state.is_terminal() {
            return road.state;
        }
        road = road.look();
    }
    panic!("it stands at {}", road.state.place());
}

#[test]
fn every_check_reports_a_transition_that_breaks_its_invariant() {
    for invariant in invariants() {
        let broken = wrong(invariant).broken();
        assert!(broken.contains(invariant), "{invariant} was not reported, {broken:?} were");
    }
}

#[test]
fn a_round_that_is_not_sorted_is_reported() {
    let road = Road::to_bake();
    let pause = road.event(Kind::Paused { why: why() });
    let unpause = Event { id: EventId::new("unpause").unwrap(), ..road.event(Kind::Unpaused) };
    assert_eq!(check_round(&road.state, &[pause.clone(), unpause.clone()]), Ok(()), "sorted");
    let violation = check_round(&road.state, &[unpause, pause]).unwrap_err();
    assert_eq!(violation.invariant, "I31");
}
