//! Whole rollouts, and what they cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bellwether_core::{Decision, Duration, EventId, Fence, Finding, Time, Value, Verdict, Weight};
use bellwether_driver::{Driver, DriverError, Options, Outcome, Setup};
use bellwether_gate::{Evidence, gate_fn};
use bellwether_port::testing::RouterFault;
use bellwether_port::{Body, Chain, Clock, Fault, Journal, Opened, ReadError, replay};
use bellwether_rollout::{Actor, Cause, Event, HoldReason, Kind, Move, Place, RULES};
use bellwether_strategy::{Plan, PlanDraft};

use crate::cut::Cut;
use crate::time::SetBack;
use crate::world::{HARMFUL, HEALTHY, World, run_to};

#[tokio::test(start_paused = true)]
async fn a_healthy_canary_goes_through_all_its_steps_to_the_end() {
    let world = World::new(HEALTHY);
    let end = world.run().await;
    assert_eq!(end.outcome, Outcome::Completed);
    assert_eq!(world.shares(), [0, 500, 5_000, 10_000]);
    assert_eq!(world.router.commands().len(), 4, "no command is given twice");
    assert_eq!(end.head.unwrap().seq + 1, u64::try_from(world.records().len()).unwrap());
    assert!(world.journal.open_rollouts().await.unwrap().is_empty(), "it was closed");
}

#[tokio::test(start_paused = true)]
async fn a_router_that_served_an_earlier_rollout_serves_the_next_and_confirms_nothing_of_it() {
    let mut world = World::new(HEALTHY);
    assert_eq!(world.run().await.outcome, Outcome::Completed);
    let earlier = world.router.commands();
    // The next release finds the router as the first one left it, but for somebody who sent everything to stable.
    world.plan = bellwether_port::testing::example_plan("checkout-43");
    world.drift(Weight::ZERO);
    world.clock.now();
    let end = world.run().await;
    assert_eq!(end.outcome, Outcome::Completed);
    let (_, last) = earlier.last().unwrap();
    let later = &world.router.commands()[earlier.len()..];
    assert!(later.iter().all(|(_, fence)| fence.token > last.token), "{later:?} after {last:?}");
    assert_eq!(later.first().unwrap().0.share, Weight::ZERO, "the first route is told, not taken from an earlier word");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_does_not_begin_on_a_router_that_does_not_say_what_it_has_obeyed() {
    let world = World::new(HEALTHY);
    world.router.fail_next(RouterFault::NoAnswer);
    let error = Driver::open(world.setup(), world.opened()).await.err().unwrap();
    assert!(matches!(error, DriverError::Router(_)) && error.is_transient(), "{error}");
    assert!(world.records().is_empty(), "nothing was begun");
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}

/// A clock of before would make every look older than the last one in the journal: nothing would be seen or judged, and
/// each look would be one more record.
#[tokio::test(start_paused = true)]
async fn a_driver_whose_clock_was_set_back_goes_on_at_the_journals_time() {
    let world = World::new(HEALTHY);
    assert!(world.run_for(Duration::from_minutes(3)).await.is_none(), "the first driver is killed while it bakes");
    let records = world.records().len();
    world.set_rates(HARMFUL);
    let clock = SetBack { clock: world.clock.clone(), by: Duration::from_minutes(10) };
    let ports = world.ports(&Cut::never()).with_clock(Arc::new(clock));
    let setup = Setup::new(ports).with_options(world.options.clone());
    let end = Driver::open(setup, world.opened()).await.unwrap().run_to_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::RolledBack { cause: Cause::Judged });
    assert!(world.records().len() < records + 200, "{} records", world.records().len());
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_regression_goes_back_with_its_evidence_and_is_told() {
    let world = World::new(HARMFUL);
    let end = world.run().await;
    assert_eq!(end.outcome, Outcome::RolledBack { cause: Cause::Judged });
    assert_eq!(world.shares(), [0, 500, 0]);
    assert_eq!(world.share().await, Weight::ZERO);
    let told = world.notifier.told();
    let (.., back) = told.iter().find(|(.., decision)| decision.outcome == Move::Enter(Place::ShiftBack)).unwrap();
    assert!(back.findings.iter().any(|finding| finding.rule.starts_with("judge.")), "{back}");
    assert!(told.is_sorted_by_key(|(_, seq, _)| *seq), "in the order of the journal");
}

#[tokio::test(start_paused = true)]
async fn a_regression_that_begins_at_half_of_the_traffic_goes_back_from_there() {
    let world = World::new(HEALTHY);
    let (run, _) = world.run_to(Place::Bake(1)).await;
    world.set_rates(HARMFUL);
    let end = run.await.unwrap().unwrap();
    assert_eq!(end.outcome, Outcome::RolledBack { cause: Cause::Judged });
    assert_eq!(world.shares(), [0, 500, 5_000, 0]);
    world.check();
}

#[tokio::test(start_paused = true)]
async fn an_abort_reaches_the_router_without_a_pause_in_between() {
    let world = World::new(HEALTHY);
    let (run, _) = world.run_to(Place::Bake(0)).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let sent = world.clock.now();
    world.abort("abort-1");
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
    let back = world.told_at(Weight::ZERO, 1);
    assert!(back.since(sent) <= Duration::from_millis(10), "sent at {sent}, told at {back}");
    assert!(world.inbox.is_empty(), "the command is done");
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_command_that_comes_twice_is_taken_once() {
    let world = World::new(HEALTHY);
    for _ in 0..2 {
        world.send("pause-1", Kind::Paused { why: "lunch".into() });
    }
    assert!(world.run_for(Duration::from_minutes(5)).await.is_none(), "it is paused");
    let pauses = world.events().into_iter().filter(|event| matches!(event.kind, Kind::Paused { .. })).count();
    assert_eq!(pauses, 1);
    assert!(world.inbox.is_empty(), "both are done");
    world.send("unpause-1", Kind::Unpaused);
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}

#[tokio::test(start_paused = true)]
async fn what_only_a_driver_can_know_is_not_taken_from_outside() {
    let world = World::new(HEALTHY);
    let forged = |id: &str, by, kind| Event { id: EventId::new(id).unwrap(), at: Time::MAX, by, kind };
    world.inbox.push(forged("1", Actor::Person("eve".parse().unwrap()), Kind::CaughtUp));
    world.inbox.push(forged("2", Actor::Driver, Kind::Aborted { why: "a lie".into() }));
    world.inbox.push(forged("3", Actor::Person("ada".parse().unwrap()), Kind::Unpaused));
    assert_eq!(world.run().await.outcome, Outcome::Completed);
    assert!(!world.events().iter().any(|event| ["1", "2"].contains(&event.id.as_str())));
    let taken = world.events().into_iter().find(|event| event.id.as_str() == "3").unwrap();
    assert!(taken.at < Time::MAX, "the sender's clock is not the rollout's");
}

/// The round's events are sorted: whichever of them arrives first, the same is decided.
#[tokio::test(start_paused = true)]
async fn the_order_of_arrival_does_not_matter() {
    let mut logs = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new(HEALTHY);
        let kinds = [
            ("skip", Kind::Skipped { why: "in a hurry".into() }),
            ("pause", Kind::Paused { why: "lunch".into() }),
            ("abort", Kind::Aborted { why: "wrong image".into() }),
        ];
        world.run_for(Duration::from_minutes(3)).await;
        for index in order {
            let (id, kind) = kinds[index].clone();
            world.send(id, kind);
        }
        assert_eq!(world.run().await.outcome, Outcome::RolledBack { cause: Cause::Aborted });
        logs.push(world.events().into_iter().map(|event| event.kind).collect::<Vec<_>>());
    }
    assert!(logs.windows(2).all(|pair| pair[0] == pair[1]));
}

fn gated() -> (World, Setup, Arc<AtomicBool>, Arc<AtomicU64>) {
    let mut world = World::new(HEALTHY);
    let mut draft: PlanDraft = world.plan.draft();
    draft.steps[1].gates = vec!["window".parse().unwrap()];
    world.plan = Plan::try_from(draft).unwrap();
    let (is_open, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (opens, asks) = (Arc::clone(&is_open), Arc::clone(&asked));
    let gate = gate_fn(move |_: &Evidence, _: Time| {
        asks.fetch_add(1, Ordering::Relaxed);
        let verdict = if opens.load(Ordering::Relaxed) { Verdict::Pass } else { Verdict::Fail };
        Decision::new(verdict).because(Finding::info("window", "it is what it is"))
    });
    let setup = world.setup().with_gate("window".parse().unwrap(), Arc::new(gate));
    (world, setup, is_open, asked)
}

#[tokio::test(start_paused = true)]
async fn a_closed_gate_holds_its_step_and_costs_a_line_when_it_changes() {
    let (world, setup, is_open, asked) = gated();
    let driver = Driver::open(setup, world.opened()).await.unwrap();
    let (run, watch) = run_to(driver, Place::Gate(1)).await;
    tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
    let status = watch.borrow().clone();
    assert_eq!(status.share, Weight::new(500).unwrap(), "the exposure of the step before");
    assert!(status.holds.iter().any(|hold| matches!(hold.why, HoldReason::Gate(_))));
    let checks = |world: &World| {
        world.events().into_iter().filter(|event| matches!(event.kind, Kind::GateChecked { .. })).count()
    };
    assert_eq!(checks(&world), 1, "it said no once");
    assert!(asked.load(Ordering::Relaxed) > 600, "and was asked every five seconds");
    is_open.store(true, Ordering::Relaxed);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(checks(&world), 2);
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_nobody_provides_is_refused_at_the_start_and_never_passes_later() {
    let (world, setup, ..) = gated();
    let error = Driver::open(world.setup(), world.opened()).await.err().unwrap();
    assert_eq!(error, DriverError::NoGate("window".parse().unwrap()));
    let driver = Driver::open(setup, world.opened()).await.unwrap();
    drop(driver);
    let driver = Driver::take_over(world.setup(), world.rollout()).await.unwrap();
    let (run, _) = run_to(driver, Place::Gate(1)).await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    world.abort("abort-1");
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
    assert_eq!(world.shares(), [0, 500, 0]);
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_finding_that_cannot_be_written_costs_the_finding_and_not_the_verdict() {
    let (world, setup, ..) = gated();
    let gate = gate_fn(|_: &Evidence, _: Time| {
        Decision::new(Verdict::Pass).because(Finding::info("house", "{ratio}").figure("ratio", Value::Ratio(f64::NAN)))
    });
    let setup = setup.with_gate("window".parse().unwrap(), Arc::new(gate));
    let end = Driver::open(setup, world.opened()).await.unwrap().run_to_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Completed);
    let unwritable = world.events().into_iter().any(|event| {
        matches!(event.kind, Kind::GateChecked { decision, .. } if decision.findings[0].rule == "driver.unwritable")
    });
    assert!(unwritable);
    world.check();
}

/// The bound of the design: an idle rollout writes a heartbeat every min(60 s, bake / 20) and nothing else.
#[tokio::test(start_paused = true)]
async fn a_thousand_idle_rounds_write_only_heartbeats() {
    let mut world = World::new(HEALTHY);
    let mut draft = world.plan.draft();
    for step in &mut draft.steps {
        step.bake.min = Duration::from_hours(8);
        step.bake.max = Duration::from_hours(16);
        step.evidence = bellwether_core::Basis::Time;
    }
    world.plan = Plan::try_from(draft).unwrap();
    world.judge = None;
    world.run_for(Duration::from_minutes(1)).await;
    let before = world.records().len();
    let cut = Cut::never();
    let setup = Setup::new(world.ports(&cut)).with_options(world.options.clone());
    let driver = Driver::open(setup, world.opened()).await.unwrap();
    let rounds = 1_000;
    let time = std::time::Duration::from(world.options.poll) * rounds;
    assert!(tokio::time::timeout(time, driver.run_to_end()).await.is_err());
    let events = world.bodies().split_off(before);
    let beats =
        events.iter().filter(|body| matches!(body, Body::Event(it) if matches!(it.event.kind, Kind::Observed(_))));
    let (beats, minutes) = (beats.count(), time.as_secs() / 60);
    assert!((beats as u64).abs_diff(minutes) <= 2, "{beats} heartbeats in {minutes} minutes");
    let others = events.iter().filter_map(|body| if let Body::Event(it) = body { Some(&it.event.kind) } else { None });
    let others: Vec<_> = others.filter(|kind| !matches!(kind, Kind::Observed(_))).collect();
    assert_eq!(others, [&Kind::Resumed, &Kind::CaughtUp]);
    assert_eq!(events.len(), beats + 2);
    assert!(cut.calls() > u64::from(rounds) * 2, "the ports were asked in every round");
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_stopped_driver_decides_nothing_more_and_the_next_one_goes_on() {
    let world = World::new(HEALTHY);
    let driver = world.open().await;
    let handle = driver.handle();
    let mut watch = handle.watch();
    let run = tokio::spawn(driver.run_to_end());
    watch.wait_for(|status| status.place == Place::Bake(0)).await.unwrap();
    let records = world.records().len();
    handle.stop();
    let end = run.await.unwrap().unwrap();
    assert_eq!(end.outcome, Outcome::Stopped);
    assert_eq!(world.records().len(), records);
    assert_eq!(handle.status().place, end.state.place());
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_written_every_256_records_and_loaded_from() {
    let mut world = World::new(HEALTHY);
    let mut draft = world.plan.draft();
    draft.steps[0].bake.min = Duration::from_hours(2);
    draft.steps[0].bake.max = Duration::from_hours(4);
    world.plan = Plan::try_from(draft).unwrap();
    for _ in 0..12 {
        world.run_for(Duration::from_minutes(10)).await;
    }
    assert_eq!(world.run().await.outcome, Outcome::Completed);
    let bodies = world.bodies();
    let snapshots: Vec<_> = (0..bodies.len()).filter(|index| matches!(bodies[*index], Body::Snapshot(_))).collect();
    assert!(snapshots.first().is_some_and(|first| (256..266).contains(first)), "{snapshots:?} of {}", bodies.len());
}

/// Opens the journal as a build with other rules would have.
async fn opened_by(world: &World, rules: u32) {
    let mut opened = world.opened();
    opened.rules = rules;
    let chain = Chain::new(world.rollout());
    let fence = Fence { token: 1, generation: 0 };
    let record = chain.next(world.clock.now(), fence, &Body::from(opened)).unwrap();
    world.journal.append(&world.rollout(), &record).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_an_older_build_began_is_adopted_and_goes_on() {
    let world = World::new(HEALTHY);
    opened_by(&world, RULES - 1).await;
    let end = world.open().await.run_to_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Completed);
    assert!(matches!(world.bodies()[1], Body::Adopted(_)));
    let replayed = replay(&world.rollout(), &world.records()).unwrap();
    assert_eq!(replayed.not_derived.len(), 1, "only the adoption is taken as it is written");
}

#[tokio::test(start_paused = true)]
async fn what_a_newer_build_began_is_refused() {
    let world = World::new(HEALTHY);
    opened_by(&world, RULES + 1).await;
    let error = Driver::take_over(world.setup(), world.rollout()).await.err().unwrap();
    let DriverError::Read(ReadError::Record(record)) = &error else { panic!("{error}") };
    assert!(record.is_newer(), "{error}");
    assert_eq!(world.records().len(), 1, "and nothing is written");
}

#[tokio::test(start_paused = true)]
async fn another_plan_and_a_damaged_journal_are_refused() {
    let world = World::new(HEALTHY);
    world.run_for(Duration::from_minutes(2)).await;
    let mut other = world.clone();
    let mut draft = world.plan.draft();
    draft.steps[0].bake.min = Duration::from_hours(1);
    draft.steps[0].bake.max = Duration::from_hours(2);
    other.plan = Plan::try_from(draft).unwrap();
    let error = Driver::open(other.setup(), other.opened()).await.err().unwrap();
    assert!(matches!(error, DriverError::OtherPlan { .. }), "{error}");

    let records = world.records();
    let mut damaged = records.clone();
    damaged.remove(3);
    world.journal.replace(&world.rollout(), damaged);
    let error = Driver::open(world.setup(), world.opened()).await.err().unwrap();
    assert!(
        matches!(&error, DriverError::Read(ReadError::Record(it)) if it.fault == Fault::Gap { expected: 3, found: 4 }),
        "{error}"
    );
    world.journal.replace(&world.rollout(), records);
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_token_must_be_higher_than_the_journals() {
    let world = World::new(HEALTHY);
    world.run_for(Duration::from_minutes(2)).await;
    let token = world.records().last().unwrap().fence().token;
    let setup = |token| world.setup().with_options(Options::default().with_token(token));
    let error = Driver::open(setup(token), world.opened()).await.err().unwrap();
    assert_eq!(error, DriverError::Token { journal: token, found: token });
    let driver = Driver::open(setup(token + 7), world.opened()).await.unwrap();
    assert_eq!(driver.handle().status().token, token + 7);
    assert_eq!(driver.run_to_end().await.unwrap().outcome, Outcome::Completed);
    assert_eq!(world.records().last().unwrap().fence().token, token + 7);
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_status_reads_back_from_its_json() {
    let world = World::new(HEALTHY);
    let driver = world.open().await;
    let handle = driver.handle();
    driver.run_to_end().await.unwrap();
    let status = handle.status();
    let json = serde_json::to_string(&status).unwrap();
    assert_eq!(serde_json::from_str::<bellwether_driver::Status>(&json).unwrap(), status);
    assert_eq!((status.place, status.owed), (Place::Completed, 0));
    assert_eq!(status.records, u64::try_from(world.records().len()).unwrap());
    assert_eq!(Opened::new(world.plan.clone()).plan.id(), &status.rollout);
}
