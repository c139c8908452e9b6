//! A world of fakes that is cut off at any call, and the checks that every test ends with.
use std::sync::{Arc, Mutex};

use bellwether_analysis::{Dependence, MetricSpec, Sequential, SequentialSpec};
use bellwether_core::{Duration, Fencing, MetricName, RolloutId, Time, Weight};
use bellwether_driver::{Driver, DriverError, End, Options, Ports, Setup, Status};
use bellwether_port::testing::{
    FakeInbox, FakeJournal, FakeMetrics, FakeNotifier, FakeRouter, FakeWorkload, Rates, example_plan,
};
use bellwether_port::{Body, Clock, Opened, Record, TrafficRouter, replay};
use bellwether_rollout::{Actor, Event, Kind, Place};
use bellwether_strategy::Plan;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cut::{Cut, Linked, Told};
use crate::time::TestClock;

pub(crate) const HEALTHY: Rates = Rates { requests_per_minute: 12_000.0, stable: 0.01, candidate: 0.01 };
pub(crate) const HARMFUL: Rates = Rates { requests_per_minute: 12_000.0, stable: 0.01, candidate: 0.06 };

/// A driver that works in a task of its own.
pub(crate) type Run = JoinHandle<Result<End, DriverError>>;

/// Lets a driver run until its rollout is there; it goes on.
pub(crate) async fn run_to(driver: Driver, place: Place) -> (Run, watch::Receiver<Status>) {
    let mut watch = driver.handle().watch();
    let run = tokio::spawn(driver.run_to_end());
    watch.wait_for(|status| status.place == place).await.unwrap();
    (run, watch)
}

/// One rollout's world, which outlives its drivers.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: TestClock,
    pub(crate) journal: FakeJournal,
    pub(crate) router: FakeRouter,
    pub(crate) workload: FakeWorkload,
    pub(crate) metrics: FakeMetrics,
    pub(crate) inbox: FakeInbox,
    pub(crate) notifier: FakeNotifier,
    pub(crate) plan: Plan,
    pub(crate) judge: Option<Sequential>,
    pub(crate) options: Options,
    pub(crate) told: Told,
    measured_share: Arc<Mutex<Weight>>,
}

impl World {
    pub(crate) fn new(rates: Rates) -> Self {
        let clock = TestClock::new();
        let judge = SequentialSpec {
            metrics: [(
                MetricName::new("errors").unwrap(),
                MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() },
            )]
            .into(),
            ..SequentialSpec::default()
        };
        Self {
            router: FakeRouter::new(clock.fake.clone()).with_fencing(Fencing::Token),
            workload: FakeWorkload::new(clock.fake.clone(), 10),
            metrics: FakeMetrics::new(7, clock.fake.clone(), rates),
            journal: FakeJournal::default(),
            inbox: FakeInbox::default(),
            notifier: FakeNotifier::default(),
            plan: example_plan("checkout-42"),
            judge: Some(Sequential::new(judge).unwrap()),
            options: Options::default().with_poll(Duration::from_seconds(2)),
            told: Told::default(),
            measured_share: Arc::default(),
            clock,
        }
    }

    /// The ports, cut off where `cut` says.
    pub(crate) fn ports(&self, cut: &Cut) -> Ports {
        Ports::new(Arc::new(cut.wrap(self.journal.clone())), Arc::new(cut.wrap(self.linked())))
            .with_metrics(Arc::new(cut.wrap(self.metrics.clone())))
            .with_inbox(Arc::new(cut.wrap(self.inbox.restarted())))
            .with_notifier(Arc::new(cut.wrap(self.notifier.clone())))
            .with_clock(Arc::new(self.clock.clone()))
            .with_workload(Arc::new(cut.wrap(self.workload.clone())))
    }

    fn linked(&self) -> Linked {
        Linked {
            router: self.router.clone(),
            metrics: self.metrics.clone(),
            clock: self.clock.clone(),
            told: Arc::clone(&self.told),
            share: Arc::clone(&self.measured_share),
        }
    }

    /// Lets the router show another share, as somebody else does who changes it.
    pub(crate) fn drift(&self, share: Weight) {
        self.clock.now();
        self.router.drift(bellwether_core::Route::share(share));
        self.metrics.set_share(share);
        *self.measured_share.lock().unwrap() = share;
    }

    /// Changes the traffic from now on.
    pub(crate) fn set_rates(&self, rates: Rates) {
        self.clock.now();
        self.metrics.set_rates(rates);
    }

    /// When the router was told a share for the time of that number, counted from 0.
    pub(crate) fn told_at(&self, share: Weight, number: usize) -> Time {
        let told = self.told.lock().unwrap();
        told.iter().filter(|(_, told)| *told == share).nth(number).unwrap().0
    }

    pub(crate) fn opened(&self) -> Opened {
        let opened = Opened::new(self.plan.clone());
        match &self.judge {
            Some(judge) => opened.with_judge(judge.clone()),
            None => opened,
        }
    }

    pub(crate) fn setup(&self) -> Setup {
        Setup::new(self.ports(&Cut::never())).with_options(self.options.clone())
    }

    /// Opens the rollout as a host does: again, when it is worth trying again.
    pub(crate) async fn open(&self) -> Driver {
        loop {
            match Driver::open(self.setup(), self.opened()).await {
                Ok(driver) => return driver,
                Err(error) if error.is_transient() => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Opens the rollout with ports that may be cut off or hang.
    pub(crate) async fn open_cut(&self, cut: &Cut) -> Driver {
        let setup = Setup::new(self.ports(cut)).with_options(self.options.clone());
        Driver::open(setup, self.opened()).await.unwrap()
    }

    /// Opens the rollout and lets it run until it is there; it goes on.
    pub(crate) async fn run_to(&self, place: Place) -> (Run, watch::Receiver<Status>) {
        run_to(self.open().await, place).await
    }

    /// Runs a driver to the end, and checks what every journal must be.
    pub(crate) async fn run(&self) -> End {
        let end = self.open().await.run_to_end().await.unwrap();
        self.check();
        end
    }

    /// Runs a driver that is cut off; gives nothing when it was.
    pub(crate) async fn run_until(&self, cut: &Cut) -> Option<Result<End, DriverError>> {
        let setup = Setup::new(self.ports(cut)).with_options(self.options.clone());
        let opened = self.opened();
        let run = async { Driver::open(setup, opened).await?.run_to_end().await };
        tokio::select! {
            biased;
            () = cut.happened() => None,
            end = run => Some(end),
        }
    }

    /// Runs a driver for a time.
    pub(crate) async fn run_for(&self, time: Duration) -> Option<Result<End, DriverError>> {
        let driver = self.open().await;
        tokio::time::timeout(time.into(), driver.run_to_end()).await.ok()
    }

    pub(crate) fn rollout(&self) -> RolloutId {
        self.plan.id().clone()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.journal.records(&self.rollout())
    }

    pub(crate) fn bodies(&self) -> Vec<Body> {
        self.records().iter().map(|record| record.body(&self.rollout()).unwrap()).collect()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let events =
            self.bodies().into_iter().filter_map(|body| if let Body::Event(it) = body { Some(it.event) } else { None });
        events.collect()
    }

    /// The shares that the router was told, without repetitions.
    pub(crate) fn shares(&self) -> Vec<u16> {
        let mut shares: Vec<u16> = self.router.commands().iter().map(|(route, _)| route.share.basis_points()).collect();
        shares.dedup();
        shares
    }

    pub(crate) async fn share(&self) -> Weight {
        self.router.observe().await.unwrap().value.share
    }

    pub(crate) fn send(&self, id: &str, kind: Kind) {
        let by = Actor::Person("ada".parse().unwrap());
        self.inbox.push(Event { id: id.parse().unwrap(), at: Time::default(), by, kind });
    }

    pub(crate) fn abort(&self, id: &str) {
        self.send(id, Kind::Aborted { why: "wrong image".into() });
    }

    /// The journal replays byte by byte, and its fences never fall. Returns where it says that the rollout stands.
    pub(crate) fn check(&self) -> Place {
        let records = self.records();
        let replayed = replay(&self.rollout(), &records).unwrap_or_else(|error| panic!("{error}"));
        let sourced = replayed.not_derived.iter().all(|part| part.why == bellwether_port::NotDerived::SourceFailed);
        assert!(sourced, "{:?}", replayed.not_derived);
        assert!(records.is_sorted_by_key(|record| record.fence()), "fences never fall");
        replayed.course.state().place()
    }
}
