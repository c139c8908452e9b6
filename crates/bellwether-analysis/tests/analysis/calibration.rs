//! What a past says of how to judge, on pasts whose noise is known.

use std::collections::BTreeMap;

use bellwether_analysis::{
    Buckets, Calibration, Dependence, Direction, Exponential, Histogram, History, Instance, MetricKind, MetricSpec,
    Past, Reading, calibrate,
};
use bellwether_core::Duration;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::simulation::{poisson, seeded};
use crate::world::minute;

const HOSTS: usize = 8;

#[test]
fn independent_errors_need_no_more_than_the_smallest_tolerance() {
    let mut random = seeded(1);
    let past = past(1_440, |_, _| Reading::Counts { requests: 300, errors: poisson(&mut random, 3.0) });
    let found = rates(&past);
    assert_eq!((found.instances, found.intervals), (8, 1_440));
    assert_eq!(found.proposal.tolerance, Some(1.05));
    assert_eq!(found.proposal.interval, Some(Duration::from_minutes(1)));
    let dispersion = found.dispersion.unwrap();
    assert!((0.4..2.0).contains(&dispersion), "a chi-square over 23: {dispersion}");
    assert!(found.autocorrelation.iter().all(|lag| lag.abs() < 0.05), "{:?}", found.autocorrelation);
    assert!(found.spread.unwrap() < 0.03, "{:?}", found.spread);
    assert!(found.largest_burst <= 4, "{}", found.largest_burst);
    assert!(found.false_alarms.iter().all(|alarms| alarms.runs == 48), "8 hosts, 6 pieces of 4 h: {found:?}");
}

#[test]
fn hosts_that_differ_for_ever_ask_for_a_larger_tolerance() {
    let mut random = seeded(2);
    let hosts: Vec<f64> = (0..HOSTS).map(|_| 3.0 * (0.25 * normal(&mut random)).exp()).collect();
    let past = past(1_440, |_, host| Reading::Counts { requests: 300, errors: poisson(&mut random, hosts[host]) });
    let found = rates(&past);
    assert!(found.proposal.tolerance.is_some_and(|tolerance| tolerance >= 1.25), "{:?}", found.proposal);
    let logs: Vec<f64> = hosts.iter().map(|rate| rate.ln()).collect();
    let mean = logs.iter().sum::<f64>() / HOSTS as f64;
    let spread = (logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / (HOSTS - 1) as f64).sqrt();
    assert!((found.spread.unwrap() - spread).abs() < 0.02, "{:?} {spread}", found.spread);
    let alarms: Vec<u32> = found.false_alarms.iter().map(|alarms| alarms.alarms).collect();
    assert!(alarms.windows(2).all(|pair| pair[0] >= pair[1]), "more tolerance, fewer alarms: {alarms:?}");
}

#[test]
fn episodes_that_outlast_an_interval_ask_for_a_longer_one_and_show_in_the_largest_burst() {
    let mut random = seeded(3);
    let mut left = [0_u32; HOSTS];
    let past = past(1_440, |_, host| {
        if random.random::<f64>() < 1.0 / 60.0 {
            left[host] = 5;
        }
        let extra = if left[host] > 0 { 20.0 } else { 0.0 };
        left[host] = left[host].saturating_sub(1);
        Reading::Counts { requests: 300, errors: poisson(&mut random, 1.0 + extra).min(300) }
    });
    let found = rates(&past);
    assert!(found.autocorrelation[0] > 0.5, "{:?}", found.autocorrelation);
    assert!(
        found.proposal.interval.is_none_or(|interval| interval >= Duration::from_minutes(5)),
        "{:?}",
        found.proposal
    );
    assert!((15..=40).contains(&found.largest_burst), "{}", found.largest_burst);
    assert!(found.dispersion.unwrap() > 5.0, "{:?}", found.dispersion);
    let bursts = MetricSpec { dependence: Dependence::BurstsUpTo(2), ..MetricSpec::default() };
    let applied = found.applied(&bursts);
    assert_eq!(applied.dependence, Dependence::BurstsUpTo(u32::try_from(found.largest_burst).unwrap()));
    assert!(applied.harm >= applied.tolerance);
}

/// statistics.md, section 3.4: tau is at least twice the spread between hosts over the square root of the candidate's.
#[test]
fn hosts_of_different_speed_ask_for_a_tolerance_on_values() {
    let mut random = seeded(4);
    let speeds: Vec<f64> = (0..HOSTS).map(|host| 1.0 + 0.05 * (host as f64 - 3.5) / 2.29).collect();
    let past = past(300, |_, host| Reading::Histogram(latencies(&mut random, speeds[host])));
    let spec = MetricSpec::of(MetricKind::Distribution);
    let history = History { intervals: &past, spec, alpha: 0.01, candidates: 2, rollout: Duration::from_hours(1) };
    let found = calibrate(&history).unwrap();
    // 0.0535 is the standard deviation of the logarithms of the speeds above
    assert!((found.spread.unwrap() - 0.0535).abs() < 0.01, "{:?}", found.spread);
    let tau = found.proposal.value_tolerance.unwrap();
    assert!(tau >= 2.0 * found.spread.unwrap() / 2_f64.sqrt() && tau <= 0.2, "{tau}");
    assert_eq!(found.proposal.tolerance, None, "that of the odds is not asked for");
    assert_eq!(found.applied(&spec).value_tolerance, tau);
}

#[test]
fn a_past_that_says_nothing_is_refused_with_its_place() {
    let good = past(300, |_, _| Reading::Counts { requests: 300, errors: 3 });
    let refused = |history: History<'_>| calibrate(&history).unwrap_err().to_string();
    let spec = MetricSpec::default();
    let history = History { intervals: &good, spec, alpha: 0.01, candidates: 1, rollout: Duration::from_hours(4) };
    for (history, message) in [
        (History { alpha: 0.0, ..history.clone() }, "use `alpha`: expected a probability"),
        (History { candidates: 0, ..history.clone() }, "use `candidates`: expected at least 1"),
        (History { candidates: 8, ..history.clone() }, "use `intervals.instances`: expected more instances than"),
        (History { rollout: Duration::from_hours(9), ..history.clone() }, "use `rollout`: expected at most as long as"),
        (History { rollout: Duration::ZERO, ..history.clone() }, "use `rollout`: expected at least the interval"),
        (History { spec: MetricSpec::of(MetricKind::Samples), ..history.clone() }, "use `kind`: expected a rate or"),
        (
            History { spec: MetricSpec::of(MetricKind::Distribution), ..history.clone() },
            "use `intervals[0].instances.host-0`: expected what a metric of its kind is judged by",
        ),
    ] {
        assert!(refused(history.clone()).contains(message), "{}", refused(history));
    }
    let mut twisted = good.clone();
    twisted[3].end = twisted[3].start;
    let found = refused(History { intervals: &twisted, ..history });
    assert_eq!(found, "use `intervals[3].end`: expected a time after the start, found 0");
}

/// 300 requests of which 297 convert are 3 events where less is worse.
#[test]
fn a_rate_of_which_less_is_worse_is_calibrated_by_what_did_not_happen() {
    let mut random = seeded(5);
    let counts: Vec<u64> = (0..1_440 * HOSTS).map(|_| poisson(&mut random, 3.0)).collect();
    let of = |at: u64, host: usize| counts[usize::try_from(at).unwrap() * HOSTS + host];
    let errors = past(1_440, |at, host| Reading::Counts { requests: 300, errors: of(at, host) });
    let converted = past(1_440, |at, host| Reading::Counts { requests: 300, errors: 300 - of(at, host) });
    let spec = MetricSpec { direction: Direction::LowerIsWorse, ..MetricSpec::default() };
    let history = History { intervals: &converted, spec, alpha: 0.01, candidates: 1, rollout: Duration::from_hours(4) };
    assert_eq!(calibrate(&history).unwrap(), rates(&errors));
}

fn rates(past: &[Past]) -> Calibration {
    let spec = MetricSpec::default();
    calibrate(&History { intervals: past, spec, alpha: 0.01, candidates: 1, rollout: Duration::from_hours(4) }).unwrap()
}

fn past(minutes: u64, mut reading: impl FnMut(u64, usize) -> Reading) -> Vec<Past> {
    let mut of = |at: u64| {
        let named =
            (0..HOSTS).map(|host| (format!("host-{host}"), Instance { since: None, reading: reading(at, host) }));
        Past { start: minute(at), end: minute(at + 1), instances: named.collect::<BTreeMap<_, _>>() }
    };
    (0..minutes).map(&mut of).collect()
}

/// 60 log-normal values in exponential buckets of scale 5.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of a bucket")]
fn latencies(random: &mut Xoshiro256PlusPlus, speed: f64) -> Histogram {
    let mut counts = vec![0; 400];
    for _ in 0..60 {
        let value = 0.1 * speed * (0.5 * normal(random)).exp();
        let index = (value.log2() * 32.0).ceil() - 1.0 + 250.0;
        counts[(index.clamp(0.0, 399.0)) as usize] += 1;
    }
    let positive = Buckets { offset: -250, counts };
    Histogram::exponential(Exponential { positive, ..Exponential::new(5) }).unwrap()
}

/// By twelve uniform numbers: a variance of 1.
fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}
