use alloc::vec::Vec;

use bellwether_core::{Arms, Duration};
use bellwether_stats::{Counts, Direction};
use serde::{Deserialize, Serialize};

use crate::taken::{Taken, add, rate};
use crate::{Guard, MetricSpec};

/// Watches for outages in windows that follow each other.
///
/// A window grows interval by interval until it is as long as the guard's, and is looked at after each, so that an
/// outage is seen as soon as it has made enough errors.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outage {
    length: Duration,
    pub(crate) arms: Arms<Counts>,
    /// What stable did in earlier windows, those apart in which it was broken itself.
    usual: Counts,
    /// Whether stable is broken in this window.
    pub(crate) stable_is_broken: bool,
    /// In how many intervals in a row most instances of the candidate were saturated and most of stable's were not.
    #[serde(default, skip_serializing_if = "is_zero")]
    saturated: u32,
}

/// Most instances must be saturated in so many intervals in a row.
const SATURATED: u32 = 2;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Outage {
    /// Takes an interval into account and returns whether the candidate is in an outage.
    pub(crate) fn push(&mut self, guard: &Guard, taken: &Taken) -> bool {
        if self.length >= guard.window {
            self.close();
        }
        self.length = self.length.saturating_add(taken.end.since(taken.start));
        add(&mut self.arms, taken.arms);
        self.stable_is_broken = guard.trips(self.arms.stable, rate(self.usual));
        guard.trips(self.arms.candidate, rate(self.arms.stable))
    }

    /// Takes the gauges of all instances into account and returns whether the candidate's are saturated: beyond the limit
    /// that the metric has, if it has one.
    pub(crate) fn push_gauges(&mut self, gauges: &Arms<Vec<f64>>, spec: &MetricSpec) -> bool {
        let Some(limit) = spec.limit else { return false };
        let is_beyond = |gauge: &&f64| match spec.direction {
            Direction::HigherIsWorse => **gauge > limit,
            Direction::LowerIsWorse => **gauge < limit,
        };
        self.arms = gauges.as_ref().map(|gauges| Counts {
            exposure: gauges.len() as u64,
            events: gauges.iter().filter(is_beyond).count() as u64,
        });
        let are_most = |counts: Counts| counts.events > counts.exposure / 2;
        self.stable_is_broken = are_most(self.arms.stable);
        let is_saturated = are_most(self.arms.candidate) && !self.stable_is_broken;
        self.saturated = if is_saturated { self.saturated.saturating_add(1) } else { 0 };
        self.saturated >= SATURATED
    }

    /// Begins the next window. Where nothing is known of stable yet, even a bad window is what is usual: a service that
    /// always fails this often is not broken.
    fn close(&mut self) {
        let mut usual = Arms { stable: self.usual, candidate: Counts::default() };
        if !self.stable_is_broken || self.usual.exposure == 0 {
            add(&mut usual, self.arms);
        }
        *self = Self { usual: usual.stable, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use bellwether_core::{Time, Weight};

    use super::*;

    fn interval(seconds: u64, stable: (u64, u64), candidate: (u64, u64)) -> Taken {
        let counts = |(exposure, events)| Counts { exposure, events };
        Taken {
            start: Time::MIN,
            end: Time::MIN.after(Duration::from_seconds(seconds)),
            intended: Weight::FULL,
            arms: Arms { stable: counts(stable), candidate: counts(candidate) },
        }
    }

    /// The rule of the design: above max(20 %, 10 x baseline), at least 20 errors in 30 s.
    #[test]
    fn an_outage_needs_a_fifth_of_the_requests_ten_times_the_baseline_and_twenty_errors() {
        for (stable, candidate, is_outage) in [
            ((1000, 0), (95, 20), true),
            ((1000, 0), (95, 19), false),
            ((1000, 0), (100, 20), false),
            ((1000, 30), (100, 31), true),
            ((1000, 30), (100, 30), false),
            ((0, 0), (20, 20), true),
        ] {
            let mut outage = Outage::default();
            let found = outage.push(&Guard::default(), &interval(30, stable, candidate));
            assert_eq!(found, is_outage, "{stable:?} {candidate:?}");
        }
    }

    #[test]
    fn instances_are_saturated_when_most_are_beyond_the_limit_twice_in_a_row_and_those_of_stable_are_not() {
        let spec = MetricSpec { limit: Some(0.9), ..MetricSpec::of(crate::MetricKind::Gauge) };
        let arms = |stable: [f64; 3], candidate: [f64; 3]| Arms { stable: stable.into(), candidate: candidate.into() };
        let (fine, full) = ([0.5, 0.5, 0.95], [0.5, 0.95, 0.99]);
        let mut outage = Outage::default();
        let found = [(fine, full), (fine, fine), (fine, full), (full, full), (fine, full), (fine, full)]
            .map(|(stable, candidate)| (outage.push_gauges(&arms(stable, candidate), &spec), outage.stable_is_broken));
        let expected = [(false, false), (false, false), (false, false), (false, true), (false, false), (true, false)];
        assert_eq!(found, expected);
        let none = MetricSpec::of(crate::MetricKind::Gauge);
        assert!(!outage.push_gauges(&arms(fine, full), &none), "without a limit nothing is saturated");
    }

    #[test]
    fn short_intervals_add_up_to_a_window_and_long_ones_do_not_mix() {
        let mut short = Outage::default();
        let ten = interval(10, (100, 0), (10, 8));
        assert!(!short.push(&Guard::default(), &ten));
        assert!(!short.push(&Guard::default(), &ten));
        assert!(short.push(&Guard::default(), &ten), "24 errors in 30 s");
        let mut long = Outage::default();
        let sixty = interval(60, (100, 0), (10, 8));
        assert!((0..10).all(|_| !long.push(&Guard::default(), &sixty)), "8 errors a minute are too few to tell");
    }

    #[test]
    fn stable_is_broken_where_it_is_far_worse_than_it_used_to_be_for_as_long_as_it_lasts() {
        let (fine, bad) = (interval(60, (1000, 5), (10, 0)), interval(60, (1000, 400), (10, 4)));
        let mut outage = Outage::default();
        let states = [fine, bad, bad, fine].map(|taken| {
            outage.push(&Guard::default(), &taken);
            outage.stable_is_broken
        });
        assert_eq!(states, [false, true, true, false]);
        let mut always_bad = Outage::default();
        always_bad.push(&Guard::default(), &bad);
        always_bad.push(&Guard::default(), &bad);
        assert!(!always_bad.stable_is_broken, "what is usual is not broken");
    }
}
