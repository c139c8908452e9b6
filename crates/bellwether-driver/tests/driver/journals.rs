//! What happens when the journal does not answer, goes on differently or belongs to somebody else.

use std::time::Duration as StdDuration;

use bellwether_core::{Duration, Route, Weight};
use bellwether_driver::{DriverError, Outcome};
use bellwether_port::testing::JournalFault;
use bellwether_port::{Body, Clock, TrafficRouter};
use bellwether_rollout::{Cause, Kind, Place};

use crate::cut::Cut;
use crate::world::{HARMFUL, HEALTHY, World, run_to};

const MINUTE: StdDuration = StdDuration::from_secs(60);

fn share(basis_points: u16) -> Weight {
    Weight::new(basis_points).unwrap()
}

#[tokio::test(start_paused = true)]
async fn while_the_journal_is_down_nothing_goes_forward_and_nothing_is_lost() {
    for full in [false, true] {
        let world = World::new(HEALTHY);
        let (run, watch) = world.run_to(Place::Bake(0)).await;
        world.journal.set_full(full);
        world.journal.set_down(!full);
        tokio::time::sleep(MINUTE).await;
        world.send("skip-1", Kind::Skipped { why: "in a hurry".into() });
        tokio::time::sleep(90 * MINUTE).await;
        assert_eq!(world.share().await, share(500), "the running weight is kept");
        assert!(!world.inbox.is_empty(), "a command that is not in the journal is not done");
        assert!(watch.borrow().owed > 0);
        world.journal.set_full(false);
        world.journal.set_down(false);
        assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
        assert!(world.inbox.is_empty());
        assert!(world.events().iter().any(|event| event.id.as_str() == "skip-1"));
        world.check();
    }
}

#[tokio::test(start_paused = true)]
async fn an_abort_while_the_journal_is_down_goes_back_from_memory_with_an_alarm() {
    let world = World::new(HEALTHY);
    let (run, _) = world.run_to(Place::Bake(0)).await;
    world.journal.set_down(true);
    world.abort("abort-1");
    tokio::time::sleep(StdDuration::from_secs(1)).await;
    assert_eq!(world.share().await, Weight::ZERO, "from memory");
    let alarmed = |world: &World| {
        let is_alarm = |decision: &bellwether_core::Decision<_>| {
            decision.findings.iter().any(|finding| finding.rule == "driver.unjournalled")
        };
        world.notifier.told().iter().filter(|(.., decision)| is_alarm(decision)).count()
    };
    assert_eq!(alarmed(&world), 1);
    let told = world.notifier.told();
    let (.., alarm) = told.last().unwrap();
    assert!(alarm.findings.iter().any(|finding| finding.rule == "rollout.aborted"), "the alarm says why: {alarm}");
    let commands = world.router.commands().len();
    world.drift(share(300));
    tokio::time::sleep(10 * MINUTE).await;
    assert_eq!(world.router.commands().len(), commands, "once: without a journal nobody knows who owns the rollout");
    world.journal.set_down(false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
    assert_eq!(world.share().await, Weight::ZERO);
    assert_eq!(alarmed(&world), 1);
    assert!(world.inbox.is_empty());
    world.check();
}

/// A journal that hangs is the same to the rollout as one that is down, from the moment on at which a round has waited for
/// it as long as for any port.
#[tokio::test(start_paused = true)]
async fn a_journal_that_hangs_holds_up_no_way_back_and_lets_nothing_go_forward() {
    for hangs_for in [StdDuration::ZERO, StdDuration::from_millis(300), 2 * MINUTE] {
        let (world, cut) = (World::new(HEALTHY), Cut::never());
        let (run, watch) = run_to(world.open_cut(&cut).await, Place::Bake(0)).await;
        cut.hang("journal", true);
        tokio::time::sleep(hangs_for).await;
        let sent = world.clock.now();
        world.abort("abort-1");
        tokio::time::sleep(StdDuration::from_secs(2)).await;
        let back = world.told_at(Weight::ZERO, 1);
        let patience = world.options.patience.saturating_add(Duration::from_millis(10));
        assert!(back.since(sent) <= patience, "told after {}, hanging for {hangs_for:?}", back.since(sent));
        assert_eq!(world.share().await, Weight::ZERO, "from memory");
        assert!(watch.borrow().owed > 0 && !world.inbox.is_empty(), "the command is owed, and not done");
        tokio::time::sleep(MINUTE).await;
        cut.hang("journal", false);
        assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
        assert!(world.inbox.is_empty());
        world.check();
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollout_waits_for_a_journal_that_hangs_and_goes_on() {
    let (world, cut) = (World::new(HEALTHY), Cut::never());
    let (run, watch) = run_to(world.open_cut(&cut).await, Place::Bake(0)).await;
    cut.hang("journal", true);
    let records = world.records().len();
    tokio::time::sleep(90 * MINUTE).await;
    assert_eq!((world.share().await, world.records().len()), (share(500), records), "the running weight is kept");
    assert!(watch.borrow().owed > 0);
    cut.hang("journal", false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    world.check();
}

/// A busy disk: every append takes longer than a round waits, and shorter than until it counts as failed.
#[tokio::test(start_paused = true)]
async fn a_journal_that_is_always_slow_takes_everything_once_and_the_rollout_goes_on() {
    for rates in [HEALTHY, HARMFUL] {
        let (world, cut) = (World::new(rates), Cut::never());
        cut.slow("journal", StdDuration::from_secs(3));
        let end = world.open_cut(&cut).await.run_to_end().await.unwrap();
        let expected = if rates == HEALTHY { Outcome::Completed } else { Outcome::RolledBack { cause: Cause::Judged } };
        assert_eq!(end.outcome, expected);
        let resumed = world.events().into_iter().filter(|event| event.kind == Kind::Resumed).count();
        assert!(
            resumed <= usize::from(rates == HARMFUL),
            "it was never away, so only going back from memory is resumed"
        );
        world.check();
    }
}

#[tokio::test(start_paused = true)]
async fn harm_that_is_found_while_the_journal_is_down_goes_back_from_memory() {
    let world = World::new(HEALTHY);
    let (run, _) = world.run_to(Place::Bake(0)).await;
    world.journal.set_down(true);
    world.set_rates(HARMFUL);
    tokio::time::sleep(10 * MINUTE).await;
    assert_eq!(world.share().await, Weight::ZERO);
    world.journal.set_down(false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Judged });
    world.check();
}

/// I34: the log says 5 %, the router 0, because somebody went back from memory and died before it was written down.
#[tokio::test(start_paused = true)]
async fn exposure_below_the_goal_is_not_raised_before_what_was_missed_is_judged() {
    for rates in [HEALTHY, HARMFUL] {
        let world = World::new(HEALTHY);
        let (run, _) = world.run_to(Place::Bake(0)).await;
        // The interval that is missed begins with a whole minute.
        tokio::time::sleep(2 * MINUTE).await;
        run.abort();
        world.set_rates(rates);
        tokio::time::sleep(5 * MINUTE).await;
        world.drift(Weight::ZERO);
        world.set_rates(HEALTHY);
        world.metrics.set_down(true);
        let before = world.router.commands().len();
        let driver = world.open().await;
        let run = tokio::spawn(driver.run_to_end());
        tokio::time::sleep(5 * MINUTE).await;
        let raised = world.router.commands().into_iter().skip(before).any(|(route, _)| route.share > Weight::ZERO);
        assert!(!raised, "the missed intervals are not judged yet");
        assert_eq!(world.share().await, Weight::ZERO);
        world.metrics.set_down(false);
        let outcome = run.await.unwrap().unwrap().outcome;
        if rates == HARMFUL {
            assert_eq!(outcome, Outcome::RolledBack { cause: Cause::Judged }, "the missed minutes were harmful");
            let raised = world.router.commands().into_iter().skip(before).any(|(route, _)| route.share > Weight::ZERO);
            assert!(!raised);
        } else {
            assert_eq!(outcome, Outcome::Completed);
        }
        world.check();
    }
}

#[tokio::test(start_paused = true)]
async fn an_append_whose_answer_is_lost_is_made_again_with_the_same_bytes() {
    for fault in [JournalFault::BeforeCommit, JournalFault::AfterCommit] {
        for wait in 0..40 {
            let world = World::new(HEALTHY);
            let driver = world.open().await;
            let run = tokio::spawn(driver.run_to_end());
            tokio::time::sleep(StdDuration::from_secs(wait * 11)).await;
            world.journal.fail_next(fault);
            assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed, "{fault:?} after {wait}");
            world.check();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_conflict_the_journal_is_loaded_and_decided_again() {
    let world = World::new(HEALTHY);
    let (run, _) = world.run_to(Place::Bake(0)).await;
    world.journal.fail_next(JournalFault::Conflict);
    world.abort("abort-1");
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
    assert!(world.inbox.is_empty(), "the command was not lost");
    world.check();
}

#[tokio::test(start_paused = true)]
async fn conflicts_without_end_are_given_up_after_three_loads() {
    let world = World::new(HEALTHY);
    let driver = world.open().await;
    for _ in 0..4 {
        world.journal.fail_next(JournalFault::Conflict);
    }
    let error = driver.run_to_end().await.unwrap_err();
    assert_eq!(error, DriverError::Conflict(4));
    assert!(error.is_transient());
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}

#[tokio::test(start_paused = true)]
async fn an_owner_of_yesterday_stops_at_its_first_write_and_touches_nothing() {
    let world = World::new(HEALTHY);
    let (old, _) = world.run_to(Place::Bake(0)).await;
    let new = world.open().await;
    let token = new.handle().status().token;
    let end = new.run_to_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Completed);
    assert_eq!(old.await.unwrap().unwrap_err(), DriverError::Superseded);
    let commands = world.router.commands();
    let first = commands.iter().position(|(_, fence)| fence.token == token).unwrap();
    assert!(commands[first..].iter().all(|(_, fence)| fence.token == token), "{commands:?}");
    world.check();
}

#[tokio::test(start_paused = true)]
async fn of_two_drivers_that_take_the_same_token_one_stops() {
    let world = World::new(HEALTHY);
    world.run_for(Duration::from_minutes(2)).await;
    let (left, right) = (world.open().await, world.open().await);
    assert_eq!(left.handle().status().token, right.handle().status().token);
    let (left, right) = tokio::join!(left.run_to_end(), right.run_to_end());
    let superseded = [&left, &right].into_iter().filter(|end| **end == Err(DriverError::Superseded)).count();
    assert_eq!(superseded, 1, "{left:?} {right:?}");
    assert_eq!(world.check(), Place::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_router_that_refuses_the_token_stops_the_driver() {
    let world = World::new(HEALTHY);
    let driver = world.open().await;
    let fence = bellwether_core::Fence { token: 99, generation: 0 };
    world.router.apply(&Route::STABLE, fence).await.unwrap();
    assert_eq!(driver.run_to_end().await.unwrap_err(), DriverError::Superseded);
    assert!(world.bodies().iter().all(|body| !matches!(body, Body::Adopted(_))));
}
