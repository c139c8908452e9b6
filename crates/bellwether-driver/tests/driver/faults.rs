//! What the fault table of the design promises when a port fails.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use async_trait::async_trait;
use bellwether_core::{Capabilities, Duration, Fence, Fencing, Route, Verdict, Weight};
use bellwether_driver::{Driver, Outcome, Setup};
use bellwether_port::testing::{FakeRouter, RouterFault};
use bellwether_port::{Observed, PortError, TrafficRouter};
use bellwether_rollout::{Cause, HoldReason, Kind, Place};

use crate::cut::Cut;
use crate::world::{HEALTHY, World, run_to};

const MINUTE: StdDuration = StdDuration::from_secs(60);

fn share(basis_points: u16) -> Weight {
    Weight::new(basis_points).unwrap()
}

#[tokio::test(start_paused = true)]
async fn without_a_metric_source_nothing_is_promoted_and_nothing_goes_back() {
    let world = World::new(HEALTHY);
    let (run, watch) = world.run_to(Place::Bake(0)).await;
    tokio::time::sleep(2 * MINUTE).await;
    world.metrics.set_down(true);
    tokio::time::sleep(61 * MINUTE).await;
    assert_eq!(watch.borrow().place, Place::Bake(0));
    assert_eq!(watch.borrow().verdict, Some(Verdict::NoData));
    assert!(watch.borrow().holds.iter().any(|hold| hold.why == HoldReason::NoData), "a person was asked after 10 min");
    assert_eq!(world.share().await, share(500));
    let failures = world
        .events()
        .into_iter()
        .filter(|event| matches!(&event.kind, Kind::PortFailed { port, .. } if port == "metrics"));
    assert_eq!(failures.count(), 1, "a failure is written down when it begins");
    world.metrics.set_down(false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_takes_a_pass_back_at_once() {
    let mut world = World::new(HEALTHY);
    let mut draft = world.plan.draft();
    draft.steps[0].bake.min = Duration::from_minutes(30);
    draft.steps[0].bake.max = Duration::from_minutes(60);
    world.plan = draft.try_into().unwrap();
    let driver = world.open().await;
    let mut watch = driver.handle().watch();
    let run = tokio::spawn(driver.run_to_end());
    watch.wait_for(|status| status.verdict == Some(Verdict::Pass)).await.unwrap();
    world.metrics.set_down(true);
    tokio::time::timeout(
        MINUTE + StdDuration::from_secs(10),
        watch.wait_for(|status| status.verdict == Some(Verdict::NoData)),
    )
    .await
    .expect("at the next interval")
    .unwrap();
    world.metrics.set_down(false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    world.check();
}

/// A router whose looks are dated by a clock that is an hour behind: none of them is newer than what the driver knows.
#[tokio::test(start_paused = true)]
async fn a_router_with_another_clock_is_named_in_the_journal() {
    struct Misdated(FakeRouter);

    #[async_trait]
    impl TrafficRouter for Misdated {
        fn capabilities(&self) -> Capabilities {
            self.0.capabilities()
        }

        async fn observe(&self) -> Result<Observed<Route>, PortError> {
            let observed = self.0.observe().await?;
            let issued_at = observed.issued_at.before(Duration::from_hours(1));
            Ok(Observed::new(observed.value, issued_at).with_applied(observed.applied))
        }

        async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
            self.0.apply(route, fence).await
        }
    }

    let world = World::new(HEALTHY);
    let mut ports = world.ports(&Cut::never());
    ports.router = Some(Arc::new(Misdated(world.router.clone())));
    let setup = Setup::new(ports).with_options(world.options.clone());
    let (run, _) = run_to(Driver::open(setup, world.opened()).await.unwrap(), Place::Bake(0)).await;
    tokio::time::sleep(MINUTE).await;
    world.abort("abort-1");
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
    let mut named = Vec::new();
    for event in world.events() {
        if let Kind::PortFailed { port, error } = event.kind
            && port == "router.clock"
        {
            named.push(error);
        }
    }
    assert_eq!(named, ["refused: clock skew: its looks are dated 1h behind the driver's clock"]);
    world.check();
}

/// Every port hangs in its turn; a command still goes back, as far as the router can be reached.
#[tokio::test(start_paused = true)]
async fn a_port_that_hangs_holds_up_no_command() {
    for port in ["metrics", "workload", "workload.apply", "router", "notifier", "inbox.done"] {
        let world = World::new(HEALTHY);
        let cut = Cut::never();
        let (run, _) = run_to(world.open_cut(&cut).await, Place::Bake(0)).await;
        cut.hang(port, true);
        tokio::time::sleep(2 * MINUTE).await;
        let sent = bellwether_port::Clock::now(&world.clock);
        world.abort("abort-1");
        tokio::time::sleep(StdDuration::from_secs(1)).await;
        assert_eq!(world.share().await, Weight::ZERO, "{port} hangs");
        let back = world.told_at(Weight::ZERO, 1);
        assert!(back.since(sent) <= Duration::from_millis(10), "{port} hangs: told after {}", back.since(sent));
        cut.hang(port, false);
        assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted }, "{port}");
        world.check();
    }
}

#[tokio::test(start_paused = true)]
async fn a_router_that_forgets_is_told_again_and_the_bake_waits() {
    for fencing in [Fencing::Token, Fencing::None] {
        let mut world = World::new(HEALTHY);
        world.router = world.router.with_fencing(fencing);
        let (run, mut watch) = world.run_to(Place::Bake(0)).await;
        tokio::time::sleep(MINUTE).await;
        world.router.restart();
        watch.wait_for(|status| status.place != Place::Bake(0)).await.unwrap();
        tokio::time::sleep(StdDuration::from_secs(10)).await;
        assert_eq!(world.share().await, share(500));
        assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
        world.check();
    }
}

#[tokio::test(start_paused = true)]
async fn more_exposure_than_planned_is_put_back_within_a_look() {
    let world = World::new(HEALTHY);
    let (run, _) = world.run_to(Place::Bake(0)).await;
    world.drift(share(9_000));
    tokio::time::sleep(StdDuration::from_millis(2_500)).await;
    assert_eq!(world.share().await, share(500));
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(world.shares(), [0, 500, 5_000, 10_000]);
    world.check();
}

/// A router that keeps no fence and shows the past: nothing is confirmed by a look that is too old.
#[tokio::test(start_paused = true)]
async fn a_look_from_before_the_command_confirms_nothing() {
    let mut world = World::new(HEALTHY);
    let staleness = Duration::from_seconds(20);
    world.router = world.router.with_fencing(Fencing::None).with_staleness(staleness);
    let (run, mut watch) = world.run_to(Place::Shift(0)).await;
    let told = bellwether_port::Clock::now(&world.clock);
    watch.wait_for(|status| status.place == Place::Bake(0)).await.unwrap();
    let confirmed = bellwether_port::Clock::now(&world.clock).since(told);
    assert!(confirmed >= staleness, "confirmed after {confirmed}");
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(world.router.commands().len(), 4, "and nothing is told twice while it is waited for");
    world.check();
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_lost_refused_or_carried_out_in_part_is_given_again() {
    let faults = [
        RouterFault::BeforeEffect,
        RouterFault::AfterEffect,
        RouterFault::Refused,
        RouterFault::Lost,
        RouterFault::Partial(share(100)),
        RouterFault::NoAnswer,
    ];
    for fencing in [Fencing::Token, Fencing::None] {
        for fault in faults {
            let mut world = World::new(HEALTHY);
            world.router = world.router.with_fencing(fencing);
            let driver = world.open().await;
            for _ in 0..3 {
                world.router.fail_next(fault);
            }
            let end = driver.run_to_end().await.unwrap();
            assert_eq!(end.outcome, Outcome::Completed, "{fault:?} {fencing:?}");
            world.check();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_workload_that_does_not_answer_delays_and_loses_nothing() {
    let world = World::new(HEALTHY);
    for _ in 0..5 {
        world.workload.fail_next();
    }
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}

#[tokio::test(start_paused = true)]
async fn people_are_told_later_when_nobody_listens_and_nothing_waits_for_it() {
    let world = World::new(HEALTHY);
    world.notifier.set_down(true);
    let (run, _) = world.run_to(Place::Bake(1)).await;
    assert!(world.notifier.told().is_empty());
    world.notifier.set_down(false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    let told: Vec<u64> = world.notifier.told().iter().map(|(_, seq, _)| *seq).collect();
    assert!(told.len() > 10 && told.is_sorted_by(|left, right| left < right), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_panics_ends_its_own_task_and_the_next_driver_goes_on() {
    struct Panicking;

    #[async_trait::async_trait]
    impl bellwether_port::Notifier for Panicking {
        async fn notify(
            &self,
            _: &bellwether_core::RolloutId,
            _: u64,
            _: &bellwether_core::Decision<bellwether_rollout::Move>,
        ) -> Result<(), bellwether_port::PortError> {
            panic!("an adapter's bug")
        }
    }

    let world = World::new(HEALTHY);
    let ports = world.ports(&Cut::never()).with_notifier(std::sync::Arc::new(Panicking));
    let driver = Driver::open(Setup::new(ports).with_options(world.options.clone()), world.opened()).await.unwrap();
    assert!(tokio::spawn(driver.run_to_end()).await.unwrap_err().is_panic());
    assert_eq!(world.run().await.outcome, Outcome::Completed);
}
