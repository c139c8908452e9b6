use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bellwether_core::{Arms, Capabilities, CohortSupport, Duration, Fence, Fencing, MetricName, Route, Time, Weight};
use bellwether_rollout::Units;

use crate::testing::SimulatedWorld;
use crate::{Clock, Measured, MetricSource, Observed, PortError, TrafficRouter, Workload};

/// A [`SimulatedWorld`] as a router, a workload, a metric source and a clock: what a driver needs to live in it.
///
/// Its clock jumps to what is waited for. Clones are the same world.
///
/// # Example: three days within a moment
/// ```
/// use bellwether_core::Duration;
/// use bellwether_port::testing::{SimulatedWorld, WorldPorts};
/// use bellwether_port::{Clock, TrafficRouter};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bellwether_port::PortError> {
/// let ports = WorldPorts::new(SimulatedWorld::new(7, 10));
/// let start = ports.now();
/// ports.sleep_until(start.after(Duration::from_hours(72))).await;
/// assert_eq!(ports.observe().await?.issued_at.since(start), Duration::from_hours(72));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WorldPorts(Arc<Mutex<SimulatedWorld>>);

impl WorldPorts {
    /// Makes ports of a world.
    #[must_use]
    pub fn new(world: SimulatedWorld) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    /// Looks into the world, or changes it.
    pub fn with<T>(&self, function: impl FnOnce(&mut SimulatedWorld) -> T) -> T {
        function(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl TrafficRouter for WorldPorts {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            precision: Weight::new(1).unwrap_or(Weight::ZERO),
            mirror: true,
            cohort: CohortSupport::Matched,
            fencing: if self.with(|world| world.fencing) { Fencing::Token } else { Fencing::None },
            staleness: Duration::ZERO,
        }
    }

    async fn observe(&self) -> Result<Observed<Route>, PortError> {
        self.with(SimulatedWorld::observe_route)
    }

    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
        self.with(|world| world.apply_route(route, fence))
    }
}

#[async_trait]
impl Workload for WorldPorts {
    async fn observe(&self) -> Result<Observed<Arms<Units>>, PortError> {
        self.with(SimulatedWorld::observe_units)
    }

    async fn apply(&self, units: &Arms<u32>, _fence: Fence) -> Result<(), PortError> {
        self.with(|world| world.apply_units(units))
    }
}

#[async_trait]
impl MetricSource for WorldPorts {
    async fn intervals(&self, _: &MetricName, after: Time, until: Time) -> Result<Vec<Measured>, PortError> {
        self.with(|world| world.intervals(after, until))
    }
}

#[async_trait]
impl Clock for WorldPorts {
    fn now(&self) -> Time {
        self.with(|world| world.now())
    }

    async fn sleep_until(&self, at: Time) {
        tokio::task::yield_now().await; // whoever waits for news beside the time is asked first
        self.with(|world| world.advance_to(at));
    }
}
