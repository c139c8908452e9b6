//! Seeded traffic: the same numbers on every machine.

use bellwether_analysis::{
    Dependence, Histogram, Interval, MetricSpec, MinimumEvidence, Sample, Schedule, Sequential, SequentialSpec,
};
use bellwether_core::{Arms, Duration, MetricName, Weight};
use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::world::{minute, name, stage};

pub(crate) fn seeded(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Counts the arrivals before time `mean`, in pieces short enough for the product of uniforms (Knuth 1969).
pub(crate) fn poisson(random: &mut Xoshiro256PlusPlus, mean: f64) -> u64 {
    let (mut left, mut count) = (mean, 0);
    while left > 0.0 {
        let limit = libm::exp(-left.min(16.0));
        let mut product: f64 = random.random();
        while product > limit {
            product *= random.random::<f64>();
            count += 1;
        }
        left -= 16.0;
    }
    count
}

/// Whether `hits` of `runs` are compatible with a probability of at most `bound`: the exact one-sided lower 99 % limit of
/// Clopper and Pearson is not above it, which is P(X >= hits | bound) >= 1 %.
pub(crate) fn is_compatible(hits: u32, runs: u32, bound: f64) -> bool {
    let mut probability = libm::pow(1.0 - bound, f64::from(runs));
    let mut below = 0.0;
    for k in 0..hits {
        below += probability;
        probability *= f64::from(runs - k) / f64::from(k + 1) * bound / (1.0 - bound);
    }
    1.0 - below >= 0.01
}

#[test]
fn the_binomial_bound_is_that_of_the_tables() {
    // Clopper-Pearson, one-sided 99 %: of 100 runs 4 have the lower limit 0.83 %, 5 have 1.29 %
    assert!(is_compatible(4, 100, 0.01));
    assert!(!is_compatible(5, 100, 0.01));
    assert!(is_compatible(5, 100, 0.013));
}

/// A judge and the intervals of a rollout over up to three steps and two metrics, in the order of their ends, with
/// everything that can be wrong with an interval.
pub(crate) fn arbitrary_rollout() -> impl Strategy<Value = (Sequential, Vec<(MetricName, Interval)>)> {
    let dependence =
        prop_oneof![Just(Dependence::Clustered), Just(Dependence::BurstsUpTo(5)), Just(Dependence::Independent)];
    let judge = (dependence, any::<bool>(), 1_u32..4, 1_u32..4).prop_map(|(dependence, critical, steps, hours)| {
        let errors = MetricSpec { dependence, critical, ..MetricSpec::default() };
        let timeouts = MetricSpec { tolerance: 1.1, harm: 1.5, weight: 3.0, ..errors };
        let timeouts = MetricSpec { critical: false, acceptable: 0.02, ..timeouts };
        let metrics = [(name("errors"), errors), (name("timeouts"), timeouts)].into();
        let minimum = MinimumEvidence { intervals: 2, ..MinimumEvidence::default() };
        let schedule = Schedule { steps, hours };
        Sequential::new(SequentialSpec { metrics, minimum, schedule, ..SequentialSpec::default() }).unwrap()
    });
    (judge, prop::collection::vec(arbitrary_event(), 1..25), rate(), rate()).prop_map(|(judge, events, base, other)| {
        let mut clock = 0;
        let mut step = 0;
        let mut intervals = Vec::new();
        for event in events {
            clock += event.wait;
            step = (step + u32::from(event.advances)).min(2);
            for (metric, kind) in [("errors", event.errors), ("timeouts", event.timeouts)] {
                let Some(kind) = kind else { continue };
                intervals.push((name(metric), kind.interval((clock, event.minutes), step, (base, other))));
            }
        }
        intervals.sort_by(|a, b| (a.1.end, &a.0, a.1.start).cmp(&(b.1.end, &b.0, b.1.start)));
        // stages follow each other also where an interval was delayed
        let mut last = 0;
        for (_, interval) in &mut intervals {
            last = last.max(interval.stage.step);
            interval.stage.step = last;
        }
        (judge, intervals)
    })
}

#[derive(Clone, Copy, Debug)]
struct Event {
    wait: u64,
    minutes: u64,
    advances: bool,
    errors: Option<Kind>,
    timeouts: Option<Kind>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Usual { seed: u64 },
    Unsettled { seed: u64 },
    Quiet,
    NoCandidate,
    Latency,
    Impossible,
}

fn arbitrary_event() -> impl Strategy<Value = Event> {
    // a wait of 0 makes the next interval begin with the last one: a duplicate, or one that overlaps
    let wait = prop_oneof![1 => Just(0_u64), 8 => Just(1_u64), 1 => Just(30_u64)];
    let minutes = prop_oneof![8 => Just(1_u64), 2 => Just(2_u64), 1 => Just(50_u64)];
    let advances = prop::bool::weighted(0.15);
    (wait, minutes, advances, prop::option::weighted(0.9, kind()), prop::option::weighted(0.9, kind()))
        .prop_map(|(wait, minutes, advances, errors, timeouts)| Event { wait, minutes, advances, errors, timeouts })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        30 => any::<u64>().prop_map(|seed| Kind::Usual { seed }),
        2 => any::<u64>().prop_map(|seed| Kind::Unsettled { seed }),
        2 => Just(Kind::Quiet),
        1 => Just(Kind::NoCandidate),
        1 => Just(Kind::Latency),
        1 => Just(Kind::Impossible),
    ]
}

fn rate() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(0.001), Just(0.02), Just(0.4)]
}

impl Kind {
    fn interval(self, (at, minutes): (u64, u64), step: u32, (base, other): (f64, f64)) -> Interval {
        let share = [500, 2_500, 5_000][step as usize];
        let candidate = 6_000 * u64::from(share) / 10_000;
        let stable = 6_000 - candidate;
        let counts = |requests: u64, errors: u64| Sample::Counts { requests, errors: errors.min(requests) };
        let arms = match self {
            Self::Usual { seed } | Self::Unsettled { seed } => {
                let mut random = seeded(seed);
                let errors = poisson(&mut random, stable as f64 * base);
                let of_candidate = poisson(&mut random, candidate as f64 * other);
                // now and then fail-over has moved some requests
                let moved = if seed % 5 == 0 { candidate / 3 } else { 0 };
                Arms { stable: counts(stable + moved, errors), candidate: counts(candidate - moved, of_candidate) }
            }
            Self::Quiet => Arms { stable: counts(stable, 0), candidate: counts(candidate, 0) },
            Self::NoCandidate => Arms { stable: counts(stable, 7), candidate: counts(0, 0) },
            Self::Latency => {
                let histogram = Histogram::new(vec![0.1], vec![candidate, 1]).unwrap();
                Arms { stable: counts(stable, 0), candidate: histogram.into() }
            }
            Self::Impossible => {
                Arms { stable: counts(stable, 0), candidate: Sample::Counts { requests: 1, errors: 2 } }
            }
        };
        let settled = !matches!(self, Self::Unsettled { .. });
        let weight = Weight::new(share).unwrap();
        let (start, end) = (minute(at), minute(at).after(Duration::from_minutes(minutes)));
        Interval { start, end, stage: stage(step), intended: weight, observed: weight, settled, arms }
    }
}
