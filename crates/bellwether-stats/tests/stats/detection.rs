//! Medians of the design's tables for detecting harm: shares of 5 % are 300 of 6,000 requests an interval, alpha 1 %.

use bellwether_stats::{Dependence, Harm, HarmSpec};

use crate::simulation::{EQUAL, SMALL, Traffic, first_time, harm_times, quantile, reached, seeded};

const RUNS: u64 = 400;

#[test]
fn clustered_bets_find_harm_as_fast_as_the_table_says() {
    let cells = [
        // 0.1 % x2, share 5 % / 1 % x2, share 5 % / 1 % x2, equal: column "ratio-adapted", r0 = 1 and 1.25
        (Traffic::new(SMALL, 0.001, 2.0), [50, 96]),
        (Traffic::new(SMALL, 0.001, 5.0), [7, 8]),
        (Traffic::new(SMALL, 0.01, 2.0), [10, 15]),
        (Traffic::new(EQUAL, 0.01, 2.0), [21, 35]),
        (from_nothing((450, 50), 0.04), [4, 4]),
        (from_nothing((50, 50), 0.04), [11, 13]),
        (Traffic::new((5_940, 60), 0.001, 2.0), [244, 482]),
        (Traffic::new((950, 50), 0.001, 2.0), [296, 622]),
    ];
    for (traffic, expected) in cells {
        check(Dependence::Clustered, traffic, expected);
    }
}

#[test]
fn the_grid_finds_harm_as_fast_as_the_table_says() {
    let cells = [
        // the same rows, column "grid of 3.1"
        (Traffic::new(SMALL, 0.001, 2.0), [54, 110]),
        (Traffic::new(SMALL, 0.001, 5.0), [6, 7]),
        (Traffic::new(SMALL, 0.01, 2.0), [6, 13]),
        (Traffic::new(EQUAL, 0.01, 2.0), [12, 28]),
        (from_nothing((450, 50), 0.04), [2, 2]),
        (from_nothing((50, 50), 0.04), [5, 5]),
        (Traffic::new((5_940, 60), 0.001, 2.0), [248, 544]),
        (Traffic::new((950, 50), 0.001, 2.0), [314, 688]),
    ];
    for (traffic, expected) in cells {
        check(Dependence::Independent, traffic, expected);
    }
}

#[test]
fn errors_from_nowhere_are_found_within_thirteen_intervals_at_equal_arms_and_four_at_a_tenth() {
    // design, figures to reach: 0 -> 5 %, clustered
    for (arms, limit) in [((50, 50), 13), ((450, 50), 4)] {
        let times = harm_times(&harm(Dependence::Clustered, 1.25), from_nothing(arms, 0.05), 100, RUNS);
        assert!(quantile(&times, 0.5).unwrap() <= limit);
    }
}

#[test]
fn twice_the_rate_is_found_within_three_hours() {
    // design, figures to reach: 0.1 % x2, share 5 %, 180 intervals; r0 1: median <= 55, power >= 99 %; 1.25: 110, 82 %
    for (tolerance, median, power) in [(1.0, 55, 0.99), (1.25, 110, 0.82)] {
        let traffic = Traffic::new(SMALL, 0.001, 2.0);
        let times = harm_times(&harm(Dependence::Clustered, tolerance), traffic, 180, RUNS);
        assert!(quantile(&times, 0.5).unwrap() <= median);
        assert!(reached(&times) as f64 >= power * RUNS as f64);
    }
}

#[test]
fn no_outage_is_found_in_fewer_intervals_than_the_stated_minimum() {
    // design, section 3.2: 2 at 5 %, 3 at 10 %, 8 at 50 %, which holds for r0 = 1.25
    let fresh = harm(Dependence::Clustered, 1.25);
    for (share, arms, minimum) in [(0.05, (5_700, 300), 2), (0.1, (5_400, 600), 3), (0.5, (3_000, 3_000), 8)] {
        assert_eq!(fresh.minimum_intervals(share, 0.01), minimum);
        let times = harm_times(&fresh, from_nothing(arms, 1.0), 20, 1);
        assert!(times[0].unwrap() >= minimum && times[0].unwrap() <= minimum + 1, "{times:?}");
    }
    assert_eq!(harm(Dependence::Independent, 1.25).minimum_intervals(0.5, 0.01), 1);
    assert_eq!(fresh.minimum_intervals(0.5, 0.0), u32::MAX);
    assert_eq!(fresh.minimum_intervals(f64::NAN, 0.01), u32::MAX);
}

#[test]
fn bounded_bursts_see_an_outage_on_equal_arms_at_once() {
    // design, section 3.3: 0 -> 100 % at 50 / 50 with B = 20: 4 intervals
    let times = harm_times(&harm(Dependence::BurstsUpTo(20), 1.25), from_nothing((50, 50), 1.0), 20, RUNS);
    let median = quantile(&times, 0.5).unwrap();
    assert!((3..=5).contains(&median), "{median}");
}

#[test]
fn the_floor_does_not_delay_what_is_above_it() {
    // at a base of 0.1 % and a floor of 0.01 % the ratio is what takes time
    let traffic = Traffic::new(SMALL, 0.001, 2.0);
    let whole = |dependence, seed| {
        let (mut harm, mut random) = (harm(dependence, 1.25), seeded(seed));
        harm.restart(1.0);
        first_time(1_000, 0.01, |_| {
            harm.update(&traffic.interval(&mut random));
            harm.log_e()
        })
    };
    for dependence in [Dependence::Clustered, Dependence::BurstsUpTo(1), Dependence::Independent] {
        let alone = harm_times(&harm(dependence, 1.25), traffic, 1_000, 100);
        let whole: Vec<_> = (0..100).map(|seed| whole(dependence, seed)).collect();
        let same = alone.iter().zip(&whole).filter(|(alone, whole)| alone == whole).count();
        assert!(same >= 95, "{dependence:?}: {same} of 100");
    }
}

#[test]
fn a_mixture_over_restarts_finds_a_late_fault() {
    // design, section 2: column "mixture", r0 = 1.25, minutes from the onset at a base of 0.1 % and 1 %
    let cells = [(0, 0, [494, 57]), (720, 2, [46, 25]), (1_080, 3, [68, 52])];
    for (onset, step, expected) in cells {
        for (base, expected) in [0.001, 0.01].into_iter().zip(expected) {
            let times: Vec<_> = (0..600).map(|seed| ramp_time(seed, base, onset)).collect();
            let median = quantile(&times, 0.5).unwrap();
            assert!(is_near(median, expected), "step {step}, base {base}: {median} instead of {expected}");
        }
    }
}

#[test]
fn one_accumulating_process_misses_a_late_fault() {
    // design, section 2: column "one accumulating E", x2 after 120 minutes in the 50 % step: never
    let late = |seed| ramp(seed, 0.01, 1_080, |harm, minute| harm.restart(if minute == 0 { 1.0 } else { 0.0 }));
    let times: Vec<_> = (0..100).map(late).collect();
    assert_eq!(quantile(&times, 0.5), None);
}

fn check(dependence: Dependence, traffic: Traffic, expected: [u32; 2]) {
    for (tolerance, expected) in [1.0, 1.25].into_iter().zip(expected) {
        let times = harm_times(&harm(dependence, tolerance), traffic, 2_000, RUNS);
        let median = quantile(&times, 0.5).unwrap();
        assert!(is_near(median, expected), "{dependence:?} r0 {tolerance} {traffic:?}: {median} instead of {expected}");
    }
}

/// Within 10 % or one interval, as the design asks.
fn is_near(found: u32, expected: u32) -> bool {
    f64::from(found.abs_diff(expected)) <= (f64::from(expected) * 0.1).max(1.0)
}

fn harm(dependence: Dependence, tolerance: f64) -> Harm {
    Harm::new(&HarmSpec { dependence, tolerance, ..HarmSpec::default() }).unwrap()
}

/// A baseline without events and a candidate with this rate.
fn from_nothing(arms: (u64, u64), rate: f64) -> Traffic {
    Traffic::new(arms, 1e-12, rate / 1e-12)
}

fn ramp_time(seed: u64, base: f64, onset: u32) -> Option<u32> {
    ramp(seed, base, onset, crate::simulation::restart_by_plan)
}

/// Minutes from the onset of twice the rate to the alarm on the ramp, alarms before it included as none.
fn ramp(seed: u64, base: f64, onset: u32, restart: impl Fn(&mut Harm, u32)) -> Option<u32> {
    let (mut harm, mut random) = (harm(Dependence::Clustered, 1.25), seeded(seed));
    let alarm = first_time(1_200, 0.01, |look| {
        let minute = look - 1;
        restart(&mut harm, minute);
        let ratio = if minute < onset { 1.0 } else { 2.0 };
        harm.update(&Traffic::new(crate::simulation::ramp_arms(minute), base, ratio).interval(&mut random));
        harm.log_e_ratio()
    });
    alarm.and_then(|alarm| alarm.checked_sub(onset))
}
