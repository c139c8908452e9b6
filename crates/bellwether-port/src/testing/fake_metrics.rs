use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_analysis::Sample;
use bellwether_core::{Arms, Duration, MetricName, Route, Time, Weight};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::testing::FakeClock;
use crate::{Clock, InForce, Measured, MetricSource, PortError};

/// Requests and errors that are drawn by rates, in intervals of a minute. Clones are the same source.
///
/// The same seed, rates and shares give the same counts, interval by interval, whenever they are asked for.
#[derive(Clone, Debug)]
pub struct FakeMetrics {
    clock: FakeClock,
    seed: u64,
    start: Time,
    traffic: Arc<Mutex<Traffic>>,
}

#[derive(Debug)]
struct Traffic {
    /// Which share and rates held from when on, oldest first; never empty.
    changes: Vec<(Time, Weight, Rates)>,
    is_down: bool,
}

/// How much traffic there is, and how much of it fails.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "tests build it field by field")]
pub struct Rates {
    /// Requests a minute to both arms together.
    pub requests_per_minute: f64,
    /// The fraction of stable's requests that fails.
    pub stable: f64,
    /// The fraction of the candidate's requests that fails.
    pub candidate: f64,
}

const MINUTE: Duration = Duration::from_minutes(1);

impl FakeMetrics {
    /// A source whose first interval begins now; stable has all the traffic.
    #[must_use]
    pub fn new(seed: u64, clock: FakeClock, rates: Rates) -> Self {
        let start = clock.now();
        let traffic = Traffic { changes: vec![(Time::MIN, Weight::ZERO, rates)], is_down: false };
        Self { clock, seed, start, traffic: Arc::new(Mutex::new(traffic)) }
    }

    /// Splits the traffic differently from now on. An interval in which that happens says so.
    pub fn set_share(&self, share: Weight) {
        let now = self.clock.now();
        let mut traffic = self.lock();
        let rates = traffic.at(now).1;
        traffic.changes.push((now, share, rates));
    }

    /// Changes the rates from now on.
    pub fn set_rates(&self, rates: Rates) {
        let now = self.clock.now();
        let mut traffic = self.lock();
        let share = traffic.at(now).0;
        traffic.changes.push((now, share, rates));
    }

    /// Takes the source away, or brings it back.
    pub fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    fn measured(&self, minute: u64, traffic: &Traffic) -> Measured {
        let start = self.start.after(MINUTE.saturating_mul(minute));
        let end = start.after(MINUTE);
        let (share, rates) = traffic.at(start);
        let changed = traffic.changes.iter().any(|(at, other, _)| *at > start && *at < end && *other != share);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed.wrapping_add(minute));
        let arms = Arms {
            stable: sample(&mut random, rates.requests_per_minute * share.rest().fraction(), rates.stable),
            candidate: sample(&mut random, rates.requests_per_minute * share.fraction(), rates.candidate),
        };
        let in_force = if changed { InForce::Changed } else { InForce::Throughout(Route::share(share)) };
        Measured::new(start, end, arms).with_in_force(in_force)
    }

    fn lock(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Traffic {
    fn at(&self, time: Time) -> (Weight, Rates) {
        let none = Rates { requests_per_minute: 0.0, stable: 0.0, candidate: 0.0 };
        let change = self.changes.iter().rev().find(|(at, ..)| *at <= time);
        change.map_or((Weight::ZERO, none), |(_, share, rates)| (*share, *rates))
    }
}

/// Draws request by request, so that errors are binomial.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float is cut to the integer's range")]
pub(crate) fn sample(random: &mut Xoshiro256PlusPlus, requests: f64, error_rate: f64) -> Sample {
    let requests = requests.round() as u64;
    let rate = error_rate.clamp(0.0, 1.0);
    let errors = (0..requests).filter(|_| random.random_bool(rate)).count();
    Sample::Counts { requests, errors: u64::try_from(errors).unwrap_or(u64::MAX) }
}

#[async_trait]
impl MetricSource for FakeMetrics {
    async fn intervals(&self, _: &MetricName, after: Time, until: Time) -> Result<Vec<Measured>, PortError> {
        let traffic = self.lock();
        if traffic.is_down {
            return Err(PortError::transient("the metric source is down"));
        }
        let until = until.min(self.clock.now());
        let before = after.since(self.start).as_millis().div_ceil(MINUTE.as_millis());
        let minutes = (before..).map(|minute| self.measured(minute, &traffic));
        Ok(minutes.take_while(|measured| measured.end <= until).collect())
    }
}
