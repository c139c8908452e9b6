//! Plans in scripted worlds: what they do over days, and that they always come to an end.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use bellwether_core::{Arms, Duration, Level, Release, Target, Time, Verdict, Version, Weight};
use bellwether_rollout::{
    Actor, After, Command, Kind, Move, Place, Scenario, Simulated, SimulationEnd, WorldFault, goal, replay, simulate,
    simulate_each, start,
};
use bellwether_strategy::{Canary, Conduct, Floor, OnDeadline, Plan, Strategy, Wait, for_level};
use proptest::{prelude::*, strategy::Strategy as Generator};

fn release(level: Level) -> Release {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, level)
}

fn plan(level: Level, replicas: u32) -> Plan {
    for_level(level).plan(&release(level), &Target::default().with_replicas(replicas)).unwrap().outcome
}

fn run(plan: &Plan, scenario: &Scenario) -> Simulated {
    let simulated = simulate(plan.clone(), Time::default(), scenario);
    let replayed = replay(start(plan.clone(), Time::default()), &simulated.log);
    assert_eq!(replayed.unwrap(), simulated.state, "a simulation replays");
    simulated
}

fn hours(simulated: &Simulated) -> u64 {
    simulated.state.now().since(Time::default()).as_millis() / 3_600_000
}

fn fault(after: &str, what: WorldFault) -> After<WorldFault> {
    After { after: after.parse().unwrap(), what }
}

fn places(simulated: &Simulated) -> Vec<String> {
    let entered = |entry: &bellwether_rollout::Stepped| match entry.decision.outcome {
        Move::Enter(place) => Some(place.to_string()),
        Move::Stay | Move::Hold | Move::Release => None,
    };
    simulated.log.iter().filter_map(entered).collect()
}

#[test]
fn the_high_risk_plan_takes_the_two_days_that_its_source_says() {
    // 8 h at 1 %, four times 4 h, and 24 h at 100 %: the deployment decision matrix and the five-stage sequence.
    let simulated = run(&plan(Level::High, 100), &Scenario::default());
    assert_eq!((simulated.state.place(), hours(&simulated)), (Place::Completed, 48));
}

#[test]
fn a_router_that_forgets_costs_time_and_nothing_else() {
    let scenario = Scenario { faults: vec![fault("1h", WorldFault::RouterForgets)], ..Scenario::default() };
    let simulated = run(&plan(Level::Medium, 10), &scenario);
    assert_eq!(simulated.state.place(), Place::Completed);
    assert!(places(&simulated).contains(&"shift of step 0".to_owned()));
    assert!(
        simulated.log.iter().any(|entry| entry.decision.findings.iter().any(|finding| finding.rule == "rollout.drift"))
    );
}

#[test]
fn somebody_who_opens_the_router_is_put_right_within_a_heartbeat() {
    let everything = WorldFault::RouterIsChanged(Weight::FULL);
    let scenario = Scenario { faults: vec![fault("1h", everything)], ..Scenario::default() };
    let simulated = run(&plan(Level::Medium, 10), &scenario);
    let drift = |entry: &&bellwether_rollout::Stepped| {
        entry.decision.findings.iter().any(|finding| finding.rule == "rollout.drift")
    };
    let seen = simulated.log.iter().find(drift).unwrap().event.at.since(Time::default());
    assert!(seen <= Duration::from_minutes(61), "seen after {seen}");
    assert_eq!(simulated.state.place(), Place::Completed);
}

#[test]
fn a_driver_that_sleeps_does_not_bake_meanwhile() {
    let sleeps = WorldFault::DriverSleeps(Duration::from_hours(3));
    let scenario = Scenario { faults: vec![fault("1h", sleeps)], ..Scenario::default() };
    let simulated = run(&plan(Level::Medium, 10), &scenario);
    // 2 h and 4 h of bakes, and the three hours in which nobody looked.
    assert_eq!((simulated.state.place(), hours(&simulated)), (Place::Completed, 9));
}

#[test]
fn a_router_that_fails_for_good_ends_in_going_back_that_is_never_given_up() {
    let scenario = Scenario {
        faults: vec![fault("0s", WorldFault::RouterFails)],
        until: Duration::from_hours(24),
        ..Scenario::default()
    };
    let simulated = run(&plan(Level::Medium, 10), &scenario);
    assert_eq!(simulated.state.place(), Place::ShiftBack);
    let calls = simulated
        .log
        .iter()
        .filter(|entry| entry.decision.findings.iter().any(|finding| finding.rule == "rollout.back_overdue"));
    assert!(calls.count() > 100, "somebody is called every ten minutes");
}

#[test]
fn a_closed_window_is_waited_for_and_what_bakes_goes_on() {
    let mut draft = plan(Level::Medium, 10).draft();
    draft.steps.get_mut(1).unwrap().gates.push("window".parse().unwrap());
    let said = |after: &str, what| After { after: after.parse().unwrap(), what };
    let mut scenario = Scenario::default();
    scenario.gates.insert("window".parse().unwrap(), vec![said("0s", Verdict::Fail), said("20h", Verdict::Pass)]);
    let simulated = run(&Plan::try_from(draft).unwrap(), &scenario);
    assert_eq!((simulated.state.place(), hours(&simulated)), (Place::Completed, 24));
}

#[test]
fn an_abort_on_the_way_is_obeyed() {
    let abort = Command::new("3h".parse().unwrap(), Kind::Aborted { why: "wrong image".into() });
    let scenario = Scenario { commands: vec![abort], ..Scenario::default() };
    let simulated = run(&plan(Level::Medium, 10), &scenario);
    assert_eq!((simulated.state.place(), hours(&simulated)), (Place::RolledBack, 3));
}

#[test]
fn a_candidate_that_never_starts_goes_back_at_the_deadline() {
    let scenario = Scenario { faults: vec![fault("0s", WorldFault::CandidateFails)], ..Scenario::default() };
    let simulated = run(&plan(Level::Medium, 10), &scenario);
    assert_eq!((simulated.state.place(), simulated.end), (Place::RolledBack, SimulationEnd::Ended));
    // Ten minutes are the default of three other systems; the drain of a candidate that nobody met comes after it.
    let took = simulated.state.now().since(Time::default());
    assert!(took >= Duration::from_minutes(10) && took < Duration::from_minutes(11), "{took}");
    let shown = |entry: &bellwether_rollout::Stepped| {
        let Kind::Observed(observation) = &entry.event.kind else { return None };
        observation.route.as_ref().map(|route| route.share)
    };
    assert!(simulated.log.iter().filter_map(shown).all(|share| share == Weight::ZERO));
}

#[test]
fn units_that_nobody_scales_for_a_while_are_waited_for() {
    let faults = vec![fault("0s", WorldFault::WorkloadFails), fault("5m", WorldFault::WorkloadRecovers)];
    let simulated = run(&plan(Level::Medium, 10), &Scenario { faults, ..Scenario::default() });
    assert_eq!(simulated.state.place(), Place::Completed);
    assert!(places(&simulated).iter().all(|place| place != "shift back"), "five minutes are no reason to go back");
    let reports = simulated.log.iter().filter(|entry| matches!(entry.event.kind, Kind::PortFailed { .. }));
    assert_eq!(reports.count(), 1, "a port that fails is reported once");
}

#[test]
fn a_candidate_that_dies_while_it_serves_goes_back_and_stable_carries_everything() {
    let faults = vec![fault("1h", WorldFault::CandidateFails)];
    let simulated = run(&plan(Level::Medium, 10), &Scenario { faults, ..Scenario::default() });
    assert!(places(&simulated).last().is_some_and(|place| place == "rolled back"), "{:?}", places(&simulated));
}

#[test]
fn as_many_units_as_there_are_numbers_cost_nothing() {
    let scenario = Scenario { unit_latency: Duration::from_seconds(30), ..Scenario::default() };
    let simulated = run(&plan(Level::Medium, u32::MAX), &scenario);
    assert_eq!(simulated.state.place(), Place::Completed);
}

#[test]
fn who_speaks_is_kept() {
    let mut command = Command::new("1h".parse().unwrap(), Kind::Paused { why: "lunch".into() });
    command.by = Actor::Person("ada".parse().unwrap());
    let again = Command::new("2h".parse().unwrap(), Kind::Unpaused);
    let simulated = run(&plan(Level::Medium, 10), &Scenario { commands: vec![command, again], ..Scenario::default() });
    let said: Vec<_> = simulated.log.iter().filter(|entry| entry.event.is_command()).map(|it| &it.event.by).collect();
    let person = |name: &str| Actor::Person(name.parse().unwrap());
    assert_eq!(said, [&person("ada"), &person("somebody")]);
}

#[test]
fn a_simulation_says_why_it_went_no_further() {
    let end = |plan: &Plan, scenario: &Scenario| run(plan, scenario).end;
    let medium = plan(Level::Medium, 10);
    assert_eq!(end(&medium, &Scenario::default()), SimulationEnd::Ended);
    let short = Scenario { until: Duration::from_hours(1), ..Scenario::default() };
    assert_eq!(end(&medium, &short), SimulationEnd::TimeUp);
    let mut draft = medium.draft();
    let (why, alternatives) = ("the old column is dropped".into(), vec!["repair and go on".into()]);
    draft.floor = Some(Floor { step: "canary-50".parse().unwrap(), why, alternatives });
    let mut harmful = Scenario::default();
    harmful.verdicts.insert("canary-50".parse().unwrap(), vec![After { after: Duration::ZERO, what: Verdict::Fail }]);
    let stuck = run(&Plan::try_from(draft).unwrap(), &harmful);
    assert_eq!((stuck.state.place(), stuck.end), (Place::Stuck, SimulationEnd::Quiet));
}

/// A bake of ten years with a look a minute would take five million looks.
#[test]
fn a_simulation_of_years_ends() {
    let mut draft = plan(Level::Zero, 10).draft();
    draft.steps[0].bake.min = Duration::from_hours(24 * 3_650);
    draft.steps[0].bake.max = draft.steps[0].bake.min;
    let mut steps = 0_u64;
    let plan = Plan::try_from(draft).unwrap();
    let scenario = Scenario { until: Duration::MAX, ..Scenario::default() };
    let (state, end) = simulate_each(plan, Time::default(), &scenario, |_, _| steps += 1);
    assert_eq!((state.place(), end), (Place::Bake(0), SimulationEnd::TooLong));
    assert!((1_000_000..1_000_010).contains(&steps), "{steps}");
}

#[test]
fn a_script_that_is_none_for_the_plan_is_refused_at_its_place() {
    let plan = plan(Level::Medium, 10);
    let said = |after: &str| After { after: after.parse().unwrap(), what: Verdict::Pass };
    let mut scenario = Scenario::default();
    assert_eq!(scenario.check(&plan), Ok(()));
    let wrong = |scenario: &Scenario| scenario.check(&plan).unwrap_err().to_string();
    scenario.until = Duration::ZERO;
    assert_eq!(wrong(&scenario), "$.until: expected more than no time at all, found 0s");
    scenario.commands =
        vec![Command::new("2h".parse().unwrap(), Kind::Unpaused), Command::new("1h".parse().unwrap(), Kind::Unpaused)];
    let backwards = "expected 2h or later, because the entry before it is then, found 1h";
    assert_eq!(wrong(&scenario), format!("$.commands[1].after: {backwards}"));
    scenario.faults = vec![fault("2h", WorldFault::RouterForgets), fault("1h", WorldFault::RouterForgets)];
    assert_eq!(wrong(&scenario), format!("$.faults[1].after: {backwards}"));
    scenario.gates.insert("window".parse().unwrap(), vec![]);
    assert_eq!(wrong(&scenario), "$.gates.window: expected a gate of the plan (it has none), found another");
    scenario.verdicts.insert("canary-50".parse().unwrap(), vec![said("1h"), said("1h"), said("2h"), said("1h")]);
    assert_eq!(wrong(&scenario), format!("$.verdicts.canary-50[3].after: {backwards}"));
}

/// A plan in which every wait ends by going back, so that nobody is needed for an end.
fn without_people() -> Plan {
    let back = |hours| Wait { until: Duration::from_hours(hours), then: OnDeadline::RollBack };
    let conduct = Conduct { no_data: back(1), gate: back(2), human: back(2), ..Conduct::default() };
    let decision =
        Canary::medium_risk().with_conduct(conduct).plan(&release(Level::Medium), &Target::default().with_replicas(8));
    let mut draft = decision.unwrap().outcome.draft();
    for step in &mut draft.steps {
        step.on_inconclusive = OnDeadline::RollBack;
        step.gates.push("window".parse().unwrap());
    }
    Plan::try_from(draft).unwrap()
}

fn any_verdict() -> impl Generator<Value = Verdict> {
    prop_oneof![3 => Just(Verdict::Pass), 1 => Just(Verdict::Fail), 2 => Just(Verdict::Inconclusive), 1 => Just(Verdict::NoData)]
}

fn any_fault() -> impl Generator<Value = WorldFault> {
    prop_oneof![
        Just(WorldFault::RouterForgets),
        (0u16..=10_000).prop_map(|share| WorldFault::RouterIsChanged(Weight::new(share).unwrap())),
        (1u32..9).prop_map(WorldFault::CandidateCrashes),
        (1u32..9).prop_map(WorldFault::StableCrashes),
        (1u64..5).prop_map(|hours| WorldFault::DriverSleeps(Duration::from_hours(hours))),
        Just(WorldFault::CandidateFails),
        Just(WorldFault::CandidateRecovers),
    ]
}

fn timed<T: std::fmt::Debug>(what: impl Generator<Value = T>, most: usize) -> impl Generator<Value = Vec<After<T>>> {
    let one = (0u64..24 * 60, what).prop_map(|(minutes, what)| After { after: Duration::from_minutes(minutes), what });
    prop::collection::vec(one, 0..most)
}

fn any_scenario() -> impl Generator<Value = Scenario> {
    let latencies = (0u64..30, 0u64..300);
    (latencies, timed(any_verdict(), 4), timed(any_verdict(), 4), timed(any_fault(), 5)).prop_map(
        |(latencies, first, window, faults)| {
            let mut scenario = Scenario {
                router_latency: Duration::from_seconds(latencies.0),
                unit_latency: Duration::from_seconds(latencies.1),
                faults,
                until: Duration::from_hours(24 * 30),
                ..Scenario::default()
            };
            scenario.verdicts.insert("canary-10".parse().unwrap(), first);
            scenario.gates.insert("window".parse().unwrap(), window);
            scenario
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// L3: if the world answers, nobody says anything and every wait ends by going back, the end comes in bounded time.
    #[test]
    fn without_people_every_rollout_ends(scenario in any_scenario()) {
        let plan = without_people();
        let simulated = run(&plan, &scenario);
        prop_assert!(simulated.state.is_terminal(), "still at {} after {} h, goal {:?}", simulated.state.place(), hours(&simulated), goal(&simulated.state));
        // Bakes, waits of every step, and the sleeps that the scenario may hold.
        let waits: u64 = plan.steps().iter().map(|step| step.bake.max.as_millis() / 3_600_000 + 2 + 2 + 1).sum();
        prop_assert!(hours(&simulated) <= waits + 24 + 4 * 4, "ended after {} h", hours(&simulated));
    }
}
