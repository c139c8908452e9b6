//! Rollouts in a world in which everything goes wrong now and then, drawn from seeds.

use std::sync::Arc;

use async_trait::async_trait;
use bellwether_analysis::{Dependence, MetricSpec, Sequential, SequentialSpec};
use bellwether_core::{Duration, Route, Time, Weight};
use bellwether_driver::{Driver, End, Options, Outcome, Ports, Setup};
use bellwether_port::testing::{FakeJournal, JournalFault, Rates, SimulatedWorld, Troubles, WorldPorts, example_plan};
use bellwether_port::{Clock, NotDerived, Opened, replay};

/// A clock at each of whose waits something may happen in the world.
struct Stirring {
    world: WorldPorts,
    journal: FakeJournal,
    journal_faults: f64,
}

#[async_trait]
impl Clock for Stirring {
    fn now(&self) -> Time {
        self.world.now()
    }

    async fn sleep_until(&self, at: Time) {
        self.world.sleep_until(at).await;
        self.world.with(SimulatedWorld::stir);
        if self.world.with(|world| world.happens(self.journal_faults)) {
            let before = self.world.with(|world| world.happens(0.5));
            self.journal.fail_next(if before { JournalFault::BeforeCommit } else { JournalFault::AfterCommit });
        }
    }
}

/// Runs one rollout, with a driver that dies after some rounds until the last one lives on.
async fn run(seed: u64, troubles: Troubles, deaths: u32) -> (WorldPorts, FakeJournal, End) {
    let mut world = SimulatedWorld::new(seed, 10);
    world.troubles = troubles;
    world.rates = Rates { requests_per_minute: 3_000.0, stable: 0.004, candidate: 0.004 };
    world.fencing = seed.is_multiple_of(2);
    let (world, journal) = (WorldPorts::new(world), FakeJournal::default());
    let metric = MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() };
    let spec = SequentialSpec { metrics: [("errors".parse().unwrap(), metric)].into(), ..SequentialSpec::default() };
    let opened = Opened::new(example_plan("checkout-42")).with_judge(Sequential::new(spec).unwrap());
    for death in (0..=deaths).rev() {
        let clock = Stirring { world: world.clone(), journal: journal.clone(), journal_faults: 0.01 };
        let ports = Ports::new(Arc::new(journal.clone()), Arc::new(world.clone()))
            .with_workload(Arc::new(world.clone()))
            .with_metrics(Arc::new(world.clone()))
            .with_clock(Arc::new(clock));
        let options = Options::default().with_poll(Duration::from_seconds(5));
        let setup = Setup::new(ports).with_options(options);
        let driver = loop {
            // A journal or a router that does not answer now is asked again, as a host does.
            if let Ok(driver) = Driver::open(setup.clone(), opened.clone()).await {
                break driver;
            }
        };
        let dies_at = world.now().after(Duration::from_seconds(100 + 37 * (seed % 10)));
        let mut watch = driver.handle().watch();
        let dies = async {
            // Without an update nothing happened, so there is nothing to die in the middle of.
            while watch.changed().await.is_ok() && (death == 0 || watch.borrow_and_update().at < dies_at) {}
        };
        tokio::select! {
            end = driver.run_to_end() => return (world, journal, end.unwrap()),
            () = dies => {}
        }
    }
    unreachable!("the last driver lives on")
}

fn check(world: &WorldPorts, journal: &FakeJournal, end: &End) {
    let shown = world.with(|world| world.route().clone());
    match end.outcome {
        Outcome::Completed => assert_eq!(shown, Route::share(Weight::FULL)),
        Outcome::Kept | Outcome::RolledBack { .. } => assert_eq!(shown, Route::STABLE),
        Outcome::Stuck | Outcome::Stopped => panic!("{}", end.outcome),
    }
    let rollout = end.state.plan().id();
    let replayed = replay(rollout, &journal.records(rollout)).unwrap();
    assert_eq!(replayed.course.state(), &end.state);
    assert!(replayed.not_derived.iter().all(|part| part.why == NotDerived::SourceFailed));
}

#[tokio::test]
async fn rollouts_end_where_they_should_whatever_goes_wrong_on_the_way() {
    let troubles = Troubles { drifts: 0.002, router_restarts: 0.002, unit_crashes: 0.005, ..Troubles::all() };
    let mut completed = 0;
    for seed in 0..60 {
        let (world, journal, end) = run(seed, troubles, u32::try_from(seed % 4).unwrap()).await;
        check(&world, &journal, &end);
        completed += u32::from(end.outcome == Outcome::Completed);
    }
    assert!(completed >= 20, "{completed} of 60 got through");
}
