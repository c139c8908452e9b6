//! What a rollout waits for, what would make it go on, and what an event would do.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use bellwether_core::{Arms, Decision, Duration, Fence, Level, Release, Route, Target, Time, Verdict, Version, Weight};
use bellwether_rollout::{
    Actor, After, Event, Kind, Move, Observation, Place, Scenario, State, Units, WorldFault, goal, simulate_each,
    start, step, waiting_for, what_if,
};
use bellwether_strategy::{Floor, Plan, for_level};
use proptest::prelude::*;

/// 10 % for 2 h, 50 % for 4 h, then everybody, with ten units; the second step has a gate.
fn plan() -> Plan {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, Level::Medium);
    let target = Target::default().with_replicas(10);
    let mut draft = for_level(Level::Medium).plan(&release, &target).unwrap().outcome.draft();
    draft.steps.get_mut(1).unwrap().gates.push("window".parse().unwrap());
    Plan::try_from(draft).unwrap()
}

fn at(minutes: u64) -> Time {
    Time::default().after(Duration::from_minutes(minutes))
}

fn event(minutes: u64, kind: Kind) -> Event {
    Event { id: format!("at-{minutes}-{}", kind.name()).parse().unwrap(), at: at(minutes), by: Actor::Driver, kind }
}

/// What the world looks like when so many units of the candidate are ready and it has done what it was told so far.
fn seen(state: &State, minutes: u64, candidate: u32, share: &str) -> Event {
    let units = |ready| Units { want: ready, exist: ready, ready };
    let observation = Observation {
        as_of: at(minutes),
        route: Some(Route::share(share.parse().unwrap())),
        units: Some(Arms { stable: units(10), candidate: units(candidate) }),
        applied: Some(Fence { token: 1, generation: goal(state).generation }),
    };
    event(minutes, Kind::Observed(observation))
}

fn judged(state: &State, minutes: u64, verdict: Verdict) -> Event {
    let stage = goal(state).stage.unwrap();
    event(minutes, Kind::Judged { stage, decision: Decision::new(verdict) })
}

/// The conditions under which the rollout would go on.
fn flips(state: &State) -> Vec<String> {
    waiting_for(state).iter().filter_map(bellwether_core::Finding::rendered_flip).collect()
}

/// Checks that the rollout names a condition, does not go on by what just misses it, and goes on by what fulfils it.
#[track_caller]
fn goes_on(state: State, flip: &str, miss: &Event, hit: &Event) -> State {
    assert!(flips(&state).iter().any(|one| one == flip), "{:?}", flips(&state));
    let (missed, decision) = step(state.clone(), miss);
    assert_eq!((decision.outcome, missed.place()), (Move::Stay, state.place()), "a near miss: {decision}");
    let (after, decision) = step(state, hit);
    assert!(decision.outcome != Move::Stay, "{decision}");
    after
}

#[test]
fn what_is_said_to_make_a_rollout_go_on_does_and_its_near_miss_does_not() {
    let state = start(plan(), at(0));
    let (state, _) = step(state, &event(0, Kind::Ticked));
    let flip = "the ready units were seen to be 1 of the candidate and 9 of stable";
    let state = goes_on(state.clone(), flip, &seen(&state, 1, 0, "0 %"), &seen(&state, 1, 1, "0 %"));
    assert_eq!(state.place(), Place::Shift(0));

    let state =
        goes_on(state.clone(), "the router showed 10 %", &seen(&state, 2, 1, "9 %"), &seen(&state, 2, 1, "10 %"));
    assert_eq!(state.place(), Place::Bake(0));

    let both = "it had baked 2h longer and the judge passed the step at this exposure";
    assert_eq!(flips(&state), [both]);
    let (state, _) = step(state.clone(), &judged(&state, 2, Verdict::Pass));
    // A look a minute, the last one a minute before the end.
    let state = (3..122).fold(state, |state, minutes| step(state.clone(), &seen(&state, minutes, 1, "10 %")).0);
    let hit = seen(&state, 122, 1, "10 %");
    let state = goes_on(state, "it had baked 1m longer", &event(122, Kind::Ticked), &hit);
    assert_eq!(state.place(), Place::Gate(1));

    let checked = |verdict| {
        let (gate, decision) = ("window".parse().unwrap(), Decision::new(verdict));
        event(123, Kind::GateChecked { gate, decision, valid_until: Time::MAX })
    };
    let flip = "gate window passed, or somebody skipped it";
    let state = goes_on(state, flip, &checked(Verdict::Inconclusive), &checked(Verdict::Pass));
    assert_eq!(state.place(), Place::Scale(1));
    let (few, _) = step(state.clone(), &seen(&state, 124, 4, "10 %"));
    assert_eq!(flips(&few), ["the ready units were 5 of the candidate and 5 of stable, not 4 and 10"]);

    let (state, _) = step(few, &event(125, Kind::Paused { why: "lunch".into() }));
    let state = goes_on(state, "somebody let it go on", &event(126, Kind::Ticked), &event(126, Kind::Unpaused));

    let (state, _) = step(state, &event(127, Kind::Aborted { why: "wrong image".into() }));
    let state =
        goes_on(state.clone(), "the router showed 0 %", &seen(&state, 128, 4, "10 %"), &seen(&state, 128, 4, "0 %"));
    assert_eq!((state.place(), flips(&state)), (Place::Drain, vec![]), "only time is waited for");
    let (state, _) = step(state, &event(129, Kind::Ticked));
    let flip = "no unit of the candidate was left and the router showed 0 %";
    let state = goes_on(state.clone(), flip, &seen(&state, 130, 1, "0 %"), &seen(&state, 130, 0, "0 %"));
    assert_eq!((state.place(), waiting_for(&state)), (Place::RolledBack, vec![]));
}

#[test]
fn a_held_bake_names_its_hold_and_its_bake_once_each() {
    let state = baking();
    let (state, _) = step(state, &event(3, Kind::Paused { why: "lunch".into() }));
    let lines: Vec<String> = waiting_for(&state).iter().map(bellwether_core::Finding::rendered).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("forward moves wait for a person until "), "{lines:?}");
    assert_eq!(lines[1], "0s of 2h baked; data is waited for");
    assert_eq!(lines[2], "missing data is waited for until 1970-01-01T00:12:00.000Z, then: a person is asked");
}

/// A rollout that has just begun to bake at 10 %.
fn baking() -> State {
    let (state, _) = step(start(plan(), at(0)), &event(0, Kind::Ticked));
    let (state, _) = step(state.clone(), &seen(&state, 1, 1, "0 %"));
    step(state.clone(), &seen(&state, 2, 1, "10 %")).0
}

#[test]
fn a_bake_that_nobody_can_see_says_that_it_stands_still() {
    let state = baking();
    assert!(flips(&state).iter().all(|flip| !flip.contains("answered")), "{:?}", flips(&state));
    let nothing = Observation { as_of: at(3), route: None, units: None, applied: None };
    let (state, _) = step(state, &event(3, Kind::Observed(nothing)));
    assert!(flips(&state).contains(&"the router answered and showed 10 %".to_owned()), "{:?}", flips(&state));
}

#[test]
fn evidence_that_stays_away_says_until_when_it_is_waited_for() {
    let text = |state: &State| {
        let found = waiting_for(state).into_iter().find(|finding| finding.rule == "rollout.waits_until");
        found.map(|finding| finding.rendered()).unwrap_or_default()
    };
    let state = baking();
    let (state, _) = step(state.clone(), &judged(&state, 3, Verdict::Inconclusive));
    // The exposure was seen at minute 2; the plan waits twice the least bake of 2 h.
    let inconclusive = "inconclusive evidence is waited for until 1970-01-01T04:02:00.000Z, then: a person is asked";
    assert_eq!(text(&state), inconclusive);
    let (state, _) = step(state.clone(), &judged(&state, 4, Verdict::Pass));
    assert_eq!(text(&state), "");
    let (state, _) = step(state.clone(), &judged(&state, 5, Verdict::NoData));
    // Ten minutes are the plan's wait for missing data.
    assert_eq!(text(&state), "missing data is waited for until 1970-01-01T00:15:00.000Z, then: a person is asked");
}

#[test]
fn a_rollout_that_cannot_go_back_goes_forward_when_somebody_skips() {
    let mut draft = plan().draft();
    let floor = Floor { step: "canary-10".parse().unwrap(), why: "a column is gone".into(), alternatives: vec![] };
    draft.floor = Some(floor);
    let (state, _) = step(start(Plan::try_from(draft).unwrap(), at(0)), &event(0, Kind::Ticked));
    let (state, _) = step(state.clone(), &seen(&state, 1, 1, "0 %"));
    let (state, _) = step(state, &event(2, Kind::Aborted { why: "harm".into() }));
    assert_eq!(state.place(), Place::Stuck);
    let skip = event(3, Kind::Skipped { why: "repaired".into() });
    let state = goes_on(state, "somebody skipped the step, so that it goes forward", &event(3, Kind::Ticked), &skip);
    assert_ne!(state.place(), Place::Stuck);
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let verdict = prop_oneof![
        3 => Just(Verdict::Pass),
        1 => Just(Verdict::Fail),
        2 => Just(Verdict::Inconclusive),
        1 => Just(Verdict::NoData)
    ];
    let fault = prop_oneof![
        Just(WorldFault::RouterForgets),
        Just(WorldFault::RouterFails),
        Just(WorldFault::RouterRecovers),
        Just(WorldFault::CandidateFails),
        Just(WorldFault::StableCrashes(3)),
        (1u64..5).prop_map(|hours| WorldFault::DriverSleeps(Duration::from_hours(hours))),
    ];
    let words = prop::collection::vec((0u64..600, verdict), 0..4);
    let faults = prop::collection::vec((0u64..600, fault), 0..4);
    (words, faults).prop_map(|(words, faults)| {
        let mut scenario = Scenario { until: Duration::from_hours(12), ..Scenario::default() };
        scenario.unit_latency = Duration::from_seconds(30);
        let timed = |(minutes, what)| After { after: Duration::from_minutes(minutes), what };
        scenario.verdicts.insert("canary-10".parse().unwrap(), words.into_iter().map(timed).collect());
        scenario.faults =
            faults.into_iter().map(|(minutes, what)| After { after: Duration::from_minutes(minutes), what }).collect();
        scenario
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Every event of a rollout is asked about before it happens, and then it happens.
    #[test]
    fn what_an_event_would_do_is_what_it_does(scenario in any_scenario()) {
        let mut state = start(plan(), Time::default());
        let mut wrong: Vec<String> = Vec::new();
        simulate_each(plan(), Time::default(), &scenario, |after, stepped| {
            let asked = what_if(&state, &stepped.event);
            let (before, wanted) = (goal(&state), goal(after));
            let same = [
                asked.decision == stepped.decision,
                (asked.place.before, asked.place.after) == (state.place(), after.place()),
                asked.waiting == waiting_for(after),
                asked.goal.route.map_or((before.route.clone(), before.route), |it| (it.before, it.after)).1 == wanted.route,
                asked.goal.units.map_or(before.units, |it| it.after) == wanted.units,
                asked.goal.wake.map_or(before.wake, |it| it.after) == wanted.wake,
                asked.goal.hooks.map_or_else(|| before.hooks.clone(), |it| it.after) == wanted.hooks,
                asked.goal.stage.map_or(before.stage, |it| it.after) == wanted.stage,
                after.is_terminal() == waiting_for(after).is_empty(),
            ];
            if same.contains(&false) {
                wrong.push(format!("{same:?} {:?}", stepped.event));
            }
            state = after.clone();
        });
        prop_assert_eq!(wrong, Vec::<String>::new());
    }
}

#[test]
fn a_share_that_an_abort_would_take_back_is_named_with_what_it_would_be() {
    let state = baking();
    let asked = what_if(&state, &event(3, Kind::Aborted { why: "wrong image".into() }));
    let route = asked.goal.route.unwrap();
    assert_eq!((route.before.share, route.after.share), (Weight::new(1_000).unwrap(), Weight::ZERO));
    assert!(asked.goal.stage.unwrap().after.is_none(), "evidence of it is judged no more");
    assert_eq!(state.place(), Place::Bake(0), "and nothing has happened");
    assert!(what_if(&state, &event(2, Kind::Ticked)).goal.is_empty());
}
