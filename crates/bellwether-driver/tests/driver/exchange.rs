//! Rollouts without a router: the driver moves units, and traffic follows them.

use std::sync::Arc;

use bellwether_analysis::{Dependence, MetricSpec, Sequential, SequentialSpec};
use bellwether_core::{Arms, Duration, Level, Release, Route, Target, Version, Weight};
use bellwether_driver::{Driver, DriverError, End, Options, Outcome, Ports, Setup};
use bellwether_port::testing::{FakeJournal, Rates, SimulatedWorld, WorldPorts, example_plan};
use bellwether_port::{Body, Opened, Workload, replay};
use bellwether_rollout::{Cause, Kind, Place};
use bellwether_strategy::{CanaryStep, Plan, Rolling, Strategy};

use crate::world::{HEALTHY, World};

/// A quarter of four units, then all of them, each watched for a few minutes.
fn rolling() -> Plan {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, Level::Medium);
    let batches = ["25 %", "100 %"].map(|share| {
        CanaryStep::new(share.parse().unwrap(), Duration::from_minutes(5)).with_bake_max(Duration::from_hours(3))
    });
    let strategy = Rolling::one_more().with_batches(batches);
    strategy.plan(&release, &Target::default().with_replicas(4)).unwrap().outcome
}

struct Scene {
    world: WorldPorts,
    journal: FakeJournal,
}

impl Scene {
    fn new(errors: f64) -> Self {
        let mut world = SimulatedWorld::new(7, 4);
        world.traffic_follows_units = true;
        world.rates = Rates { requests_per_minute: 6_000.0, stable: 0.002, candidate: errors };
        Self { world: WorldPorts::new(world), journal: FakeJournal::default() }
    }

    async fn driver(&self) -> Driver {
        let ports = Ports::without_router(Arc::new(self.journal.clone()), Arc::new(self.world.clone()))
            .with_metrics(Arc::new(self.world.clone()))
            .with_clock(Arc::new(self.world.clone()));
        let setup = Setup::new(ports).with_options(Options::default().with_poll(Duration::from_seconds(5)));
        let metric = MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() };
        let metrics = [("errors".parse().unwrap(), metric)].into();
        let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).unwrap();
        Driver::open(setup, Opened::new(rolling()).with_judge(judge)).await.unwrap()
    }

    async fn run(&self) -> End {
        let end = self.driver().await.run_to_end().await.unwrap();
        let rollout = end.state.plan().id();
        let replayed = replay(rollout, &self.journal.records(rollout)).unwrap();
        assert_eq!(replayed.course.state(), &end.state);
        assert!(replayed.verdicts > 0, "the judge was asked");
        end
    }

    async fn units(&self) -> (u32, u32) {
        let units = self.world.observe().await.unwrap().value;
        (units.stable.exist, units.candidate.exist)
    }
}

impl Scene {
    fn route(&self) -> Route {
        self.world.with(|world| world.route().clone())
    }
}

#[tokio::test]
async fn a_rolling_exchange_is_judged_at_its_batch_and_completes() {
    let scene = Scene::new(0.002);
    let end = scene.run().await;
    assert_eq!((end.outcome, scene.units().await), (Outcome::Completed, (0, 4)));
    assert_eq!(scene.route(), Route::share(Weight::FULL));
}

#[tokio::test]
async fn a_harmful_candidate_is_exchanged_back() {
    let scene = Scene::new(0.05);
    let end = scene.run().await;
    assert_eq!(end.outcome, Outcome::RolledBack { cause: Cause::Judged });
    assert_eq!((scene.units().await, scene.route()), ((4, 0), Route::STABLE));
}

#[tokio::test]
async fn an_exchange_is_taken_over_where_it_stands() {
    let scene = Scene::new(0.002);
    let driver = scene.driver().await;
    let mut watch = driver.handle().watch();
    let is_baking = async { watch.wait_for(|status| status.place == Place::Bake(0)).await.map(|_| ()) };
    tokio::select! {
        biased;
        baking = is_baking => baking.unwrap(),
        end = driver.run_to_end() => panic!("{:?}", end.map(|end| end.outcome)),
    }
    let end = scene.run().await;
    assert_eq!((end.outcome, scene.units().await), (Outcome::Completed, (0, 4)));
}

#[tokio::test]
async fn what_splits_traffic_must_be_there_before_anything_begins() {
    let scene = Scene::new(0.002);
    let without = |plan| {
        let mut ports = Ports::without_router(Arc::new(scene.journal.clone()), Arc::new(scene.world.clone()));
        ports.workload = None;
        Driver::open(Setup::new(ports), Opened::new(plan))
    };
    let error = without(rolling()).await.err().unwrap();
    assert!(matches!(error, DriverError::NoPort("workload")) && !error.is_transient(), "{error}");
    let error = without(example_plan("checkout-42")).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "port router: expected one, because the plan cannot be carried out without, found none"
    );
    assert!(scene.journal.records(rolling().id()).is_empty(), "nothing was begun");
}

/// The host opens the rollout with the plan that it knows, the one before; the journal knows better.
#[tokio::test(start_paused = true)]
async fn a_changed_plan_outlives_its_driver_and_the_snapshot() {
    let world = World::new(HEALTHY);
    let mut draft = world.plan.draft();
    draft.steps[1].bake.min = Duration::from_minutes(4);
    let changed = Plan::try_from(draft).unwrap();
    world.send("change-1", Kind::PlanChanged { plan: Box::new(changed.clone()) });
    assert!(world.run_for(Duration::from_minutes(3)).await.is_none(), "the first driver is killed on its way");
    let end = world.run().await;
    assert_eq!((end.outcome, end.state.digest()), (Outcome::Completed, changed.digest()));
    let snapshots = world.bodies().iter().filter(|body| matches!(body, Body::Snapshot(_))).count();
    let changes = world.events().iter().filter(|event| matches!(event.kind, Kind::PlanChanged { .. })).count();
    assert_eq!(changes, 1, "it is taken once, {snapshots} snapshots later too");
}
