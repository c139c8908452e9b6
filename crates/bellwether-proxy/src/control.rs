use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bellwether_core::{Arms, Duration, Fence, Route, Time};
use bellwether_port::{Clock, SystemClock};

use crate::{
    Allocation, Config, CountedInterval, Intervals, RouteChange, RouteReading, Status, UnsupportedRoute,
    allocation::Spread,
    arm::Arm,
    ledger::{Ledger, Span},
    outcome::Outcome,
    users::Users,
};

/// The most intervals of one answer: about half a MiB of JSON.
const INTERVALS_MAX: usize = 3_600;

/// The route and the counts.
///
/// Both stand behind one lock that is held for some tens of nanoseconds, twice a request. So a change of the route is one
/// step for every request, and what an interval says about its share is exactly how its requests were split.
#[derive(Debug)]
pub(crate) struct Control {
    clock: SystemClock,
    allocation: Allocation,
    started_at: Time,
    listen: SocketAddr,
    upstreams: Arms<SocketAddr>,
    tick: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    route: Route,
    fence: Option<Fence>,
    spread: Spread,
    ledger: Ledger,
    resent: Arms<u64>,
    users_with_errors: Arms<Users>,
}

/// Tells why a route was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum ApplyError {
    #[error("expected a fence of at least {}/{} (token/generation), found a lower one", .highest.token, .highest.generation)]
    Superseded { highest: Fence },
    #[error(transparent)]
    Unsupported(#[from] UnsupportedRoute),
}

/// A request's place in the counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    pub(crate) arm: Arm,
    pub(crate) arrived: Instant,
    /// The number of the interval in which it arrived.
    number: i64,
}

impl Control {
    pub(crate) fn new(config: &Config, listen: SocketAddr) -> Self {
        let clock = SystemClock::new();
        let now = clock.now();
        let ledger = Ledger::new(config.tick, config.grace, config.route.share, now);
        let state = State {
            route: config.route.clone(),
            fence: None,
            // Proxies that start together shall not spread alike.
            spread: Spread::new(RandomState::new().hash_one(now)),
            ledger,
            resent: Arms::default(),
            users_with_errors: Arms::default(),
        };
        Self {
            clock,
            allocation: Allocation::new(&config.salt),
            started_at: now,
            listen,
            upstreams: config.upstreams,
            tick: config.tick,
            state: Mutex::new(state),
        }
    }

    /// Counts a request and says where it goes.
    pub(crate) fn admit(&self, user: Option<&[u8]>) -> Admission {
        let bucket = user.map(|user| self.allocation.bucket(user));
        let mut state = self.lock();
        let bucket = bucket.unwrap_or_else(|| state.spread.next_bucket());
        let candidate = bucket < state.route.share.basis_points();
        let arm = if candidate { Arm::Candidate } else { Arm::Stable };
        let number = state.ledger.arrive(self.clock.now(), arm);
        Admission { arm, arrived: Instant::now(), number }
    }

    /// Counts how a request ended.
    pub(crate) fn settle(&self, admission: Admission, outcome: Outcome, user: Option<&[u8]>) {
        let Admission { arm, number, .. } = admission;
        let mut state = self.lock();
        state.ledger.settle(self.clock.now(), number, (arm, outcome));
        if let (Outcome::Error, Some(user)) = (outcome, user) {
            arm.of_mut(&mut state.users_with_errors).insert(user);
        }
    }

    /// Counts a request that was sent on a second connection.
    pub(crate) fn note_resent(&self, arm: Arm) {
        *arm.of_mut(&mut self.lock().resent) += 1;
    }

    /// Puts a route in force, unless somebody with a higher fence did so before.
    pub(crate) fn apply(&self, change: &RouteChange) -> Result<RouteReading, ApplyError> {
        UnsupportedRoute::check(&change.route)?;
        let mut state = self.lock();
        if let Some(highest) = state.fence.filter(|highest| *highest > change.fence) {
            return Err(ApplyError::Superseded { highest });
        }
        let now = self.clock.now();
        state.fence = Some(change.fence);
        state.route.clone_from(&change.route);
        state.ledger.change_share(now, change.route.share);
        Ok(state.reading(now))
    }

    pub(crate) fn reading(&self) -> RouteReading {
        self.lock().reading(self.clock.now())
    }

    /// The closed intervals of a span of time, as many as one answer holds.
    pub(crate) fn intervals(&self, after: Time, until: Time) -> Intervals {
        let span = Span { after, until, limit: INTERVALS_MAX + 1 };
        let mut state = self.lock();
        let now = self.clock.now();
        let mut intervals: Vec<CountedInterval> = state.ledger.closed(now, span);
        let more = intervals.len() > INTERVALS_MAX;
        intervals.truncate(INTERVALS_MAX);
        Intervals { intervals, more, issued_at: now }
    }

    pub(crate) fn status(&self) -> Status {
        let mut state = self.lock();
        let now = self.clock.now();
        let summary = state.ledger.summary(now);
        Status {
            listen: self.listen,
            upstreams: self.upstreams,
            route: state.route.clone(),
            fence: state.fence,
            started_at: self.started_at,
            issued_at: now,
            tick: self.tick,
            closed_until: summary.closed_until,
            totals: summary.totals,
            late: summary.late,
            pending: summary.pending,
            abandoned: summary.abandoned,
            resent: state.resent,
            users_with_errors: state.users_with_errors.as_ref().map(Users::count),
        }
    }

    pub(crate) fn clock(&self) -> &SystemClock {
        &self.clock
    }

    /// Nothing in here panics between two changes that belong together, so a poisoned lock holds a whole state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn reading(&self, now: Time) -> RouteReading {
        RouteReading { route: self.route.clone(), fence: self.fence, issued_at: now }
    }
}
