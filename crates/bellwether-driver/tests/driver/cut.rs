use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bellwether_core::{Arms, Capabilities, Decision, EventId, Fence, MetricName, RolloutId, Route, Time, Weight};
use bellwether_port::testing::{FakeMetrics, FakeRouter};
use bellwether_port::{
    AppendError, Clock, Inbox, Journal, Measured, MetricSource, Notifier, Observed, PortError, ReadError, Record,
    TrafficRouter, Workload,
};
use bellwether_rollout::{Event, Move, Units};
use tokio::sync::Notify;

use crate::time::TestClock;

/// Counts the calls to all ports, and cuts the driver off at one of them. Also lets ports hang.
#[derive(Clone)]
pub(crate) struct Cut(Arc<Inner>);

struct Inner {
    calls: Mutex<u64>,
    at: Option<(u64, Side)>,
    cut: Notify,
    hanging: Mutex<BTreeSet<&'static str>>,
    slow: Mutex<BTreeMap<&'static str, Duration>>,
}

/// On which side of a call's effect the driver is cut off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Before,
    After,
}

impl Cut {
    pub(crate) fn never() -> Self {
        Self::new(None)
    }

    pub(crate) fn at(call: u64, side: Side) -> Self {
        Self::new(Some((call, side)))
    }

    fn new(at: Option<(u64, Side)>) -> Self {
        let (calls, hanging, slow) = Default::default();
        let inner = Inner { calls, at, cut: Notify::new(), hanging, slow };
        Self(Arc::new(inner))
    }

    pub(crate) fn wrap<T>(&self, port: T) -> Cutting<T> {
        Cutting { port, cut: self.clone() }
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> u64 {
        *self.0.calls.lock().unwrap()
    }

    /// Waits until the driver must be cut off.
    pub(crate) async fn happened(&self) {
        self.0.cut.notified().await;
    }

    /// Lets a port never answer again, or answer again.
    pub(crate) fn hang(&self, port: &'static str, hangs: bool) {
        let mut hanging = self.0.hanging.lock().unwrap();
        if hangs {
            hanging.insert(port)
        } else {
            hanging.remove(port)
        };
    }

    /// Lets a port take its time before each of its answers.
    pub(crate) fn slow(&self, port: &'static str, time: Duration) {
        self.0.slow.lock().unwrap().insert(port, time);
    }

    async fn around<T>(&self, port: &'static str, call: impl Future<Output = T>) -> T {
        if self.0.hanging.lock().unwrap().contains(port) {
            std::future::pending::<()>().await;
        }
        let number = {
            let mut calls = self.0.calls.lock().unwrap();
            *calls += 1;
            *calls
        };
        self.stop_at(number, Side::Before).await;
        let answer = call.await;
        let slow = self.0.slow.lock().unwrap().get(port).copied();
        if let Some(time) = slow {
            tokio::time::sleep(time).await;
        }
        self.stop_at(number, Side::After).await;
        answer
    }

    async fn stop_at(&self, number: u64, side: Side) {
        if self.0.at == Some((number, side)) {
            self.0.cut.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// A port that may be cut off.
pub(crate) struct Cutting<T> {
    port: T,
    cut: Cut,
}

#[async_trait]
impl<T: Journal> Journal for Cutting<T> {
    async fn append(&self, rollout: &RolloutId, record: &Record) -> Result<(), AppendError> {
        self.cut.around("journal", self.port.append(rollout, record)).await
    }

    async fn read(&self, rollout: &RolloutId, from: u64) -> Result<Vec<Record>, ReadError> {
        self.cut.around("journal", self.port.read(rollout, from)).await
    }

    async fn open_rollouts(&self) -> Result<Vec<RolloutId>, PortError> {
        self.cut.around("journal", self.port.open_rollouts()).await
    }

    async fn close(&self, rollout: &RolloutId) -> Result<(), PortError> {
        self.cut.around("journal", self.port.close(rollout)).await
    }
}

#[async_trait]
impl<T: TrafficRouter> TrafficRouter for Cutting<T> {
    fn capabilities(&self) -> Capabilities {
        self.port.capabilities()
    }

    async fn observe(&self) -> Result<Observed<Route>, PortError> {
        self.cut.around("router", self.port.observe()).await
    }

    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
        self.cut.around("router.apply", self.port.apply(route, fence)).await
    }
}

#[async_trait]
impl<T: Workload> Workload for Cutting<T> {
    async fn observe(&self) -> Result<Observed<Arms<Units>>, PortError> {
        self.cut.around("workload", self.port.observe()).await
    }

    async fn apply(&self, units: &Arms<u32>, fence: Fence) -> Result<(), PortError> {
        self.cut.around("workload.apply", self.port.apply(units, fence)).await
    }
}

#[async_trait]
impl<T: MetricSource> MetricSource for Cutting<T> {
    async fn intervals(&self, metric: &MetricName, after: Time, until: Time) -> Result<Vec<Measured>, PortError> {
        self.cut.around("metrics", self.port.intervals(metric, after, until)).await
    }
}

#[async_trait]
impl<T: Inbox> Inbox for Cutting<T> {
    async fn next(&self) -> Result<Event, PortError> {
        // Waiting for a command is no call of its own: it goes on all the time.
        let event = self.port.next().await;
        self.cut.around("inbox", async { event }).await
    }

    async fn done(&self, id: &EventId) -> Result<(), PortError> {
        self.cut.around("inbox.done", self.port.done(id)).await
    }
}

#[async_trait]
impl<T: Notifier> Notifier for Cutting<T> {
    async fn notify(&self, rollout: &RolloutId, seq: u64, decision: &Decision<Move>) -> Result<(), PortError> {
        self.cut.around("notifier", self.port.notify(rollout, seq, decision)).await
    }
}

/// A router whose share is the share of the traffic that is measured.
pub(crate) struct Linked {
    pub(crate) router: FakeRouter,
    pub(crate) metrics: FakeMetrics,
    pub(crate) clock: TestClock,
    pub(crate) told: Told,
    /// The share that the metrics know of.
    pub(crate) share: Arc<Mutex<Weight>>,
}

/// Which shares the router was told when.
pub(crate) type Told = Arc<Mutex<Vec<(Time, Weight)>>>;

#[async_trait]
impl TrafficRouter for Linked {
    fn capabilities(&self) -> Capabilities {
        self.router.capabilities()
    }

    async fn observe(&self) -> Result<Observed<Route>, PortError> {
        let observed = self.router.observe().await?;
        let mut share = self.share.lock().unwrap();
        if *share != observed.value.share {
            *share = observed.value.share;
            self.metrics.set_share(*share);
        }
        Ok(observed)
    }

    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
        self.told.lock().unwrap().push((self.clock.now(), route.share));
        let answer = self.router.apply(route, fence).await;
        self.observe().await?;
        answer
    }
}
