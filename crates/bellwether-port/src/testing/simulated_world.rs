use std::collections::VecDeque;

use bellwether_core::{Arms, Duration, Fence, Route, Time, Weight};
use bellwether_rollout::Units;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::testing::{Rates, Troubles, fake_metrics::sample};
use crate::{InForce, Measured, Observed, PortError};

/// A router, a workload and users, without an async runtime: everything is drawn from one seed, and time goes on by
/// [`advance_to`](SimulatedWorld::advance_to) alone.
///
/// What a router was told (its control plane) and what users meet (its data plane) are apart: the second follows the
/// first after a while. Units take time to become ready. What goes wrong, and how often, is [`Troubles`].
///
/// # Example: a command takes its time
/// ```
/// use bellwether_core::{Duration, Fence, Route, Weight};
/// use bellwether_port::testing::{SimulatedWorld, Troubles};
///
/// let mut world = SimulatedWorld::new(7, 10);
/// world.route_lag = Duration::from_seconds(2);
/// let route = Route::share(Weight::new(500)?);
/// world.apply_route(&route, Fence { token: 1, generation: 1 })?;
/// assert_eq!(world.observe_route()?.value, Route::STABLE);
/// world.advance_to(world.now().after(Duration::from_seconds(2)));
/// assert_eq!(world.observe_route()?.value, route);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SimulatedWorld {
    /// What goes wrong.
    pub troubles: Troubles,
    /// How much traffic there is, and how much of it fails.
    pub rates: Rates,
    /// How long the data plane takes to follow.
    pub route_lag: Duration,
    /// How long a unit takes to become ready.
    pub unit_delay: Duration,
    /// Whether there is no router: users meet whichever units are ready.
    pub traffic_follows_units: bool,
    /// Whether the router keeps the highest fence, refuses lower ones and shows which command it has carried out.
    pub fencing: bool,
    pub(crate) random: Xoshiro256PlusPlus,
    now: Time,
    told: Option<Fence>,
    pending: VecDeque<(Time, Shown)>,
    shown: Shown,
    /// When users met another route than before, newest last.
    changes: Vec<(Time, Route)>,
    want: Arms<u32>,
    units: Arms<Scaled>,
    intervals: Vec<Measured>,
    interval_start: Time,
    /// Until when neither the router nor the units answer.
    silent_until: Time,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Shown {
    route: Route,
    applied: Option<Fence>,
}

const MINUTE: Duration = Duration::from_minutes(1);
/// 2026-03-02T10:00:00Z, a Monday.
const START: Time = Time::from_unix_millis(1_772_445_600_000);

impl SimulatedWorld {
    /// A world in which nothing goes wrong: stable runs that many units and has all the traffic.
    #[must_use]
    pub fn new(seed: u64, replicas: u32) -> Self {
        let stable = Shown { route: Route::STABLE, applied: None };
        Self {
            troubles: Troubles::default(),
            rates: Rates { requests_per_minute: 600.0, stable: 0.002, candidate: 0.002 },
            route_lag: Duration::ZERO,
            unit_delay: Duration::from_seconds(5),
            traffic_follows_units: false,
            fencing: true,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            now: START,
            told: None,
            pending: VecDeque::new(),
            changes: vec![(START, stable.route.clone())],
            shown: stable,
            want: Arms { stable: replicas, candidate: 0 },
            units: Arms { stable: Scaled::ready(replicas), candidate: Scaled::default() },
            intervals: Vec::new(),
            interval_start: START,
            silent_until: START,
        }
    }

    /// The time.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// What users meet now, whoever can or cannot observe it.
    #[must_use]
    pub const fn route(&self) -> &Route {
        &self.shown.route
    }

    /// When the next thing happens by itself: a route takes effect, a unit becomes ready, an interval ends.
    #[must_use]
    pub fn next_change(&self) -> Time {
        let routes = self.pending.iter().map(|(at, _)| *at);
        let units = self.units.stable.changes().chain(self.units.candidate.changes());
        let end = self.interval_start.after(MINUTE);
        routes.chain(units).filter(|at| *at > self.now).fold(end, Time::min)
    }

    /// Lets time go on, and everything happen that is due until then, in its order.
    pub fn advance_to(&mut self, until: Time) {
        while self.now < until {
            let next = self.next_change().min(until);
            self.now = next;
            while self.pending.front().is_some_and(|(at, _)| *at <= next) {
                if let Some((_, shown)) = self.pending.pop_front() {
                    self.show(shown);
                }
            }
            self.follow_units();
            if next >= self.interval_start.after(MINUTE) {
                self.end_interval();
            }
        }
    }

    /// Draws whether something happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.random.random_bool(probability.clamp(0.0, 1.0))
    }

    /// Lets a round's troubles happen to the router and to the units.
    pub fn stir(&mut self) {
        let Troubles { drifts, router_restarts, unit_crashes, outages, .. } = self.troubles;
        if outages > 0.0 && self.happens(outages) {
            self.silent_until = self.now.after(Duration::from_minutes(self.random.random_range(1..120)));
        }
        if self.happens(drifts) && !self.traffic_follows_units {
            let share = Weight::new(self.random.random_range(0..=10_000)).unwrap_or(Weight::FULL);
            self.drift(Route::share(share));
        }
        if self.happens(router_restarts) && !self.traffic_follows_units {
            self.restart_router();
        }
        if self.happens(unit_crashes) {
            self.crash_unit();
        }
    }

    /// Shows another route at once, as somebody else does who changes it.
    pub fn drift(&mut self, route: Route) {
        let applied = self.shown.applied;
        self.show(Shown { route, applied });
    }

    /// Restarts the router: it has forgotten what it was told.
    pub fn restart_router(&mut self) {
        self.told = None;
        self.pending.clear();
        self.show(Shown { route: Route::STABLE, applied: None });
    }

    /// Crashes one unit of either arm; it starts again.
    pub fn crash_unit(&mut self) {
        let ready_at = self.now.after(self.unit_delay);
        let arm = if self.random.random_bool(0.5) { &mut self.units.stable } else { &mut self.units.candidate };
        if arm.ready_at.is_empty() {
            return;
        }
        let unit = self.random.random_range(0..arm.ready_at.len());
        if let Some(unit) = arm.ready_at.get_mut(unit) {
            *unit = ready_at;
        }
        self.follow_units();
    }

    /// The route as the router shows it.
    ///
    /// # Errors
    /// The router does not answer.
    pub fn observe_route(&mut self) -> Result<Observed<Route>, PortError> {
        self.answer_of_plane()?;
        let applied = self.shown.applied.filter(|_| self.fencing);
        Ok(Observed::new(self.shown.route.clone(), self.now).with_applied(applied))
    }

    /// Tells the router a route.
    ///
    /// # Errors
    /// A lower fence than before, or no answer: the command may have had its effect then.
    pub fn apply_route(&mut self, route: &Route, fence: Fence) -> Result<(), PortError> {
        if self.fencing && self.told.is_some_and(|told| fence < told) {
            return Err(PortError::Superseded);
        }
        let answer = self.answer_of_plane();
        let is_lost = if answer.is_ok() { self.troubles.lost_commands } else { 0.5 };
        if !self.happens(is_lost) {
            self.told = self.told.max(Some(fence));
            let at = self.now.after(self.route_lag);
            self.pending.push_back((at, Shown { route: route.clone(), applied: Some(fence) }));
            self.take_effect();
        }
        answer
    }

    /// Both arms' units.
    ///
    /// # Errors
    /// The workload does not answer.
    pub fn observe_units(&mut self) -> Result<Observed<Arms<Units>>, PortError> {
        self.answer_of_plane()?;
        let Arms { stable, candidate } = self.units.as_ref();
        let (stable, candidate) = (stable.at(self.now, self.want.stable), candidate.at(self.now, self.want.candidate));
        Ok(Observed::new(Arms { stable, candidate }, self.now))
    }

    /// Asks for units.
    ///
    /// # Errors
    /// No answer: the wish may be in force all the same.
    pub fn apply_units(&mut self, units: &Arms<u32>) -> Result<(), PortError> {
        let answer = self.answer_of_plane();
        let is_lost = if answer.is_ok() { self.troubles.lost_commands } else { 0.5 };
        if !self.happens(is_lost) {
            let changed_at = self.now.after(self.unit_delay);
            self.want = *units;
            self.units.stable.scale(units.stable, changed_at);
            self.units.candidate.scale(units.candidate, changed_at);
            self.follow_units();
        }
        answer
    }

    /// The complete intervals of a minute that begin at or after `after`.
    ///
    /// # Errors
    /// The metric source does not answer.
    pub fn intervals(&mut self, after: Time, until: Time) -> Result<Vec<Measured>, PortError> {
        self.answer()?;
        let within = |measured: &&Measured| measured.start >= after && measured.end <= until;
        Ok(self.intervals.iter().filter(within).cloned().collect())
    }

    /// Whether the router and the units can be asked now.
    fn answer_of_plane(&mut self) -> Result<(), PortError> {
        let is_silent = self.troubles.outages > 0.0 && self.now < self.silent_until;
        if is_silent { Err(PortError::transient("nobody answers")) } else { self.answer() }
    }

    fn answer(&mut self) -> Result<(), PortError> {
        let fails = self.troubles.failing_ports;
        if self.happens(fails) { Err(PortError::transient("no answer")) } else { Ok(()) }
    }

    /// Splits traffic as the ready units do, where nothing else does.
    fn follow_units(&mut self) {
        if !self.traffic_follows_units {
            return;
        }
        let Arms { stable, candidate } = self.units.as_ref();
        let (stable, candidate) = (stable.at(self.now, 0).ready, candidate.at(self.now, 0).ready);
        let share = match candidate {
            0 => Weight::ZERO,
            _ => Weight::carried_by(candidate, stable.saturating_add(candidate)),
        };
        self.show(Shown { route: Route::share(share), applied: None });
    }

    fn take_effect(&mut self) {
        if self.route_lag.is_zero() {
            while let Some((_, shown)) = self.pending.pop_front() {
                self.show(shown);
            }
        }
    }

    fn show(&mut self, shown: Shown) {
        if shown.route != self.shown.route {
            self.changes.push((self.now, shown.route.clone()));
        }
        self.shown = shown;
    }

    fn end_interval(&mut self) {
        let (start, end) = (self.interval_start, self.interval_start.after(MINUTE));
        let changed = self.changes.iter().any(|(at, _)| *at > start && *at < end);
        let route =
            self.changes.iter().rev().find(|(at, _)| *at < end).map_or(Route::STABLE, |(_, route)| route.clone());
        let Rates { requests_per_minute, stable, candidate } = self.rates;
        let arms = Arms {
            stable: sample(&mut self.random, requests_per_minute * route.share.rest().fraction(), stable),
            candidate: sample(&mut self.random, requests_per_minute * route.share.fraction(), candidate),
        };
        let in_force = if changed { InForce::Changed } else { InForce::Throughout(route) };
        self.intervals.push(Measured::new(start, end, arms).with_in_force(in_force));
        self.interval_start = end;
    }
}

/// The units of one version.
#[derive(Clone, Debug, Default)]
struct Scaled {
    /// When each unit is ready.
    ready_at: Vec<Time>,
    /// When each unit that is taken away has finished its requests.
    gone_at: Vec<Time>,
}

impl Scaled {
    fn ready(units: u32) -> Self {
        Self { ready_at: vec![START; count(units)], gone_at: Vec::new() }
    }

    /// Adds or takes away units; both take until then.
    fn scale(&mut self, units: u32, changed_at: Time) {
        let leaving = self.ready_at.len().saturating_sub(count(units));
        self.gone_at.extend((0..leaving).map(|_| changed_at));
        self.ready_at.resize(count(units), changed_at);
    }

    fn changes(&self) -> impl Iterator<Item = Time> {
        self.ready_at.iter().chain(&self.gone_at).copied()
    }

    fn at(&self, now: Time, want: u32) -> Units {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let leaving = self.gone_at.iter().filter(|at| **at > now).count();
        let ready = self.ready_at.iter().filter(|at| **at <= now).count();
        Units { want, exist: number(self.ready_at.len().saturating_add(leaving)), ready: number(ready) }
    }
}

fn count(units: u32) -> usize {
    usize::try_from(units).unwrap_or(usize::MAX)
}
