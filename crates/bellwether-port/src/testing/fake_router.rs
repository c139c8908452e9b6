use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_core::{Capabilities, CohortSupport, Duration, Fence, Fencing, Route, Time, Weight};

use crate::testing::FakeClock;
use crate::{Clock, Observed, PortError, TrafficRouter};

/// A router in memory, with latency, drift and faults as it is told. Clones are the same router.
///
/// # Example: a restart that forgets
/// ```
/// use bellwether_core::{Fence, Route, Time, Weight};
/// use bellwether_port::TrafficRouter;
/// use bellwether_port::testing::{FakeClock, FakeRouter};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let router = FakeRouter::new(FakeClock::jumping(Time::default()));
/// router.apply(&Route::share(Weight::new(500)?), Fence::default()).await?;
/// router.restart();
/// assert_eq!(router.observe().await?.value, Route::STABLE);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FakeRouter {
    clock: FakeClock,
    capabilities: Capabilities,
    latency: Duration,
    plane: Arc<Mutex<Plane>>,
}

#[derive(Debug)]
struct Plane {
    /// What was shown since when, oldest first; never empty.
    shown: Vec<Shown>,
    highest: Option<Fence>,
    faults: VecDeque<RouterFault>,
    commands: Vec<(Route, Fence)>,
}

#[derive(Clone, Debug)]
struct Shown {
    since: Time,
    route: Route,
    applied: Option<Fence>,
}

/// How a call of a [`FakeRouter`] goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RouterFault {
    /// The next observation fails.
    NoAnswer,
    /// The next command has no effect, and the caller cannot know.
    BeforeEffect,
    /// The next command has its effect, and the caller cannot know.
    AfterEffect,
    /// The next command is refused.
    Refused,
    /// The next command is acknowledged and carried out in part: this share is shown.
    Partial(Weight),
    /// The next command is acknowledged and lost.
    Lost,
}

impl FakeRouter {
    /// A router without latency that knows shares by basis points and keeps no fence.
    #[must_use]
    pub fn new(clock: FakeClock) -> Self {
        let capabilities = Capabilities {
            precision: Weight::new(1).unwrap_or(Weight::ZERO),
            mirror: false,
            cohort: CohortSupport::None,
            fencing: Fencing::None,
            staleness: Duration::ZERO,
        };
        let shown = vec![Shown { since: Time::MIN, route: Route::STABLE, applied: None }];
        let plane = Plane { shown, highest: None, faults: VecDeque::new(), commands: Vec::new() };
        Self { clock, capabilities, latency: Duration::ZERO, plane: Arc::new(Mutex::new(plane)) }
    }

    /// Sets how it refuses late commands.
    #[must_use]
    pub const fn with_fencing(mut self, fencing: Fencing) -> Self {
        self.capabilities.fencing = fencing;
        self
    }

    /// Sets how long a command takes until it has its effect.
    #[must_use]
    pub const fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Sets how old its observations are.
    #[must_use]
    pub const fn with_staleness(mut self, staleness: Duration) -> Self {
        self.capabilities.staleness = staleness;
        self
    }

    /// Sets the smallest difference of two shares that it can express.
    #[must_use]
    pub const fn with_precision(mut self, precision: Weight) -> Self {
        self.capabilities.precision = precision;
        self
    }

    /// Lets the next call that the fault is about go wrong.
    pub fn fail_next(&self, fault: RouterFault) {
        self.lock().faults.push_back(fault);
    }

    /// Shows another route, as somebody else does who changes it.
    pub fn drift(&self, route: Route) {
        let (since, mut plane) = (self.clock.now(), self.lock());
        let applied = plane.shown.last().and_then(|shown| shown.applied);
        plane.shown.push(Shown { since, route, applied });
    }

    /// Forgets everything: what stands in its file is that stable has everything.
    pub fn restart(&self) {
        let (since, mut plane) = (self.clock.now(), self.lock());
        plane.highest = None;
        plane.shown.push(Shown { since, route: Route::STABLE, applied: None });
    }

    /// What it was told so far, whether it had an effect or not.
    #[must_use]
    pub fn commands(&self) -> Vec<(Route, Fence)> {
        self.lock().commands.clone()
    }

    fn can_express(&self, route: &Route) -> bool {
        let mirror = self.capabilities.mirror || route.mirror == Weight::ZERO;
        let cohort = route.cohort.as_ref().is_none_or(|cohort| match self.capabilities.cohort {
            CohortSupport::None => false,
            CohortSupport::Unmatched => !cohort.matched,
            CohortSupport::Matched => true,
        });
        mirror && cohort
    }

    fn lock(&self) -> MutexGuard<'_, Plane> {
        self.plane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plane {
    fn take_fault(&mut self, is_wanted: impl Fn(RouterFault) -> bool) -> Option<RouterFault> {
        let index = self.faults.iter().position(|fault| is_wanted(*fault))?;
        self.faults.remove(index)
    }
}

#[async_trait]
impl TrafficRouter for FakeRouter {
    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    async fn observe(&self) -> Result<Observed<Route>, PortError> {
        let (now, staleness) = (self.clock.now(), self.capabilities.staleness);
        let mut plane = self.lock();
        if plane.take_fault(|fault| fault == RouterFault::NoAnswer).is_some() {
            return Err(PortError::transient("the router does not answer"));
        }
        let as_of = now.before(staleness);
        let shown = plane.shown.iter().filter(|shown| shown.since <= as_of).max_by_key(|shown| shown.since);
        let shown = shown.ok_or_else(|| PortError::transient("the router has not started yet"))?;
        let applied = match self.capabilities.fencing {
            Fencing::Token | Fencing::Version => shown.applied,
            Fencing::None => None,
        };
        Ok(Observed::new(shown.route.clone(), now).with_staleness(staleness).with_applied(applied))
    }

    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
        let since = self.clock.now().after(self.latency);
        let mut plane = self.lock();
        plane.commands.push((route.clone(), fence));
        let fault = plane.take_fault(|fault| fault != RouterFault::NoAnswer);
        match fault {
            Some(RouterFault::BeforeEffect) => return Err(PortError::transient("the command was lost")),
            Some(RouterFault::Refused) => return Err(PortError::refused("the command was refused")),
            Some(RouterFault::Lost) => return Ok(()),
            Some(RouterFault::NoAnswer | RouterFault::AfterEffect | RouterFault::Partial(_)) | None => {}
        }
        if !self.can_express(route) {
            return Err(PortError::refused("the router cannot express this route"));
        }
        if self.capabilities.fencing == Fencing::Token && plane.highest.is_some_and(|highest| fence < highest) {
            return Err(PortError::Superseded);
        }
        plane.highest = plane.highest.max(Some(fence));
        let share = match fault {
            Some(RouterFault::Partial(share)) => share,
            _ => route.share.round_down(self.capabilities.precision),
        };
        plane.shown.push(Shown { since, route: Route { share, ..route.clone() }, applied: Some(fence) });
        if fault == Some(RouterFault::AfterEffect) {
            return Err(PortError::transient("the answer was lost"));
        }
        Ok(())
    }
}
