//! The sequential Mann-Whitney test on samples of single values.

use bellwether_stats::{Direction, RankHarm, RankSpec};
use proptest::prelude::*;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::simulation::{first_time, is_compatible, quantile, reached, seeded};
use crate::tree::{EXACT, Round, value};

type Samples = (Vec<f64>, Vec<f64>);

#[test]
fn evidence_is_fair_whichever_of_the_pooled_values_are_the_treatments() {
    // sizes change from interval to interval, and so do ties
    let pooled =
        [vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![1.0, 1.0, 2.0, 2.0], vec![7.0, 8.0, 9.0, 9.0, 9.0], vec![0.0, 1.0]];
    let rounds: Vec<_> =
        pooled.iter().zip([2, 1, 3, 1]).map(|(values, treated)| exchangeable(values, treated)).collect();
    let play = |harm: &mut RankHarm, round: usize, (control, treatment): &Samples| {
        match round {
            0 => harm.restart(0.6),
            2 => harm.restart(0.3),
            _ => {}
        }
        harm.update(control, treatment);
    };
    let value = |rounds: &[Round<Samples>]| value(&harm(0.0), rounds, &play, &|harm| harm.log_e().exp());
    assert!(value(&rounds) <= EXACT, "{}", value(&rounds));
    assert!(value(&[always_the_largest(&[1.0, 2.0, 3.0, 4.0, 5.0], 2)]) > 1.01);
}

/// Section 3.5: `U - mn/2` is sub-Gaussian with exactly its own variance `mn(m+n+1)/12`, ties included.
#[test]
fn the_statistic_has_no_larger_moments_than_a_normal_one_of_its_variance() {
    for (m, n) in [(1, 1), (1, 2), (2, 2), (1, 5), (3, 3), (2, 6), (4, 4)] {
        for ties in [1, 2, 3] {
            let values: Vec<f64> = (0..m + n).map(|at| f64::from(at / ties)).collect();
            let round = exchangeable(&values, m as usize);
            let (m, n) = (f64::from(m), f64::from(n));
            for step in 1..40 {
                let lambda = 0.05 * f64::from(step);
                let centred = |(control, treatment): &Samples| pairs_lost(control, treatment) - m * n / 2.0;
                let moments = round.outcomes.iter().map(|outcome| (lambda * centred(outcome)).exp());
                let mean = moments.sum::<f64>() / round.outcomes.len() as f64;
                let normal = (lambda * lambda * m * n * (m + n + 1.0) / 24.0).exp();
                assert!(mean <= normal * (1.0 + 1e-12), "{m} {n} {ties} {lambda}: {mean} {normal}");
            }
        }
    }
}

/// Against Simpson's rule over the half-normal prior of `exp(l S - l^2 V / 2)`, for evidence from far below to far above.
#[test]
fn the_closed_form_is_the_mixture_over_a_half_normal_prior() {
    let mut random = seeded(3);
    for effect in [-3.0, -0.5, 0.0, 0.5, 2.0] {
        let (mut harm, mut sum, mut variance) = (harm(0.0), 0.0, 0.0);
        harm.restart(1.0);
        for _ in 0..30 {
            let (control, treatment) = (normals(&mut random, 9, 0.0), normals(&mut random, 4, effect));
            harm.update(&control, &treatment);
            sum += (pairs_lost(&control, &treatment) - 18.0) / 14.0;
            variance += 36.0 / 14.0 / 12.0;
        }
        let spec = RankSpec::default();
        let twice = 2.0 * (1.0 / spec.alpha).ln();
        let prior = 60.0 * (36.0 / 14.0 / 12.0) / (twice + (1.0 + twice).ln());
        let density = |l: f64| 2.0 * (prior / (2.0 * std::f64::consts::PI)).sqrt() * (-l * l * prior / 2.0).exp();
        let simpson = simpson(|l| density(l) * (l * sum - l * l * variance / 2.0).exp(), 40.0);
        assert!((harm.log_e() - simpson.ln()).abs() < 1e-7, "{effect}: {} {}", harm.log_e(), simpson.ln());
    }
}

#[test]
fn equal_arms_rarely_fail_and_slower_ones_nearly_always() {
    // statistics.md, section 3.5: 54 / 6 samples a minute; none 0.4 %, +20 % 97.5 %, with 540 / 60 100 %
    let times = |slower: f64, sizes: (usize, usize), runs: u64, looks: u32| -> Vec<_> {
        let run = |seed| {
            let (mut harm, mut random) = (harm(0.1), seeded(seed));
            harm.restart(1.0);
            first_time(looks, 0.01, |_| {
                let exp = |values: Vec<f64>, factor: f64| {
                    values.into_iter().map(|x| factor * (0.5 * x).exp()).collect::<Vec<_>>()
                };
                let control = exp(normals(&mut random, sizes.0, 0.0), 1.0);
                harm.update(&control, &exp(normals(&mut random, sizes.1, 0.0), slower));
                harm.log_e()
            })
        };
        (0..runs).map(run).collect()
    };
    assert!(is_compatible(reached(&times(1.1, (54, 6), 300, 180)), 300, 0.01), "the edge of the tolerance");
    let slower = times(1.2 * 1.1, (54, 6), 100, 180);
    assert!(reached(&slower) >= 95, "{}", reached(&slower));
    assert!(quantile(&times(1.2 * 1.1, (540, 60), 30, 60), 0.5).unwrap() <= 10);
}

proptest! {
    /// Also with a unit that is no power of two: no rank changes but by rounding of values that are equal.
    #[test]
    fn the_unit_of_the_values_changes_nothing(
        control in prop::collection::vec(1.0..100.0_f64, 3..30),
        treatment in prop::collection::vec(1.0..100.0_f64, 1..10),
        unit in prop::sample::select(vec![1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9]),
    ) {
        let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<_>>();
        let (mut one, mut other) = (harm(0.1), harm(0.1));
        one.restart(1.0);
        other.restart(1.0);
        one.update(&control, &treatment);
        other.update(&scaled(&control), &scaled(&treatment));
        prop_assert_eq!(one.log_e(), other.log_e());
    }

    #[test]
    fn any_values_at_all_leave_a_number(
        intervals in prop::collection::vec((values(), values(), prop::num::f64::ANY), 0..20)
    ) {
        let mut harm = harm(0.1);
        for (control, treatment, mass) in intervals {
            harm.restart(mass);
            harm.update(&control, &treatment);
            prop_assert!(harm.log_e().is_finite(), "{harm:?}");
        }
    }

    #[test]
    fn slower_values_are_never_less_evidence(
        control in prop::collection::vec(1.0..100.0_f64, 1..20),
        treatment in prop::collection::vec((1.0..100.0_f64, 0.0..50.0_f64), 1..10),
    ) {
        let (mut one, mut other) = (harm(0.1), harm(0.1));
        one.restart(1.0);
        other.restart(1.0);
        one.update(&control, &treatment.iter().map(|(value, _)| *value).collect::<Vec<_>>());
        other.update(&control, &treatment.iter().map(|(value, more)| value + more).collect::<Vec<_>>());
        prop_assert!(other.log_e() >= one.log_e() - 1e-12);
    }
}

/// A walk far against the treatment: the tail of the normal distribution, clipped, once raised an alarm in every run.
#[test]
fn a_treatment_that_is_always_better_never_gathers_evidence() {
    let mut harm = harm(0.0);
    harm.restart(1.0);
    let mut last = 0.0;
    for _ in 0..5_000 {
        harm.update(&[2.0; 54], &[1.0; 6]);
        assert!(harm.log_e() <= last);
        last = harm.log_e();
    }
}

fn harm(value_tolerance: f64) -> RankHarm {
    RankHarm::new(&RankSpec { value_tolerance, direction: Direction::HigherIsWorse, ..RankSpec::default() }).unwrap()
}

/// Each choice of the treatment's values among the pooled ones is as probable.
fn exchangeable(values: &[f64], treated: usize) -> Round<Samples> {
    let chosen = (0_u32..1 << values.len()).filter(|mask| mask.count_ones() as usize == treated);
    let split = |mask: u32| {
        let part =
            |of: u32| values.iter().zip(0..).filter(|(_, at)| mask >> at & 1 == of).map(|(value, _)| *value).collect();
        (part(0), part(1))
    };
    let outcomes: Vec<Samples> = chosen.map(split).collect();
    let law = vec![1.0 / outcomes.len() as f64; outcomes.len()];
    Round { outcomes, laws: vec![law] }
}

fn always_the_largest(values: &[f64], treated: usize) -> Round<Samples> {
    let (control, treatment) = values.split_at(values.len() - treated);
    Round { outcomes: vec![(control.to_vec(), treatment.to_vec())], laws: vec![vec![1.0]] }
}

fn pairs_lost(control: &[f64], treatment: &[f64]) -> f64 {
    let pair = |t: f64, c: f64| {
        if t > c {
            1.0
        } else if t < c {
            0.0
        } else {
            0.5
        }
    };
    treatment.iter().map(|t| control.iter().map(|c| pair(*t, *c)).sum::<f64>()).sum()
}

fn normals(random: &mut Xoshiro256PlusPlus, count: usize, mean: f64) -> Vec<f64> {
    let mut normal = || {
        let (radius, angle): (f64, f64) = (random.random(), random.random());
        mean + (-2.0 * (1.0 - radius).ln()).sqrt() * (2.0 * std::f64::consts::PI * angle).cos()
    };
    (0..count).map(|_| normal()).collect()
}

fn simpson(of: impl Fn(f64) -> f64, until: f64) -> f64 {
    let (steps, width) = (200_000, until / 200_000.0);
    let weight = |at: i32| {
        if at == 0 || at == steps {
            1.0
        } else if at % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    (0..=steps).map(|at| weight(at) * of(f64::from(at) * width)).sum::<f64>() * width / 3.0
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![prop::num::f64::ANY, 0.0..10.0_f64], 0..8)
}
