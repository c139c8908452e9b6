//! What one decision costs: `step` with its findings, and the fold of a log in memory.
//!
//! Figures to hold: a step and a goal at most 1 us; a plan of 100 steps checked in at most 1 ms; a fold at least 1 M events a second (1 ms for the log of 1,000 here).

#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]

use bellwether_core::{
    Arms, Decision, Duration, EventId, Fence, Finding, Level, Release, Route, Target, Time, Value, Verdict, Version,
    Weight,
};
use bellwether_rollout::{Actor, Event, Kind, Observation, State, goal, start, step};
use bellwether_strategy::{Facts, Plan, Step, check, for_level};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const EVENTS: u64 = 1_000;

fn fresh() -> State {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new(
        "checkout-42".parse().expect("an identifier"),
        "checkout".parse().expect("an identifier"),
        arms,
        Level::High,
    );
    let plan = for_level(Level::High).plan(&release, &Target::default()).expect("a plan");
    start(plan.outcome, time(0))
}

fn time(seconds: u64) -> Time {
    Time::from_unix_millis(1_772_000_000_000).after(Duration::from_seconds(seconds))
}

fn event(seconds: u64, kind: Kind) -> Event {
    Event { id: EventId::new(seconds.to_string()).expect("an identifier"), at: time(seconds), by: Actor::Driver, kind }
}

fn observed(state: &State, seconds: u64) -> Event {
    let goal = goal(state);
    let applied = Some(Fence { token: 1, generation: goal.generation });
    event(seconds, Kind::Observed(Observation { as_of: time(seconds), route: Some(goal.route), units: None, applied }))
}

fn judged(state: &State, seconds: u64) -> Event {
    let stage = goal(state).stage.expect("a stage");
    let decision = Decision::new(Verdict::Inconclusive).because(
        Finding::info("judge.inconclusive", "{requests} candidate requests, E {evidence}")
            .figure("requests", 5_231_u64)
            .figure("evidence", Value::Ratio(3.2)),
    );
    event(seconds, Kind::Judged { stage, decision })
}

/// A rollout at its first exposure.
fn baking() -> State {
    let state = fresh();
    let (state, _) = step(state, &event(0, Kind::Ticked));
    let seen = observed(&state, 1);
    step(state, &seen).0
}

fn one_step(criterion: &mut Criterion) {
    let state = baking();
    let events = [
        ("observed", observed(&state, 31)),
        ("judged", judged(&state, 31)),
        ("ticked", event(31, Kind::Ticked)),
        ("aborted", event(31, Kind::Aborted { why: "wrong image".into() })),
    ];
    let mut group = criterion.benchmark_group("step");
    for (name, event) in events {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| state.clone(), |state| step(state, &event), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn a_log(criterion: &mut Criterion) {
    let state = baking();
    let look = |seconds| if seconds % 2 == 0 { observed(&state, seconds) } else { judged(&state, seconds) };
    let log: Vec<Event> = (2..EVENTS + 2).map(look).collect();
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("a thousand events", |bencher| {
        bencher.iter(|| log.iter().fold(state.clone(), |state, event| step(state, event).0));
    });
    group.finish();
}

/// What the world should look like, at each kind of place.
fn one_goal(criterion: &mut Criterion) {
    let baking = baking();
    let back = step(baking.clone(), &event(31, Kind::Aborted { why: "wrong image".into() })).0;
    let mut group = criterion.benchmark_group("goal");
    for (name, state) in [("gate", fresh()), ("bake", baking), ("back", back)] {
        group.bench_function(name, |bencher| bencher.iter(|| goal(&state)));
    }
    group.finish();
}

/// A plan of a hundred steps from its data, with everything that is checked on the way.
fn a_long_plan(criterion: &mut Criterion) {
    let mut draft = fresh().plan().draft();
    let Some(last) = draft.steps.pop() else { return };
    draft.steps.clear();
    for percent in 1..=100_u16 {
        let route = Route::share(Weight::new(percent * 100).expect("a share"));
        let id = format!("step-{percent}").parse().expect("an identifier");
        draft.steps.push(Step { id, route, ..last.clone() });
    }
    let checked = |draft| check(&Plan::try_from(draft).expect("a plan"), &Facts::default());
    criterion.benchmark_group("plan").bench_function("a hundred steps", |bencher| {
        bencher.iter_batched(|| draft.clone(), checked, BatchSize::SmallInput);
    });
}

criterion_group!(benches, one_step, one_goal, a_log, a_long_plan);
criterion_main!(benches);
