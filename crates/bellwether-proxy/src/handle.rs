use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bellwether_core::{Capabilities, Fence, MetricName, Route, Time};
use bellwether_port::{Clock, Measured, MetricSource, Observed, PortError, TrafficRouter};

use crate::{
    RouteChange, Status,
    control::ApplyError,
    port::{self, Metric, check_clock},
    shared::Shared,
};

/// The ports of a proxy in the same process: its router and its metric source.
///
/// The [`metrics`](crate::metrics()) are `errors`, requests and errors of both arms, and `unanswered`, all requests that
/// arrived and those that were abandoned or hang; have both judged. A driver in another process uses a
/// [`ProxyClient`](crate::ProxyClient), which behaves alike.
#[derive(Clone)]
pub struct ProxyHandle {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
}

impl ProxyHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let clock = Arc::new(*shared.control.clock());
        Self { shared, clock }
    }

    /// Sets the clock by which observations are dated, and which the proxy's must agree with: the driver's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What the proxy did since it started.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.control.status()
    }
}

impl fmt::Debug for ProxyHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProxyHandle").finish_non_exhaustive()
    }
}

#[async_trait]
impl TrafficRouter for ProxyHandle {
    fn capabilities(&self) -> Capabilities {
        port::capabilities()
    }

    async fn observe(&self) -> Result<Observed<Route>, PortError> {
        let issued_at = self.clock.now();
        let reading = self.shared.control.reading();
        Ok(Observed::new(reading.route, issued_at).with_applied(reading.fence))
    }

    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
        match self.shared.control.apply(&RouteChange { route: route.clone(), fence }) {
            Ok(_) => Ok(()),
            Err(ApplyError::Superseded { .. }) => Err(PortError::Superseded),
            Err(error @ ApplyError::Unsupported(_)) => Err(PortError::refused(error)),
        }
    }
}

#[async_trait]
impl MetricSource for ProxyHandle {
    async fn intervals(&self, metric: &MetricName, after: Time, until: Time) -> Result<Vec<Measured>, PortError> {
        let metric = Metric::read(metric)?;
        let mut intervals = Vec::new();
        let mut after = after;
        loop {
            let asked = self.clock.now();
            let part = self.shared.control.intervals(after, until);
            check_clock(asked, part.issued_at, self.clock.now())?;
            after = part.intervals.last().map_or(after, |last| last.end);
            intervals.extend(part.intervals);
            if !part.more {
                return intervals.iter().map(|interval| metric.measure(interval)).collect();
            }
        }
    }
}
